import type { Clock } from "../core/clock.ts";

/** Bounds the time of many short operations with one timer among them: setting one for each would cost more than most of them take. */
export interface Deadlines {
  /** The outcome of the work, or a rejection with `TIMED_OUT` when the time is up first. */
  within<T>(work: Promise<T>): Promise<T>;
}

export const TIMED_OUT = new Error("the time was up");

interface Waiting {
  readonly startedAt: number;
  giveUp(): void;
}

export function createDeadlines({ clock, ms }: { readonly clock: Clock; readonly ms: number }): Deadlines {
  /** In order of their start, and so of their deadlines. */
  const waiting = new Set<Waiting>();
  let isArmed = false;

  function arm(delayMs: number): void {
    isArmed = true;
    clock.after(delayMs, look);
  }
  function look(): void {
    isArmed = false;
    const now = clock.monotonic();
    for (const one of waiting) {
      const left = one.startedAt + ms - now;
      if (left > 0) return arm(left);
      waiting.delete(one);
      one.giveUp();
    }
  }

  return {
    within(work) {
      return new Promise((resolve, reject) => {
        const mine: Waiting = { startedAt: clock.monotonic(), giveUp: () => reject(TIMED_OUT) };
        waiting.add(mine);
        if (!isArmed) arm(ms);
        work.then(resolve, reject).finally(() => waiting.delete(mine));
      });
    },
  };
}
