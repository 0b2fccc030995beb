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
