import { setImmediate as nextTurn } from "node:timers/promises";

/** Where a batch is. */
export type BatchPhase =
  | { readonly name: "validating" | "processing" | "finalizing" | "canceling" }
  | { readonly name: "ended"; readonly because: "completed" | "canceled" | "expired"; readonly at: number };

/** What a control call does to a batch: so much of it is done now, all of it is, or its day is over. */
export type BatchPush = { readonly share: number } | "end" | "expire";

/** A batch on its way: items are done one after the other, evenly over its time, and looked at only when somebody asks. */
export interface BatchRun<R> {
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly canceledAt: number | undefined;
  /** When the items are begun, and when the last of them is done. */
  readonly processing: { readonly from: number; readonly until: number };
  phase(now: number): BatchPhase;
  cancel(now: number): void;
  push(push: BatchPush, now: number): void;
  /** The results of the items that are done by now, in the order in which they were done. */
  results(now: number): Promise<readonly R[]>;
  /** The places of those items that will never be done, once the batch has ended. */
  undone(now: number): readonly number[];
}

export interface BatchRunOptions<R> {
  /** The places of the items, in the order in which they are done. */
  readonly order: readonly number[];
  readonly createdAt: number;
  readonly durationMs: number;
  readonly answer: (place: number) => R;
}

const DAY_MS = 24 * 60 * 60_000;
/** How much of its time a batch is checked before and put together after; what a cancellation takes, too. */
const EDGE = 0.05;
/** After so many items other requests have their turn. */
const ITEMS_PER_TURN = 200;

export function createBatchRun<R>({ order, createdAt, durationMs, answer }: BatchRunOptions<R>): BatchRun<R> {
  const edgeMs = durationMs * EDGE;
  const processing = { from: createdAt + edgeMs, until: createdAt + durationMs - edgeMs };
  const results: R[] = [];
  let expiresAt = createdAt + DAY_MS;
  let canceledAt: number | undefined;
  let pushedShare = 0;
  let endedAt: number | undefined;
  let answering: Promise<void> = Promise.resolve();

  function shareAt(at: number): number {
    const span = processing.until - processing.from;
    const passed = span <= 0 ? Number(at >= processing.until) : (at - processing.from) / span;
    return Math.min(1, Math.max(pushedShare, passed, 0));
  }
  function phase(now: number): BatchPhase {
    const end = endedAt ?? createdAt + durationMs;
    if (canceledAt !== undefined) {
      const at = canceledAt + edgeMs;
      return now >= at ? { name: "ended", because: "canceled", at } : { name: "canceling" };
    }
    if (now >= expiresAt && expiresAt < end) return { name: "ended", because: "expired", at: expiresAt };
    if (now >= end) return { name: "ended", because: "completed", at: end };
    if (now >= processing.until) return { name: "finalizing" };
    return { name: now >= processing.from || pushedShare > 0 ? "processing" : "validating" };
  }
  /** Nothing is begun once a batch is canceled or its day is over. */
  function doneBy(now: number): number {
    const until = Math.min(now, canceledAt ?? now, expiresAt);
    return Math.floor(order.length * shareAt(until) + 1e-9);
  }
  async function answerUpTo(count: number): Promise<void> {
    while (results.length < count) {
      const place = order[results.length];
      if (place === undefined) return;
      results.push(answer(place));
      if (results.length % ITEMS_PER_TURN === 0) await nextTurn();
    }
  }

  return {
    createdAt,
    get expiresAt() {
      return expiresAt;
    },
    get canceledAt() {
      return canceledAt;
    },
    processing,
    phase,
    cancel(now) {
      if (phase(now).name !== "ended") canceledAt ??= now;
    },
    push(push, now) {
      if (phase(now).name === "ended") return;
      if (push === "expire") expiresAt = now;
      else if (push === "end") {
        pushedShare = 1;
        endedAt = now;
      } else pushedShare = Math.max(pushedShare, push.share);
    },
    async results(now) {
      const count = doneBy(now);
      answering = answering.then(() => answerUpTo(count));
      await answering;
      return results.slice(0, count);
    },
    undone: (now) => order.slice(doneBy(now)),
  };
}
