import pg from "pg";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { StatementResult } from "../store.ts";
import { toResult, VALUE_TYPES } from "./answer-rows.ts";
import type { PlacedStatement } from "./placed-statement.ts";
import { isConnectionLost, reasonOf, unreachable } from "./postgres-error.ts";

/** One connection, for as long as a piece of work has it. What is asked of it travels at once, and is answered in order. */
export interface Connection {
  run(statement: PlacedStatement): Promise<StatementResult>;
  /** The same for somebody else's statement, whose values come as the driver reads them; a text of several gives the rows of all. */
  rows(statement: PlacedStatement): Promise<Record<string, unknown>[]>;
  /** A text without parameters, which may hold several statements. */
  control(text: string, options?: { readonly timeoutMs?: number }): Promise<string>;
}

/** A pool of connections that are all set alike. */
export interface Connections {
  /** Gives a connection to a piece of work and takes it back; one that broke on the way is not used again. */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** How many there are, and how many of them are at work. */
  counts(): { readonly open: number; readonly busy: number; readonly waiting: number };
  /** Takes no more work, and closes when what was begun has ended. */
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly url: string;
  /** How many stay open, and how many there may be. */
  readonly min: number;
  readonly max: number;
  readonly commandTimeoutMs: number;
  /** The server refuses whatever would write. */
  readonly isReadOnly: boolean;
  readonly clock: Clock;
  readonly log: Log | undefined;
}

/** A connection that rested so long is asked whether it still lives before it is used, in milliseconds. */
const VERIFY_AFTER_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

/** What is set on every connection. Functions of SQLite's dialect stand behind the tables. */
export function clientConfig(
  url: string,
  settings: Readonly<Record<string, string | number>> = {},
): pg.ClientConfig & { readonly pipeline: boolean } {
  const all = { search_path: "public,millrace", ...settings };
  return {
    connectionString: url,
    application_name: "millrace",
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    pipeline: true,
    options: Object.entries(all)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
  };
}

export function openConnections(options: ConnectionsOptions): Connections {
  const { url, min, max, commandTimeoutMs, isReadOnly, clock, log } = options;
  const pool = new pg.Pool({
    ...clientConfig(url, {
      statement_timeout: commandTimeoutMs,
      ...(isReadOnly ? { default_transaction_read_only: "on" } : {}),
    }),
    min,
    max,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    // The server's own limit comes first, and says which statement it was.
    query_timeout: commandTimeoutMs + 1_000,
  });
  // A connection that breaks while nobody uses it.
  pool.on("error", (error) => log?.debug({ reason: reasonOf(error) }, "a resting connection to Postgres broke"));
  const restingSince = new WeakMap<pg.PoolClient, number>();
  const working = new Set<Promise<unknown>>();
  let isClosed = false;

  async function take(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect().catch((error: unknown) => {
        throw unreachable(error);
      });
      const since = restingSince.get(client);
      if (since === undefined || clock.monotonic() - since < VERIFY_AFTER_MS) return client;
      try {
        await client.query("select 1");
        return client;
      } catch (error) {
        client.release(true);
        log?.debug({ reason: reasonOf(error) }, "a connection to Postgres was dead, and is replaced");
      }
    }
  }

  async function useOne<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await take();
    let isBroken = false;
    function onError(): void {
      isBroken = true;
    }
    client.on("error", onError);
    try {
      return await work(connectionOn(client));
    } catch (error) {
      const cause = error instanceof MillraceError ? error.cause : error;
      isBroken ||= isConnectionLost(cause);
      throw error;
    } finally {
      client.off("error", onError);
      restingSince.set(client, clock.monotonic());
      client.release(isBroken);
    }
  }

  return {
    use(work) {
      if (isClosed) return Promise.reject(closed());
      const done = useOne(work).finally(() => working.delete(done));
      working.add(done);
      return done;
    },
    counts: () => ({ open: pool.totalCount, busy: pool.totalCount - pool.idleCount, waiting: pool.waitingCount }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.allSettled(working);
      await pool.end();
    },
  };
}

export function connectionOn(client: pg.ClientBase): Connection {
  return {
    async run({ text, values, name }) {
      const query = { text, values: [...values], rowMode: "array" as const, types: VALUE_TYPES };
      return toResult(await client.query(name === undefined ? query : { ...query, name }));
    },
    async rows({ text, values, name }) {
      const query = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(query);
      return Array.isArray(result) ? result.flatMap(({ rows }) => rows) : result.rows;
    },
    async control(text, { timeoutMs } = {}) {
      const config = { text, ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }) };
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(config);
      return (Array.isArray(result) ? result.at(-1) : result)?.command ?? "";
    },
  };
}

export function closed(): MillraceError {
  return new MillraceError("STORE_FAILED", "The store is closed.", { isRetryable: false });
}
