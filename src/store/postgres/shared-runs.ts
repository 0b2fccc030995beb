import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { number, text } from "../row.ts";
import { crashedError } from "../run-methods.ts";
import { toRun } from "../sqlite/run-rows.ts";
import type { RunRecord, RunStore } from "../store.ts";
import { toArray } from "./array-literal.ts";
import { type PostgresRuns, toClaims } from "./runs.ts";
import * as sql from "./run-sql.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Runs that several processes execute at once. Each holds what it has claimed under a lease by the database's clock, and renews it in
 * beats, five a lease. What a process held that beats no more is queued again by the others at their first beat after its lease; should it
 * wake up, its writes are refused, and its next beat tells it so. A clock of the database that is set moves no run: who lives beats before
 * anybody takes over.
 */
export interface SharedRuns {
  readonly runs: RunStore;
  /** Begins to beat, and to look for what is abandoned. */
  start(): void;
  stop(): Promise<void>;
}

export interface SharedRunsOptions {
  readonly kept: PostgresRuns;
  readonly transactions: Transactions;
  /** Gives a job to runs that have lost theirs, and says to how many; undefined where there are no jobs. */
  readonly reconcile: (() => Promise<number>) | undefined;
  readonly clock: Clock;
  readonly log: Log | undefined;
  readonly leaseMs: number;
  /** Called when claims were lost, or runs were taken over: somebody is to look. */
  readonly onMoved: () => void;
}

/** Until `recover` says otherwise. */
const CRASH_LIMIT = 5;
/** How often runs are looked for that have lost their job, in milliseconds. */
const RECONCILE_MS = 30_000;

export function shareRuns(options: SharedRunsOptions): SharedRuns {
  const { kept, transactions, reconcile, clock, log, leaseMs, onMoved } = options;
  const { runs } = kept;
  const held = new Map<string, number>();
  const stopping = new AbortController();
  let crashLimit = CRASH_LIMIT;
  let beating: Promise<void> | undefined;
  /** Since when the database has answered each beat, and its clock went as ours: after an outage, or a clock set ahead, all leases are over, and everybody may renew first. */
  let steadySince: number | undefined;
  let lastTime: Time | undefined;
  let reconcileAt = clock.monotonic() + RECONCILE_MS;

  function release(runId: string, epoch: number): void {
    if (held.get(runId) === epoch) held.delete(runId);
  }

  async function beat(): Promise<void> {
    if (held.size === 0) return;
    const claims = [...held].map(([runId, epoch]) => ({ runId, epoch }));
    const { rows } = await transactions.one({ sql: sql.BEAT, params: { ...toClaims(claims), leaseMs } });
    const kept = new Set(rows.map((row) => text(row, "id")));
    const lost = claims.filter(({ runId }) => !kept.has(runId));
    for (const { runId, epoch } of lost) release(runId, epoch);
    if (lost.length > 0) onMoved();
  }

  /** What the database's clock says. */
  async function readTime(): Promise<Time> {
    const before = clock.monotonic();
    const { rows } = await transactions.one({ sql: sql.TIME });
    return { before, theirs: number(rows[0] ?? {}, "now"), after: clock.monotonic() };
  }

  /** Queues what processes held that are gone. */
  async function takeOver(time: Time): Promise<{ readonly queued: number; readonly failed: readonly RunRecord[] }> {
    const now = clock.now();
    const abandoned = { latest: time.theirs + leaseMs / 5, held: toArray([...held.keys()]), crashLimit };
    const results = await kept.write([
      { sql: sql.FAIL_ABANDONED, params: { ...abandoned, now, error: crashedError(crashLimit) } },
      { sql: sql.QUEUE_ABANDONED, params: abandoned },
      { sql: sql.SHORTEN, params: { leaseMs } },
    ]);
    const failed = (results?.[0]?.rows ?? []).map(toRun);
    return { failed, queued: results?.[1]?.changes ?? 0 };
  }

  async function round(): Promise<void> {
    await beat();
    const time = await readTime();
    if (lastTime !== undefined && aheadOf(lastTime, time) > leaseMs / 5) {
      steadySince = undefined;
      log?.warn({ aheadMs: aheadOf(lastTime, time) }, "the clock of the database was set ahead");
    }
    lastTime = time;
    const now = time.after;
    steadySince ??= now;
    if (now - steadySince < leaseMs) return;
    const { queued, failed } = await takeOver(time);
    for (const run of failed)
      log?.error({ run: run.id, automation: run.automation, ...run.error }, "a run was given up");
    if (queued > 0) log?.warn({ runs: queued }, "runs of a process that is gone were taken over");
    if (queued + failed.length > 0) onMoved();
    if (now >= reconcileAt) await repair(now);
  }

  async function repair(now: number): Promise<void> {
    reconcileAt = now + RECONCILE_MS;
    const count = (await reconcile?.()) ?? 0;
    if (count === 0) return;
    log?.warn({ runs: count }, "runs that had no job were given one");
    onMoved();
  }

  async function beatUntilStopped(): Promise<void> {
    while (await isRunningAfter(leaseMs / 5)) {
      await round().catch((error: unknown) => {
        steadySince = undefined;
        log?.warn({ error }, "the leases of runs could not be renewed");
      });
    }
  }

  function isRunningAfter(ms: number): Promise<boolean> {
    return clock.sleep(ms, stopping.signal).then(
      () => true,
      () => false,
    );
  }

  return {
    runs: {
      ...runs,
      async claim(params) {
        const claimed = await runs.claim(params);
        for (const { id, epoch } of claimed) held.set(id, epoch);
        return claimed;
      },
      async park(params) {
        const result = await runs.park(params);
        if (result !== "unseen") release(params.runId, params.epoch);
        return result;
      },
      async finish(params) {
        const isFinished = await runs.finish(params);
        release(params.runId, params.epoch);
        return isFinished;
      },
      /** What runs elsewhere is left alone, and what is abandoned for a lease; what was blocked finds its place anew. */
      async recover(params) {
        crashLimit = params.crashLimit;
        await kept.write([{ sql: sql.FREE_BLOCKED }]);
        await reconcile?.();
        return { queued: 0, failed: [] };
      },
    },
    start() {
      beating ??= beatUntilStopped();
    },
    async stop() {
      stopping.abort();
      await beating;
    },
  };
}

/** A reading of the database's clock between two of our own that never jumps, in milliseconds. */
interface Time {
  readonly before: number;
  readonly theirs: number;
  readonly after: number;
}

/** How much further the database's clock went than ours, at least. */
function aheadOf(last: Time, time: Time): number {
  return time.theirs - last.theirs - (time.after - last.before);
}
