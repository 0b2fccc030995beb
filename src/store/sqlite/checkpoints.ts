import type { Clock, Timer } from "../../core/clock.ts";

/** Decides when the journal is copied into the file, so that it neither grows nor holds up a write. */
export interface Checkpoints {
  /** To be told of every group that was written. */
  wrote(jobs: number): void;
  /** Leaves no timer behind. */
  stop(): void;
}

export interface CheckpointsOptions {
  readonly clock: Clock;
  /** `idle`: nothing is written, so whoever writes may do it. */
  readonly checkpoint: (why: "idle" | "busy") => void;
  /** After so long without a write, in milliseconds. Default 1 000. */
  readonly idleMs?: number;
  /** And after about so many jobs, however busy it is. Default 2 000. */
  readonly jobs?: number;
}

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { clock, idleMs = 1_000, jobs: limit = 2_000 } = options;
  let written = 0;
  let timer: Timer | undefined;

  function checkpoint(why: "idle" | "busy"): void {
    written = 0;
    options.checkpoint(why);
  }

  function waitUntilIdle(seen: number): void {
    timer = clock.after(idleMs, () => {
      timer = undefined;
      if (written === 0) return;
      if (written === seen) checkpoint("idle");
      else waitUntilIdle(written);
    });
  }

  return {
    wrote(jobs) {
      written += jobs;
      if (written >= limit) checkpoint("busy");
      else if (timer === undefined) waitUntilIdle(written);
    },
    stop: () => timer?.cancel(),
  };
}
