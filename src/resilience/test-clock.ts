import { createManualClock, type ManualClock } from "../core/manual-clock.ts";

/** A manual clock that knows how many waits are under way. */
export interface TestClock extends ManualClock {
  readonly waits: number;
}

export function createTestClock(): TestClock {
  const clock = createManualClock(Date.UTC(2026, 10, 28));
  let waits = 0;
  return {
    ...clock,
    get waits() {
      return waits;
    },
    async sleep(ms, signal) {
      waits += 1;
      try {
        await clock.sleep(ms, signal);
      } finally {
        waits -= 1;
      }
    },
    after(ms, listener) {
      waits += 1;
      let isOver = false;
      const end = (): void => {
        if (!isOver) waits -= 1;
        isOver = true;
      };
      const timer = clock.after(ms, () => {
        end();
        listener();
      });
      return {
        cancel() {
          end();
          timer.cancel();
        },
      };
    },
  };
}

/** A signal that knows how many listen to it. */
export function createTestSignal(): {
  readonly signal: AbortSignal;
  readonly listeners: number;
  abort(reason: unknown): void;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...[type, listener, options]: Parameters<typeof add>) => {
    listening.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (...[type, listener, options]: Parameters<typeof remove>) => {
    listening.delete(listener);
    remove(type, listener, options);
  };
  return {
    signal,
    get listeners() {
      return listening.size;
    },
    abort: (reason) => controller.abort(reason),
  };
}
