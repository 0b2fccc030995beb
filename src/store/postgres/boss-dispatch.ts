import { createHash } from "node:crypto";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Dispatch, Startable } from "./dispatch.ts";
import type { Placing } from "./placed-statement.ts";
import { reasonOf } from "./postgres-error.ts";

export interface BossDispatch extends Dispatch {
  close(): Promise<void>;
}

export interface BossDispatchOptions {
  readonly connections: Connections;
  readonly placing: Placing;
  readonly log: Log | undefined;
}

const SCHEMA = "pgboss";
const QUEUE = "runs";
/** Names of automations that this process does not have, remembered so that their jobs are left to others. */
const MOST_FOREIGN = 200;
/** Jobs are moved or kept as long as their run may start; pg-boss deletes what is older, in seconds. */
const RETENTION_SECONDS = 10 * 365 * 86_400;
/** The last instant whose date pg-boss reads: the year 9999. */
const LATEST = 253_402_300_799_000;
const LOCK = "select pg_advisory_lock(hashtextextended('millrace:pg-boss', 0))";
const UNLOCK = "select pg_advisory_unlock(hashtextextended('millrace:pg-boss', 0))";
const MOST_PRIORITY = 2_147_483_647;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** What pg-boss asks of a database. */
interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/**
 * pg-boss in the same database. Its calls travel on the connection of the run's own transaction. A job lives until a claim has taken it:
 * who holds a run is told by the run's lease, so pg-boss watches over nothing and its tables hold what waits.
 * Makes or upgrades its tables, under its own lock; throws DATA_UNUSABLE when that cannot be.
 */
export async function openBossDispatch({ connections, placing, log }: BossDispatchOptions): Promise<BossDispatch> {
  const { PgBoss } = await import("pg-boss");
  /** Has the lock, and everything that is asked while pg-boss starts. */
  let starting: Connection | undefined;
  const pooled: BossDatabase = {
    async executeSql(text, values = []) {
      const statement = { text, values, name: undefined, sql: text };
      const rows = await (starting?.rows(statement) ?? connections.use((connection) => connection.rows(statement)));
      return { rows };
    },
  };
  const boss = new PgBoss({
    db: pooled,
    schema: SCHEMA,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  boss.on("error", (error) => log?.warn({ reason: reasonOf(error) }, "pg-boss failed"));
  const foreign = new Set<string>();

  function within(connection: Connection): { readonly db: BossDatabase } {
    return {
      db: { executeSql: async (text, values = []) => ({ rows: await connection.rows(placing.foreign(text, values)) }) },
    };
  }

  async function remove(connection: Connection, ids: string[]): Promise<void> {
    if (ids.length > 0) await boss.deleteJob(QUEUE, ids, within(connection));
  }

  async function startOn(connection: Connection): Promise<void> {
    // Its own lock is taken after it has looked whether its tables are there: of two that start at once one would fail.
    await connection.control(LOCK);
    starting = connection;
    try {
      await boss.start();
      await boss.createQueue(QUEUE, { retryLimit: 0, retentionSeconds: RETENTION_SECONDS });
    } finally {
      starting = undefined;
      await connection.control(UNLOCK);
    }
  }

  try {
    await connections.use((connection) => startOn(connection));
  } catch (error) {
    await boss.stop({ graceful: false, close: false }).catch(() => undefined);
    throw error instanceof MillraceError ? error : unusable(error);
  }

  return {
    async enqueue(connection, runs, { isMoved }) {
      if (runs.length === 0) return 0;
      const jobs = new Map(runs.map((run) => [jobIdOf(run), run]));
      const removed = isMoved ? remove(connection, [...jobs.keys()]) : undefined;
      const inserted = boss.insert(
        QUEUE,
        [...jobs].map(([id, run]) => toJob(id, run)),
        { ...within(connection), returnId: true },
      );
      return (await Promise.all([inserted, removed]))[0]?.length ?? 0;
    },

    async take(connection, { limit, automations }) {
      for (const name of automations) foreign.delete(name);
      const jobs = await boss.fetch<{ readonly runId: string }>(QUEUE, {
        batchSize: limit,
        ...(foreign.size === 0 ? {} : { ignoreGroups: [...foreign] }),
        ...within(connection),
      });
      const known = new Set(automations);
      for (const { groupId } of jobs) {
        if (groupId && !known.has(groupId) && foreign.size < MOST_FOREIGN) foreign.add(groupId);
      }
      const gone = remove(
        connection,
        jobs.map(({ id }) => id),
      );
      // Told by whoever awaits it; it may fail before.
      gone.catch(() => undefined);
      return { runIds: jobs.map(({ data }) => data.runId), gone };
    },

    async close() {
      await boss.stop({ graceful: false, close: false });
    },
  };
}

function toJob(id: string, { id: runId, priority, automation, lane, availableAt }: Startable) {
  const job = {
    id,
    data: { runId },
    priority: Math.max(-MOST_PRIORITY, Math.min(MOST_PRIORITY, Math.trunc(priority))),
    group: { id: automation },
  };
  if (lane === "ready") return job;
  return Object.assign(job, { startAfter: new Date(Math.min(availableAt, LATEST)).toISOString() });
}

/** One job an epoch: the same one, however often it is asked for. In the index it stands near its neighbours by birth. */
function jobIdOf({ id, epoch }: Startable): string {
  if (epoch === 0 && UUID.test(id)) return id;
  const hex = createHash("sha1").update(`${id} ${epoch}`).digest("hex").slice(0, 32);
  return UUID.test(id) ? `${id.slice(0, 24)}${hex.slice(0, 12)}` : hex;
}

function unusable(cause: unknown): MillraceError {
  return new MillraceError("DATA_UNUSABLE", `pg-boss cannot use the database: ${reasonOf(cause)}.`, {
    cause,
    isRetryable: false,
    advice: `Let the user make the schema ${SCHEMA} and tables in it, or set MILLRACE_DISPATCH=table.`,
  });
}
