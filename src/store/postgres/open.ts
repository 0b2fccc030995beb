import type { Clock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { systemRandom } from "../../core/random.ts";
import { number } from "../row.ts";
import { SQLITE_MIGRATIONS } from "../sqlite/open.ts";
import type { Database, SqlValue, Store } from "../store.ts";
import { type BossDispatch, openBossDispatch } from "./boss-dispatch.ts";
import { type Changes, openChanges } from "./changes.ts";
import { closed, type Connections, openConnections } from "./connections.ts";
import { createHeavyReads } from "./heavy-reads.ts";
import { insertMany } from "./insert-many.ts";
import { migrate } from "./migrate.ts";
import { createPlacing } from "./placed-statement.ts";
import { reasonOf } from "./postgres-error.ts";
import { createReading } from "./reading.ts";
import { reconcileJobs } from "./reconcile-jobs.ts";
import { createReplicaReads } from "./replica-reads.ts";
import { createRunStore } from "./runs.ts";
import { shareRuns } from "./shared-runs.ts";
import { createTransactions } from "./transactions.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** A replica, for pages of runs: these may lag behind. Default: the same. */
  readonly replica?: string;
  /** How far it may lag before the primary is read instead, in milliseconds. Default 10 000. */
  readonly replicaLagMs?: number;
  readonly clock: Clock;
  readonly log?: Log;
  /** Connections that stay open, for reads and writes together. Default 10. */
  readonly min?: number;
  /** Connections at most, without the one that hears of changes. Default 100. */
  readonly max?: number;
  /** No statement but a migration takes longer, in milliseconds. Default 10 000. */
  readonly commandTimeoutMs?: number;
  /**
   * Who executes runs. `one`: the process that asked first, until it closes; `many`: every process that asks, each what it has claimed,
   * under leases; `none`: not this process, it reads, starts and cancels. Default one.
   */
  readonly executes?: "one" | "many" | "none";
  /**
   * How runs that may start come to those who execute them. `pg-boss`: by a job each, made in the run's own transaction; `table`: they are
   * looked for in the table of runs. All processes of one database should do alike; where they do not, a run may wait for half a minute.
   * Default pg-boss.
   */
  readonly dispatch?: "pg-boss" | "table";
  /**
   * For `many`: what a process has claimed is taken over so long after its last sign of life, in milliseconds; a fifth more until somebody
   * looks. Longer than any step may hold up the event loop, and the same in all processes of a database. Default 15 000.
   */
  readonly leaseMs?: number;
}

const DIALECT = new URL("./dialect/", import.meta.url);
const OWN_MIGRATIONS = new URL("./migrations/", import.meta.url);

/**
 * Opens the store in a Postgres database and brings its tables up to date. Throws DATA_UNUSABLE when the database cannot be reached or
 * used, STORE_NEWER when a newer Millrace has written it, INPUT_INVALID for bounds that cannot be.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const {
    url,
    replica,
    replicaLagMs = 10_000,
    clock,
    log,
    min = 10,
    max = 100,
    commandTimeoutMs = 10_000,
    executes = "one",
    dispatch: way = "pg-boss",
    leaseMs = 15_000,
  } = options;
  if (!(Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= 2 && min <= max)) {
    throw new MillraceError("INPUT_INVALID", `A pool of ${min} to ${max} connections cannot be.`, {
      advice: "Give whole numbers: min of at least 0, max of at least 2 and not below min.",
    });
  }
  const location = locationOf(url);
  const half = { min: Math.floor(min / 2), max: Math.floor(max / 2), commandTimeoutMs, clock, log };
  const writers = openConnections({ ...half, url, isReadOnly: false });
  const readers = openConnections({ ...half, url, isReadOnly: true });
  const replicas = replica === undefined ? undefined : openConnections({ ...half, url: replica, isReadOnly: true });
  const pools = [writers, readers, ...(replicas === undefined ? [] : [replicas])];
  const id = createIds({ clock, random: systemRandom }).next();
  let changes: Changes;
  try {
    changes = await openChanges({ url, id, clock, log });
  } catch (error) {
    await closeAll(pools);
    throw unusable(location, error);
  }

  const placing = createPlacing();
  const transactions = createTransactions({ connections: writers, placing, onWritten: () => changes.wrote() });
  const reading = createReading(readers, placing);
  const lagging =
    replicas &&
    createReplicaReads({
      replica: createReading(replicas, placing),
      primary: reading,
      maxLagMs: replicaLagMs,
      clock,
      log,
    });
  const db: Database = {
    version: () => changes.version(),
    ...reading,
    heavy: createHeavyReads({ connections: readers, placing, clock }),
    write: (statements) => transactions.write(statements, "serial"),
    insertMany: (params) => insertMany(transactions, params),
    migrate: (params) => migrate({ transactions, placing, clock }, params),
  };
  let closing: Promise<void> | undefined;

  let dispatch: BossDispatch | undefined;
  try {
    await db.migrate({ owner: "millrace-dialect", directory: DIALECT });
    await db.migrate({ owner: "millrace", directory: SQLITE_MIGRATIONS });
    await db.migrate({ owner: "millrace-postgres", directory: OWN_MIGRATIONS });
    if (way === "pg-boss") dispatch = await openBossDispatch({ connections: writers, placing, log });
  } catch (error) {
    await closeAll(pools);
    await changes.close();
    throw error instanceof MillraceError && error.code !== "STORE_FAILED" ? error : unusable(location, error);
  }
  const boss = dispatch;
  const kept = createRunStore({ transactions, reading, lagging: lagging ?? reading, leaseMs, placing, dispatch: boss });
  const reconcile = boss && (() => reconcileJobs({ dispatch: boss, transactions, placing, clock }));
  const shared = shareRuns({ kept, transactions, reconcile, clock, log, leaseMs, onMoved: () => changes.touch() });

  async function own(): Promise<boolean> {
    if (executes === "none") return false;
    if (executes === "one") return await changes.own();
    shared.start();
    return true;
  }

  async function close(): Promise<void> {
    await shared.stop();
    // What was begun ends; what it wrote is told.
    await kept.idle();
    await boss?.close();
    await closeAll(pools);
    await changes.close();
  }

  return {
    runs: executes === "many" ? shared.runs : kept.runs,
    db,
    async own() {
      if (closing !== undefined) throw closed();
      return await own();
    },
    hasOutsideChanges: () => changes.take(),
    async describe() {
      await changes.heard();
      await lagging?.look();
      const size = await reading.get("select pg_database_size(current_database()) as bytes");
      const named = { writer: writers, reader: readers, ...(replicas === undefined ? {} : { replica: replicas }) };
      return {
        kind: "postgres",
        location,
        bytes: size === undefined ? 0 : number(size, "bytes"),
        connections: await Promise.all(
          Object.entries(named).map(async ([name, pool]) => {
            const state = name === "replica" && lagging !== undefined ? { state: lagging.state() } : {};
            return { name, settings: { ...state, ...(await settingsOf(pool, name === "replica")) } };
          }),
        ),
      };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

const SETTINGS = `select current_setting('server_version') as server_version, current_setting('synchronous_commit') as synchronous_commit,
  current_setting('statement_timeout') as statement_timeout, current_setting('default_transaction_read_only') as read_only,
  current_setting('transaction_isolation') as isolation`;

/** `mayBeAway`: nothing is said of settings that nobody answers for. */
async function settingsOf(pool: Connections, mayBeAway: boolean): Promise<Readonly<Record<string, SqlValue>>> {
  try {
    const { rows } = await pool.use((connection) =>
      connection.run({ text: SETTINGS, values: [], name: undefined, sql: SETTINGS }),
    );
    return { ...rows[0], ...pool.counts() };
  } catch (error) {
    if (mayBeAway) return { reason: reasonOf(error) };
    throw error;
  }
}

async function closeAll(pools: readonly Connections[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.close()));
}

/** Host, port and database: no user, no password. */
function locationOf(url: string): string {
  if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol)) {
    throw new MillraceError("INPUT_INVALID", "The address of the database is no postgres:// address.", {
      advice: "Write postgres://user:password@host:5432/database.",
    });
  }
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function unusable(location: string, cause: unknown): MillraceError {
  const reason = cause instanceof MillraceError ? cause.message : `${reasonOf(cause)}.`;
  return new MillraceError("DATA_UNUSABLE", `The database at ${location} cannot be used: ${reason}`, {
    facts: { location },
    cause,
    isRetryable: false,
    advice:
      "Look whether Postgres runs there, the database exists, and user and password of MILLRACE_DATABASE_URL are right.",
  });
}
