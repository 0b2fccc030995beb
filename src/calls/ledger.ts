import type { Clock, Timer } from "../core/clock.ts";
import type { Source } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { TrailStep } from "./trail.ts";

/** One question to a model and what became of it. */
export interface CallRecord {
  /** Milliseconds since the epoch, when it ended. */
  readonly at: number;
  readonly runId: string | null;
  readonly automation: string | null;
  readonly tenant: string | null;
  /** Who answered; for a failed call, who was asked. */
  readonly model: string;
  readonly source: Source | "failed";
  /** Code of the error of a failed call. */
  readonly error: string | null;
  /** Names the answer in the cache. */
  readonly key: string | null;
  /** Sent to a provider, repairs and failures included. */
  readonly requests: number;
  /** All of the input, what the provider's prompt cache gave included; null where the provider did not say. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of the output that was thought and not said. */
  readonly reasoningTokens: number;
  /** US dollars; null where not all of it is known. */
  readonly usd: number | null;
  /** What the answer cost when it was made, for one that was not paid for now. */
  readonly savedUsd: number | null;
  readonly ageMs: number | null;
  readonly similarity: number | null;
  /** Waiting for a turn: rate, parallelism. Attempts side by side add up. */
  readonly waitMs: number;
  /** At the provider. */
  readonly providerMs: number;
  readonly ms: number;
  /** Nobody waited for it: a kept answer was renewed, or a reused one checked. */
  readonly isBackground: boolean;
  /** The stages it went through; none for an answer that memory gave at once. */
  readonly trail: readonly TrailStep[];
}

export interface CallFilter {
  /** Milliseconds since the epoch, inclusive. Default: all that is kept. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  readonly runId?: string;
  readonly automation?: string;
  readonly tenant?: string;
  readonly model?: string;
  readonly source?: CallRecord["source"];
}

export interface CallPage {
  /** Newest first. */
  readonly calls: readonly (CallRecord & { readonly id: number })[];
  /** Give it as `before` for what follows; null at the end. */
  readonly next: number | null;
}

/** By UTC day (YYYY-MM-DD) or by who or what. */
export type CallGrouping = "day" | "automation" | "tenant" | "model" | "source";

export interface CallSum {
  /** Null: calls that have none. */
  readonly group: string | null;
  readonly calls: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
  /** Input and output together of what went through a batch API, at half the price. */
  readonly batchTokens: number;
  /** Of the calls whose price is known. */
  readonly usd: number;
  readonly savedUsd: number;
  /** Calls whose price is not known. */
  readonly unpriced: number;
}

/** Where the ledger is kept. */
export interface CallLedgerStore {
  insert(records: readonly CallRecord[]): Promise<void>;
  list(filter: CallFilter, page: { readonly before: number | undefined; readonly limit: number }): Promise<CallPage>;
  summary(by: CallGrouping, filter: CallFilter): Promise<readonly CallSum[]>;
  /** Deletes at most `limit` of those that ended before; gives how many. */
  deleteBefore(at: number, limit: number): Promise<number>;
}

/** What calls asked, what answered them, and what it cost. */
export interface CallLedger {
  /** Takes a record without waiting; it is written within a second. */
  record(call: CallRecord): void;
  /** @param page `limit` from 1 to 1 000, default 50; `before`: the `next` of the page before. */
  list(filter?: CallFilter, page?: { readonly before?: number; readonly limit?: number }): Promise<CallPage>;
  /** Largest sum first; days newest first. */
  summary(by: CallGrouping, filter?: CallFilter): Promise<readonly CallSum[]>;
  /** Records that were lost because the store could not take them for too long. */
  dropped(): number;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface CallLedgerOptions {
  readonly store: CallLedgerStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, in milliseconds. Default 90 days. */
  readonly keepMs?: number;
}

const FLUSH_MS = 1_000;
const FLUSH_AT = 200;
const MOST_WAITING = 10_000;
const SWEEP_MS = 3_600_000;
const SWEEP_ROWS = 5_000;

/** Creates a ledger that writes in bulk: every second or 200 records. While its store is away up to 10 000 wait; then the oldest go. */
export function createCallLedger({ store, clock, log, keepMs = 90 * 86_400_000 }: CallLedgerOptions): CallLedger {
  let waiting: CallRecord[] = [];
  let dropped = 0;
  let timer: Timer | undefined;
  let writing: Promise<void> | undefined;
  let sweepAt = 0;

  function schedule(): void {
    timer ??= clock.after(FLUSH_MS, () => {
      timer = undefined;
      void flush();
    });
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
      if (waiting.length > 0) schedule();
    });
    return writing;
  }

  async function write(): Promise<void> {
    const records = waiting;
    waiting = [];
    try {
      if (records.length > 0) await store.insert(records);
      if (clock.now() < sweepAt) return;
      sweepAt = clock.now() + SWEEP_MS;
      while ((await store.deleteBefore(clock.now() - keepMs, SWEEP_ROWS)) === SWEEP_ROWS);
    } catch (error) {
      log.warn({ error }, "calls could not be written to the ledger; they are tried again");
      waiting = [...records, ...waiting];
      const excess = Math.max(0, waiting.length - MOST_WAITING);
      dropped += excess;
      waiting = waiting.slice(excess);
    }
  }

  return {
    record(call) {
      if (waiting.length >= MOST_WAITING) {
        waiting.shift();
        dropped++;
      }
      waiting.push(call);
      if (waiting.length >= FLUSH_AT && writing === undefined) void flush();
      else schedule();
    },
    async list(filter = {}, { before, limit = 50 } = {}) {
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1_000)) {
        throw new RangeError(`limit must be from 1 to 1 000, got ${limit}`);
      }
      await flush();
      return await store.list(filter, { before, limit });
    },
    async summary(by, filter = {}) {
      await flush();
      return await store.summary(by, filter);
    },
    dropped: () => dropped,
    async close() {
      timer?.cancel();
      await writing;
      await flush();
      timer?.cancel();
    },
  };
}
