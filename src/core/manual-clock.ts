import type { Clock } from "./clock.ts";

/** A clock that stands still until it is told to move: for tests. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, firing every timer on the way in order, each with its consequences settled. */
  advance(ms: number): Promise<void>;
  /** Jumps the wall clock without firing timers, as when somebody sets the machine's clock. */
  jump(ms: number): void;
}

interface Waiting {
  readonly at: number;
  readonly order: number;
  fire(): void;
}

/** Creates a clock that starts at `startAt` (milliseconds since the epoch). */
export function createManualClock(startAt = 0): ManualClock {
  let elapsed = 0;
  let offset = startAt;
  let order = 0;
  const waiting = new Set<Waiting>();

  function wait(ms: number, fire: () => void): Waiting {
    const entry = { at: elapsed + Math.max(0, ms), order: order++, fire };
    waiting.add(entry);
    return entry;
  }
  function nextDue(until: number): Waiting | undefined {
    return [...waiting].filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  return {
    // Whole milliseconds, as the machine's clock gives them, also when a timer was set for a part of one.
    now: () => Math.floor(offset + elapsed),
    recent: () => Math.floor(offset + elapsed),
    monotonic: () => elapsed,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const entry = wait(ms, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        function onAbort(): void {
          waiting.delete(entry);
          reject(signal?.reason as Error);
        }
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    after(ms, listener) {
      const entry = wait(ms, listener);
      return { cancel: () => void waiting.delete(entry) };
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        waiting.delete(due);
        elapsed = due.at;
        due.fire();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    jump(ms) {
      offset += ms;
    },
  };
}

/** Lets promises and immediates that are ready run to rest. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
}
