import type { Clock } from "../core/clock.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { createWaitingLine, type QueueOptions, type WaitOptions } from "./waiting-line.ts";

/** Bounds how much runs at once. Who comes later waits in a queue that is fair between tenants. */
export interface Bulkhead {
  /**
   * Runs the work when there is room. Rejects as the work does; with QUEUE_FULL when too many wait; with the reason of a signal that ends
   * the wait. The signal does not reach the work: hand it on yourself.
   */
  run<T>(work: () => Promise<T>, options?: WaitOptions): Promise<T>;
  stats(): BulkheadStats;
}

export interface BulkheadStats {
  readonly running: number;
  readonly waiting: number;
  /** How many may run now. */
  readonly limit: number;
}

export interface BulkheadOptions extends QueueOptions {
  readonly clock: Clock;
  /** How many may run at once: a number, or a limit that learns (`aimdLimit`, `gradientLimit`). Default 5. */
  readonly parallel?: number | ConcurrencyLimit;
  /** Whether a failure says that it was too much for the other side. Read only by a limit that learns. Default: none does. */
  readonly isOverload?: (error: unknown) => boolean;
}

/** Creates a bulkhead. Throws RangeError for a bound that is not a whole number of at least 1. */
export function createBulkhead({ clock, parallel = 5, isOverload = () => false, ...queue }: BulkheadOptions): Bulkhead {
  if (typeof parallel === "number" && !(Number.isInteger(parallel) && parallel >= 1)) {
    throw new RangeError(`parallel must be a whole number of at least 1, got ${parallel}`);
  }
  const line = createWaitingLine<undefined, undefined>({ ...queue, clock, onLeave: () => undefined });
  const limit = (): number => (typeof parallel === "number" ? parallel : Math.max(1, parallel.current()));
  let running = 0;

  function pump(): void {
    for (let next = line.head(); next !== undefined && running < limit(); next = line.head()) {
      running += 1;
      next.admit(undefined);
    }
  }
  async function attempt<T>(work: () => Promise<T>, parallel: ConcurrencyLimit): Promise<T> {
    const startedAt = clock.monotonic();
    const atStart = running;
    const learn = (overload: boolean): void => {
      const now = clock.monotonic();
      parallel.learn({ ms: now - startedAt, running: atStart, startedAt, isOverload: overload }, now);
    };
    try {
      const value = await work();
      learn(false);
      return value;
    } catch (error) {
      // Any other failure may be quick or slow for reasons of its own: nothing is learned from it.
      if (isOverload(error)) learn(true);
      throw error;
    }
  }

  return {
    async run(work, options = {}) {
      options.signal?.throwIfAborted();
      options.deadline?.signal.throwIfAborted();
      if (line.size === 0 && running < limit()) running += 1;
      else await line.wait(undefined, 1, options);
      try {
        return await (typeof parallel === "number" ? work() : attempt(work, parallel));
      } finally {
        running -= 1;
        pump();
      }
    },
    stats: () => ({ running, waiting: line.size, limit: limit() }),
  };
}
