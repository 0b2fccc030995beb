import pg from "pg";
import type { EventRow, RecorderTables, StateRow } from "./recorder-file.ts";
import type { RecorderServer } from "./recorder-server.ts";
import { hasContexts, type RecorderColumns, type RecorderDialect, selectEvents, selectStates } from "./recorder-sql.ts";

const CONNECT_MS = 10_000;
const STATEMENT_MS = 60_000;
/** For an answer of a server that can no longer be reached, and so keeps no limit itself. */
const SILENCE_MS = STATEMENT_MS + 10_000;

/** Whatever is asked, nothing is written. */
const PREPARE = `
  set session characteristics as transaction read only;
  set statement_timeout = ${STATEMENT_MS}`;

/** By itself the driver gives 64-bit numbers as text. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
};

const COLUMNS = `
  select attname as name, atttypid::regtype::text as type from pg_attribute
  where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`;

const LAST = "select max(state_id)::float8 as id from states";
const STAMP = "select concat(min(state_id), '-', max(state_id)) as stamp from states";

/** Codes of Postgres that another try does not cure: who we are, the database's name, what we may do. */
const FINAL = /^(?:28|3D|42501)/;

const POSTGRES: RecorderDialect = {
  text: (column) => `${column}::text`,
  instant(column, type) {
    if (type === "double precision") return column;
    // What version 41 left behind of a text column holds no time.
    return type.startsWith("timestamp") ? `extract(epoch from ${column})::float8` : undefined;
  },
  key: (column, type) => (type === "bytea" ? `encode(${column}, 'hex')` : `${column}::text`),
};

/** The recorder on Postgres. */
export const postgresRecorder: RecorderServer = {
  async connect(address) {
    const client = await connect(address);
    return {
      async columnsOf(table) {
        const { rows } = await client.query<{ name: string; type: string }>(COLUMNS, [table]);
        return new Map(rows.map(({ name, type }) => [name, type]));
      },
      tables: (columns) => tablesOf(client, columns),
      async stamp() {
        const { rows } = await client.query<{ stamp: string }>(STAMP);
        return rows[0]?.stamp ?? "";
      },
      leave: () => client.end(),
    };
  },
  isFinal: (code) => FINAL.test(code),
};

function tablesOf(client: pg.Client, columns: RecorderColumns): RecorderTables {
  const states = `${selectStates(columns, POSTGRES)} where s.state_id > $1 order by s.state_id limit $2`;
  const events = selectEvents(columns, POSTGRES);
  return {
    hasContexts: hasContexts(columns),
    async statesAfter(id, limit) {
      return (await client.query<StateRow>({ name: "states", text: states, values: [id, limit], types: TYPES })).rows;
    },
    async lastId() {
      const { rows } = await client.query<{ id: number | null }>(LAST);
      return rows[0]?.id ?? 0;
    },
    async events(types) {
      if (events === undefined) return [];
      return (await client.query<EventRow>(`${events} where type = any($1)`, [types])).rows;
    },
    close: () => client.end(),
  };
}

async function connect(address: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: address,
    application_name: "millrace",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: SILENCE_MS,
  });
  // A connection that breaks fails the query that is under way, or the next one.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(PREPARE);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
