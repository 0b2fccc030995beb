import type { Clock } from "../../core/clock.ts";

/** Decides when the journal is copied into the file, so that it neither grows nor holds up a write. */
export interface Checkpoints {
  /** To be told of every group that was written. */
  wrote(jobs: number): void;
}

export interface CheckpointsOptions {
  readonly clock: Clock;
  readonly checkpoint: () => void;
  /** After so long without a write, in milliseconds. Default 1 000. */
  readonly idleMs?: number;
  /** And after about so many jobs, however busy it is. Default 2 000. */
  readonly jobs?: number;
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { clock, idleMs = 1_000, jobs: limit = 2_000 } = options;
  let written = 0;
  let isTimerSet = false;

  function checkpoint(): void {
    written = 0;
    options.checkpoint();
  }

  function waitUntilIdle(seen: number): void {
    isTimerSet = true;
    clock.after(idleMs, () => {
      isTimerSet = false;
      if (written === 0) return;
      if (written === seen) checkpoint();
      else waitUntilIdle(written);
    });
  }

  return {
    wrote(jobs) {
      written += jobs;
      if (written >= limit) checkpoint();
      else if (!isTimerSet) waitUntilIdle(written);
    },
  };
}
