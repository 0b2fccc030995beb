import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MillraceError } from "../../core/errors.ts";
import type { Row, SqlParams, SqlValue } from "../store.ts";
import { type ConnectionParams, openConnection, readSettings } from "./connection.ts";
import { toRow, toRows } from "./rows.ts";
import { isEnvironment, reasonOf } from "./sqlite-error.ts";
import { createSlowStatements, type SlowStatements, type SlowStatementsOptions } from "./slow-statements.ts";
import { createStatementCache } from "./statement-cache.ts";
import { parseStatement, type StatementText } from "./statement-text.ts";
import { toValues } from "./values.ts";

/** Small reads on the calling thread. In WAL mode they never wait for a writer. */
export interface Reader {
  get(sql: string, params?: SqlParams): Row | undefined;
  all(sql: string, params?: SqlParams): Row[];
  /** Changes whenever another connection has written. */
  version(): number;
  settings(): Readonly<Record<string, SqlValue>>;
  close(): void;
}

export interface ReaderParams extends Omit<ConnectionParams, "readOnly"> {
  /** Default: slow reads are not told of. */
  readonly slow?: SlowStatementsOptions;
}

interface Prepared extends StatementText {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
}

export function openReader({ slow, ...params }: ReaderParams): Reader {
  return openReaderOn(openConnection({ ...params, readOnly: true }), slow);
}

/** A reader on a connection that is open already, and that it closes. */
export function openReaderOn(database: DatabaseSync, slow?: SlowStatementsOptions): Reader {
  const watch: SlowStatements["watch"] =
    slow === undefined ? (_sql, run) => run() : createSlowStatements(database, slow).watch;
  const prepared = createStatementCache<string, Prepared>();
  const dataVersion = database.prepare("pragma data_version");
  dataVersion.setReturnArrays(true);

  function read<T>(sql: string, params: SqlParams, run: (statement: Prepared, values: SqlValue[]) => T): T {
    requireOpen(database);
    const statement = attempt(sql, () => prepared.get(sql, () => prepare(database, sql)));
    const values = toValues(statement, params);
    return attempt(sql, () =>
      watch(statement.bySlot, () => withLargeIntegers(statement, () => run(statement, values))),
    );
  }

  return {
    get: (sql, params = {}) =>
      read(sql, params, ({ statement, columns }, values) => {
        const row = statement.get(...values) as unknown as SqlValue[] | undefined;
        return row === undefined ? undefined : toRow(columns, row);
      }),
    all: (sql, params = {}) =>
      read(sql, params, ({ statement, columns }, values) =>
        toRows(columns, statement.all(...values) as unknown as SqlValue[][]),
      ),
    version() {
      requireOpen(database);
      return Number((dataVersion.get() as unknown as readonly unknown[])[0]);
    },
    settings: () => readSettings(database),
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const text = parseStatement(sql);
  const statement = database.prepare(text.bySlot);
  statement.setReturnArrays(true);
  return { ...text, statement, columns: statement.columns().map((column) => column.name) };
}

/** Reads again with bigints when an integer is beyond 2^53: rare, and the others are spared the detour. */
function withLargeIntegers<T>({ statement }: Prepared, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_OUT_OF_RANGE") throw error;
    statement.setReadBigInts(true);
    try {
      return run();
    } finally {
      statement.setReadBigInts(false);
    }
  }
}

function requireOpen(database: DatabaseSync): void {
  if (database.isOpen) return;
  throw new MillraceError("STORE_FAILED", "The store is closed.", { isRetryable: false });
}

function attempt<T>(sql: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const reason = reasonOf(error);
    throw new MillraceError("STORE_FAILED", `The read failed: ${reason}.`, {
      facts: { sql, reason },
      isRetryable: isEnvironment(error),
    });
  }
}
