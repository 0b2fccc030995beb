/** The columns of a table and their types; empty where there is no such table. */
export type Columns = ReadonlyMap<string, string>;

/** The columns of the tables that are read. */
export interface RecorderColumns {
  readonly states: Columns;
  readonly states_meta: Columns;
  readonly events: Columns;
  readonly event_types: Columns;
}

/** Reads them, table by table. */
export async function readColumns(of: (table: string) => Columns | Promise<Columns>): Promise<RecorderColumns> {
  return {
    states: await of("states"),
    states_meta: await of("states_meta"),
    events: await of("events"),
    event_types: await of("event_types"),
  };
}

/** Gives the expression for what a column holds; undefined for one whose type cannot hold it. */
type Write = (column: string, type: string) => string | undefined;

/** How a database writes what the recorder's columns hold. */
export interface RecorderDialect {
  readonly text: Write;
  /** Seconds since the epoch as a number, or a text in UTC. */
  readonly instant: Write;
  /** What names a context or a user. */
  readonly key: Write;
}

/** Asks whether a database is a recorder's. */
export function isRecorder({ states }: RecorderColumns): boolean {
  return states.has("state_id") && states.has("state");
}

export function hasContexts({ states }: RecorderColumns): boolean {
  return states.has("context_id") || states.has("context_id_bin");
}

/**
 * The states, without a condition: `s` is their table. Columns came and went with the versions, so it is made for those that are there;
 * version 41 and later leave the old ones behind, empty.
 */
export function selectStates(columns: RecorderColumns, dialect: RecorderDialect): string {
  const { states, states_meta: meta } = columns;
  const hasNames = states.has("metadata_id") && meta.has("entity_id");
  const own = firstIn("s", states);
  const names = hasNames ? firstIn("m", meta).all(dialect.text, "entity_id") : [];
  return `
    select s.state_id as id, ${own.first(dialect.text, "state")} as state,
      ${coalesce([...names, ...own.all(dialect.text, "entity_id")])} as entity,
      ${own.first(dialect.instant, "last_changed_ts", "last_changed")} as changed,
      ${own.first(dialect.instant, "last_updated_ts", "last_updated")} as updated,
      ${own.first(dialect.key, "context_id_bin", "context_id")} as context,
      ${own.first(dialect.key, "context_parent_id_bin", "context_parent_id")} as parent,
      ${own.first(dialect.key, "context_user_id_bin", "context_user_id")} as "user"
    from states s ${hasNames ? "left join states_meta m on m.metadata_id = s.metadata_id" : ""}`;
}

/** All events, as a table of type, fired and context; undefined where the database keeps none. */
export function selectEvents(columns: RecorderColumns, dialect: RecorderDialect): string | undefined {
  const { events, event_types: types } = columns;
  if (!events.has("event_id")) return undefined;
  const hasTypes = events.has("event_type_id") && types.has("event_type");
  const own = firstIn("e", events);
  const named = hasTypes ? firstIn("t", types).all(dialect.text, "event_type") : [];
  return `
    select * from (
      select ${coalesce([...named, ...own.all(dialect.text, "event_type")])} as type,
        ${own.first(dialect.instant, "time_fired_ts", "time_fired")} as fired,
        ${own.first(dialect.key, "context_id_bin", "context_id")} as context
      from events e ${hasTypes ? "left join event_types t on t.event_type_id = e.event_type_id" : ""}
    ) as fired_events`;
}

function firstIn(table: string, columns: Columns) {
  function all(write: Write, ...names: readonly string[]): readonly string[] {
    return names.flatMap((name) => {
      const type = columns.get(name);
      return type === undefined ? [] : (write(`${table}.${name}`, type) ?? []);
    });
  }
  return { all, first: (write: Write, ...names: readonly string[]) => coalesce(all(write, ...names)) };
}

function coalesce(expressions: readonly string[]): string {
  return expressions.length > 1 ? `coalesce(${expressions.join(", ")})` : (expressions[0] ?? "null");
}
