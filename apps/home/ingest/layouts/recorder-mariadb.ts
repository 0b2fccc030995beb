import { MillraceError } from "millrace";
import type { Connection, ConnectionOptions, RowDataPacket } from "mysql2/promise";
import { withoutPassword } from "../event-place.ts";
import type { EventRow, RecorderTables, StateRow } from "./recorder-file.ts";
import type { RecorderServer } from "./recorder-server.ts";
import { hasContexts, type RecorderColumns, type RecorderDialect, selectEvents, selectStates } from "./recorder-sql.ts";

const CONNECT_MS = 10_000;
const STATEMENT_S = 60;
/** For an answer of a server that can no longer be reached, and so keeps no limit itself, in milliseconds. */
const SILENCE_MS = STATEMENT_S * 1_000 + 10_000;
const DEFAULT_PORT = 3306;

/** Whatever is asked, nothing is written; quotes are as in every other database. */
const PREPARE = [
  "set session transaction read only",
  "set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')",
  "set session time_zone = '+00:00'",
];
/** MariaDB's word for it, and MySQL's: each knows one of them. */
const LIMITS = [
  `set session max_statement_time = ${STATEMENT_S}`,
  `set session max_execution_time = ${STATEMENT_S}000`,
];

const COLUMNS = `
  select column_name as name, data_type as type from information_schema.columns
  where table_schema = database() and table_name = ?`;

const LAST = "select max(state_id) as id from states";
const STAMP = "select concat_ws('-', min(state_id), max(state_id)) as stamp from states";

/** What another try does not cure: who we are, the database's name, what we may do. */
const FINAL = /^ER_(?:ACCESS_DENIED|DBACCESS_DENIED|BAD_DB|TABLEACCESS_DENIED|COLUMNACCESS_DENIED|NOT_SUPPORTED_AUTH)/;

const MARIADB: RecorderDialect = {
  text: (column) => column,
  instant(column, type) {
    if (type === "double") return column;
    // What version 41 left behind of a text column holds no time.
    if (type !== "datetime" && type !== "timestamp") return undefined;
    return `timestampdiff(microsecond, '1970-01-01', ${column}) / 1e6`;
  },
  key: (column, type) => (/blob|binary/.test(type) ? `lower(hex(${column}))` : column),
};

/** The recorder on MariaDB or MySQL. */
export const mariadbRecorder: RecorderServer = {
  async connect(address) {
    const client = await connect(address);
    return {
      async columnsOf(table) {
        const rows = await rowsOf<{ name: string; type: string }>(client, COLUMNS, [table]);
        return new Map(rows.map(({ name, type }) => [name, type]));
      },
      tables: (columns) => tablesOf(client, columns),
      async stamp() {
        const [row] = await rowsOf<{ stamp: string }>(client, STAMP);
        return row?.stamp ?? "";
      },
      leave: () => client.destroy(),
    };
  },
  isFinal: (code) => FINAL.test(code),
};

function tablesOf(client: Connection, columns: RecorderColumns): RecorderTables {
  const states = `${selectStates(columns, MARIADB)} where s.state_id > ? order by s.state_id`;
  const events = selectEvents(columns, MARIADB);
  return {
    hasContexts: hasContexts(columns),
    // A limit as a parameter is not taken by every version.
    statesAfter: (id, limit) => rowsOf<StateRow>(client, `${states} limit ${Math.floor(limit)}`, [id]),
    async lastId() {
      const [row] = await rowsOf<{ id: number | null }>(client, LAST);
      return row?.id ?? 0;
    },
    async events(types) {
      if (events === undefined) return [];
      return await rowsOf<EventRow>(client, `${events} where type in (${types.map(() => "?").join(", ")})`, types);
    },
    close: () => client.end(),
  };
}

/** Runs a prepared statement. */
async function rowsOf<R>(
  client: Connection,
  sql: string,
  values: readonly (number | string)[] = [],
): Promise<readonly R[]> {
  const [rows] = await client.execute<RowDataPacket[]>({ sql, values: [...values], timeout: SILENCE_MS });
  return rows as unknown as readonly R[];
}

async function connect(address: string): Promise<Connection> {
  const { createConnection } = await driver(address);
  let client: Connection | undefined;
  try {
    client = await createConnection(toOptions(address));
    // A connection that breaks fails the query that is under way, or the next one.
    client.on("error", () => undefined);
    for (const sql of PREPARE) await client.query(sql);
    for (const sql of LIMITS) await client.query(sql).catch(() => undefined);
    return client;
  } catch (error) {
    client?.destroy();
    throw error;
  }
}

function toOptions(address: string): ConnectionOptions {
  const { hostname, port, username, password, pathname, searchParams } = new URL(address);
  const socketPath = searchParams.get("unix_socket");
  return {
    ...(socketPath === null
      ? { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? DEFAULT_PORT : Number(port) }
      : { socketPath }),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password === "" ? (searchParams.get("password") ?? "") : password),
    database: decodeURIComponent(pathname.slice(1)),
    connectTimeout: CONNECT_MS,
    // Rows are read without code that is made for them.
    disableEval: true,
    timezone: "Z",
  };
}

/** The driver is the user's to install: few homes need it. */
async function driver(address: string) {
  try {
    return await import("mysql2/promise");
  } catch (error) {
    const database = withoutPassword(address);
    throw new MillraceError("EVENTS_UNREADABLE", `The database ${database} cannot be read without its driver.`, {
      facts: { database },
      advice:
        "Install it with `npm install mysql2`; or leave events out, and have Home Assistant itself read by MILLRACE_HOME_ASSISTANT_URL and MILLRACE_HOME_ASSISTANT_TOKEN.",
      isRetryable: false,
      cause: error,
    });
  }
}
