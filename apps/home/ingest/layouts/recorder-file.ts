import { setImmediate as nextTurn } from "node:timers/promises";
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
const EVENT_TYPES = ["homeassistant_start", "automation_triggered", "script_started"] as const;

/** What a column holds; ids of contexts are bytes or a text. */
export type RecorderValue = string | number | bigint | Uint8Array | null;

export interface StateRow {
  readonly id: number;
  readonly entity: string | null;
  readonly state: string | null;
  /** Seconds since the epoch, or a text in UTC, by the age of the database. */
  readonly changed: RecorderValue;
  readonly updated: RecorderValue;
  readonly context: RecorderValue;
  readonly parent: RecorderValue;
  readonly user: RecorderValue;
}

export interface EventRow {
  readonly type: string;
  readonly fired: RecorderValue;
  readonly context: RecorderValue;
}

/** The tables of a recorder, wherever they lie. */
export interface RecorderTables {
  /** Whether states say in what context they came to be. */
  readonly hasContexts: boolean;
  /** States of higher ids, in order of their ids. */
  statesAfter(id: number, limit: number): Promise<readonly StateRow[]>;
  /** The highest id of a state; 0 when there is none. */
  lastId(): Promise<number>;
  /** All events of these types. */
  events(types: readonly string[]): Promise<readonly EventRow[]>;
  close(): Promise<void>;
}

interface Mark {
  readonly id: number;
  readonly updated: string;
}

/** States of a recorder database in order of their ids: a line number is the row's `state_id`. */
export class RecorderFile implements EventFile {
  readonly layout = "Home Assistant recorder database";
  readonly #tables: RecorderTables;
  readonly #lastId: number;
  /** When Home Assistant started, in order. */
  readonly #starts: readonly number[];
  /** Contexts that an automation or a script opened. */
  readonly #contexts: ReadonlyMap<string, Cause>;
  /** The latest state of each entity, and how many starts of Home Assistant came before it. */
  readonly #latest = new Map<string, { readonly state: string; readonly starts: number }>();
  #mark: Mark = { id: 0, updated: "" };

  private constructor(tables: RecorderTables, lastId: number, events: readonly EventRow[]) {
    this.#tables = tables;
    this.#lastId = lastId;
    this.#starts = startsIn(events);
    this.#contexts = contextsIn(events);
  }

  static async open(tables: RecorderTables): Promise<RecorderFile> {
    return new RecorderFile(tables, await tables.lastId(), await tables.events(EVENT_TYPES));
  }

  async resume(text: string): Promise<boolean> {
    const mark = JSON.parse(text) as Mark;
    if (mark.id === 0) return false;
    const row = (await this.#tables.statesAfter(mark.id - 1, 1))[0];
    if (row?.id !== mark.id || String(row.updated) !== mark.updated) return false;
    // What came before decides which of the new rows are changes.
    for (let id = 0; id < mark.id;) {
      const rows = (await this.#tables.statesAfter(id, ROWS_AT_ONCE)).filter((candidate) => candidate.id <= mark.id);
      for (const seen of rows) this.#itemOf(seen);
      id = rows.at(-1)?.id ?? mark.id;
    }
    return true;
  }

  async *batches(signal?: AbortSignal): AsyncIterable<Batch> {
    for (;;) {
      signal?.throwIfAborted();
      const rows = await this.#tables.statesAfter(this.#mark.id, ROWS_AT_ONCE);
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
    return this.#tables.close();
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
    if (!this.#tables.hasContexts) return "unknown";
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

function startsIn(events: readonly EventRow[]): readonly number[] {
  return events
    .filter(({ type }) => type === "homeassistant_start")
    .flatMap(({ fired }) => instantOf(fired) ?? [])
    .sort((a, b) => a - b);
}

function contextsIn(events: readonly EventRow[]): ReadonlyMap<string, Cause> {
  return new Map(
    events.flatMap(({ type, context }) =>
      type === "homeassistant_start"
        ? []
        : [[keyOf(context), type === "script_started" ? "script" : "automation"] as const],
    ),
  );
}

function instantOf(value: RecorderValue): number | undefined {
  if (typeof value === "number") return secondsToMs(value);
  return typeof value === "string" ? parseInstant(value, UTC) : undefined;
}

function keyOf(value: RecorderValue): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}
