import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Cause } from "../../domain/event.ts";
import { openZone } from "../../domain/zone.ts";
import type { EventFile } from "../event-file.ts";
import { toState } from "../event-fields.ts";
import { isGap } from "../gaps.ts";
import type { Batch, ReadItem } from "../item.ts";
import { secondsToMs } from "../../home-assistant/instant.ts";
import { parseInstant } from "../timestamp.ts";

const ROWS_AT_ONCE = 2_000;
const UTC = openZone("UTC");

interface StateRow {
  readonly id: number;
  readonly entity: string | null;
  readonly state: string | null;
  /** Seconds since the epoch, or a text in UTC, by the age of the database. */
  readonly changed: SQLOutputValue;
  readonly updated: SQLOutputValue;
  readonly context: SQLOutputValue;
  readonly parent: SQLOutputValue;
  readonly user: SQLOutputValue;
}

interface Mark {
  readonly id: number;
  readonly updated: string;
}

interface RecorderOptions {
  readonly path: string;
  /** False for a database that a running Home Assistant writes: what it has not yet moved to the main file is then read as well. */
  readonly isImmutable: boolean;
}

/** Opens the recorder database of Home Assistant. Gives undefined when the file has no table of states; throws when SQLite cannot read it. */
export function openRecorder({ path, isImmutable }: RecorderOptions): EventFile | undefined {
  const url = pathToFileURL(path);
  if (isImmutable) url.searchParams.set("immutable", "1");
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    const columns = columnsOf(database, "states");
    if (columns.has("state_id") && columns.has("state")) return new RecorderFile(database, columns);
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return undefined;
}

/** States of a recorder database in order of their ids: a line number is the row's `state_id`. */
class RecorderFile implements EventFile {
  readonly layout = "Home Assistant recorder database";
  readonly #database: DatabaseSync;
  readonly #rowsAfter: StatementSync;
  readonly #lastId: number;
  readonly #starts: readonly number[];
  /** Contexts that an automation or a script opened. */
  readonly #contexts: ReadonlyMap<string, Cause>;
  readonly #hasContexts: boolean;
  /** The latest state of each entity, and how many starts of Home Assistant came before it. */
  readonly #latest = new Map<string, { readonly state: string; readonly starts: number }>();
  #mark: Mark = { id: 0, updated: "" };

  constructor(database: DatabaseSync, columns: ReadonlySet<string>) {
    this.#database = database;
    this.#rowsAfter = database.prepare(rowsAfter(database, columns));
    this.#lastId = Number(database.prepare("select max(state_id) as id from states").get()?.["id"] ?? 0);
    this.#starts = startsOf(database);
    this.#contexts = contextsOf(database);
    this.#hasContexts = columns.has("context_id") || columns.has("context_id_bin");
  }

  resume(text: string): Promise<boolean> {
    const mark = JSON.parse(text) as Mark;
    if (mark.id === 0) return Promise.resolve(false);
    const row = this.#after(mark.id - 1, 1)[0];
    if (row?.id !== mark.id || String(row.updated) !== mark.updated) return Promise.resolve(false);
    // What came before decides which of the new rows are changes.
    for (let id = 0; id < mark.id;) {
      const rows = this.#after(id, ROWS_AT_ONCE).filter((candidate) => candidate.id <= mark.id);
      for (const seen of rows) this.#itemOf(seen);
      id = rows.at(-1)?.id ?? mark.id;
    }
    return Promise.resolve(true);
  }

  async *batches(signal?: AbortSignal): AsyncIterable<Batch> {
    for (;;) {
      signal?.throwIfAborted();
      const rows = this.#after(this.#mark.id, ROWS_AT_ONCE);
      if (rows.length === 0) return;
      const items = rows.map((row) => this.#itemOf(row)).filter((item) => item !== undefined);
      if (items.length > 0) yield { items, isTail: false, fraction: Math.min(1, this.#mark.id / this.#lastId) };
      await nextTurn();
    }
  }

  mark(): string {
    return JSON.stringify(this.#mark);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #after(id: number, limit: number): readonly StateRow[] {
    return this.#rowsAfter.all({ id, limit }) as unknown as readonly StateRow[];
  }

  /** Undefined for a row that is no change of a state: other attributes, a gap, or the same state again. */
  #itemOf(row: StateRow): ReadItem | undefined {
    this.#mark = { id: row.id, updated: String(row.updated) };
    const { id: line, entity } = row;
    if (entity === null || entity === "") return { kind: "skipped", line, reason: "the row names no entity" };
    const state = toState(row.state ?? "");
    if (isGap(state)) return undefined;
    const at = instantOf(row.updated);
    if (at === undefined) return { kind: "skipped", line, reason: "the row has no time" };
    const starts = this.#startsUntil(at);
    const latest = this.#latest.get(entity);
    this.#latest.set(entity, { state, starts });
    if (latest?.state === state || isOfAttributes(row, at)) return undefined;
    const isFirst = latest === undefined || latest.starts < starts;
    return { kind: "event", line, event: { at, entityId: entity, state, cause: this.#causeOf(row, isFirst) } };
  }

  /** A start restores states: the first change of an entity after it is nobody's act. */
  #causeOf(row: StateRow, isFirstAfterStart: boolean): Cause {
    if (!this.#hasContexts) return "unknown";
    if (row.user !== null) return "user";
    const known = this.#contexts.get(keyOf(row.context));
    if (known !== undefined) return known;
    if (row.parent !== null) return "automation";
    return isFirstAfterStart ? "startup" : "physical";
  }

  #startsUntil(at: number): number {
    let count = this.#starts.length;
    while (count > 0 && (this.#starts[count - 1] ?? 0) > at) count -= 1;
    return count;
  }
}

function isOfAttributes(row: StateRow, at: number): boolean {
  const changedAt = row.changed === null ? at : instantOf(row.changed);
  return changedAt !== at;
}

/** Columns came and went with the versions, so the statement is made for those that are there. */
function rowsAfter(database: DatabaseSync, columns: ReadonlySet<string>): string {
  const hasNames = columns.has("metadata_id") && columnsOf(database, "states_meta").has("entity_id");
  const own = (...names: string[]) => names.filter((name) => columns.has(name)).map((name) => `s.${name}`);
  return `
    select s.state_id as id, s.state as state,
      ${firstOf([...(hasNames ? ["m.entity_id"] : []), ...own("entity_id")])} as entity,
      ${firstOf(own("last_changed_ts", "last_changed"))} as changed,
      ${firstOf(own("last_updated_ts", "last_updated"))} as updated,
      ${firstOf(own("context_id_bin", "context_id"))} as context,
      ${firstOf(own("context_parent_id_bin", "context_parent_id"))} as parent,
      ${firstOf(own("context_user_id_bin", "context_user_id"))} as user
    from states s ${hasNames ? "left join states_meta m on m.metadata_id = s.metadata_id" : ""}
    where s.state_id > :id order by s.state_id limit :limit`;
}

function startsOf(database: DatabaseSync): readonly number[] {
  return eventsOf(database, ["homeassistant_start"])
    .flatMap(({ fired }) => instantOf(fired) ?? [])
    .sort((a, b) => a - b);
}

function contextsOf(database: DatabaseSync): ReadonlyMap<string, Cause> {
  const rows = eventsOf(database, ["automation_triggered", "script_started"]);
  return new Map(
    rows.map(({ type, context }) => [keyOf(context), type === "script_started" ? "script" : "automation"] as const),
  );
}

interface EventRow {
  readonly type: string;
  readonly fired: SQLOutputValue;
  readonly context: SQLOutputValue;
}

function eventsOf(database: DatabaseSync, types: readonly string[]): readonly EventRow[] {
  const columns = columnsOf(database, "events");
  if (!columns.has("event_id")) return [];
  const hasTypes = columns.has("event_type_id") && columnsOf(database, "event_types").has("event_type");
  const own = (...names: string[]) => names.filter((name) => columns.has(name)).map((name) => `e.${name}`);
  const type = firstOf([...(hasTypes ? ["t.event_type"] : []), ...own("event_type")]);
  const statement = database.prepare(`
    select ${type} as type,
      ${firstOf(own("time_fired_ts", "time_fired"))} as fired,
      ${firstOf(own("context_id_bin", "context_id"))} as context
    from events e ${hasTypes ? "left join event_types t on t.event_type_id = e.event_type_id" : ""}
    where ${type} in (select value from json_each(:types))`);
  return statement.all({ types: JSON.stringify(types) }) as unknown as readonly EventRow[];
}

function columnsOf(database: DatabaseSync, table: string): ReadonlySet<string> {
  return new Set(
    database
      .prepare("select name from pragma_table_info(:table)")
      .all({ table })
      .map(({ name }) => String(name)),
  );
}

function firstOf(expressions: readonly string[]): string {
  return expressions.length > 1 ? `coalesce(${expressions.join(", ")})` : (expressions[0] ?? "null");
}

function instantOf(value: SQLOutputValue): number | undefined {
  if (typeof value === "number") return secondsToMs(value);
  return typeof value === "string" ? parseInstant(value, UTC) : undefined;
}

function keyOf(value: SQLOutputValue): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}
