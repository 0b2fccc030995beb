import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { text } from "../row.ts";
import { toRun } from "../sqlite/run-rows.ts";
import { FREE_BLOCKED } from "../sqlite/run-sql.ts";
import type { RunRecord, RunStore } from "../store.ts";
import { crashedError, toClaims } from "./runs.ts";
import * as sql from "./run-sql.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Runs that several processes execute at once. Each holds what it has claimed under a lease by the database's clock, and renews it in
 * beats, five a lease. What a process held that beats no more is queued again by the others at their first beat after its lease; should it
 * wake up, its writes are refused, and its next beat tells it so.
 */
export interface SharedRuns {
  readonly runs: RunStore;
  /** Begins to beat, and to look for what is abandoned. */
  start(): void;
  stop(): Promise<void>;
}

export interface SharedRunsOptions {
  readonly runs: RunStore;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly log: Log | undefined;
  readonly leaseMs: number;
  /** Called when claims were lost, or runs were taken over: somebody is to look. */
  readonly onMoved: () => void;
}

/** Until `recover` says otherwise. */
const CRASH_LIMIT = 5;

export function shareRuns({ runs, transactions, clock, log, leaseMs, onMoved }: SharedRunsOptions): SharedRuns {
  const held = new Map<string, number>();
  const stopping = new AbortController();
  let crashLimit = CRASH_LIMIT;
  let beating: Promise<void> | undefined;
  /** Since when the database has answered each beat: after an outage all leases are over, and everybody may renew first. */
  let steadySince: number | undefined;

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

  /** Queues what processes held that are gone. */
  async function takeOver(): Promise<{ readonly queued: number; readonly failed: readonly RunRecord[] }> {
    const now = clock.now();
    const results = await transactions.write([
      { sql: sql.FAIL_ABANDONED, params: { now, crashLimit, error: crashedError(crashLimit) } },
      { sql: sql.QUEUE_ABANDONED, params: { crashLimit } },
    ]);
    const failed = (results?.[0]?.rows ?? []).map(toRun);
    return { failed, queued: results?.[1]?.changes ?? 0 };
  }

  async function round(): Promise<void> {
    await beat();
    const now = clock.monotonic();
    steadySince ??= now;
    if (now - steadySince < leaseMs) return;
    const { queued, failed } = await takeOver();
    for (const run of failed)
      log?.error({ run: run.id, automation: run.automation, ...run.error }, "a run was given up");
    if (queued > 0) log?.warn({ runs: queued }, "runs of a process that is gone were taken over");
    if (queued + failed.length > 0) onMoved();
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
      /** What runs elsewhere is left alone; what was blocked finds its place anew. */
      async recover(params) {
        crashLimit = params.crashLimit;
        await transactions.one({ sql: FREE_BLOCKED });
        return await takeOver();
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
