import type { Clock, Timer } from "../core/clock.ts";
import type { LowerLevels } from "./lower-levels.ts";

export interface UpkeepOptions {
  readonly lower: LowerLevels;
  readonly clock: Clock;
  /** From the end of one sweep to the next, in milliseconds. */
  readonly sweepMs: number;
  readonly onError: (error: unknown) => void;
}

/** Sweeps the levels below memory from time to time; call what it returns to stop. */
export function startUpkeep({ lower, clock, sweepMs, onError }: UpkeepOptions): () => void {
  let timer: Timer | undefined;
  let isStopped = false;

  function schedule(): void {
    if (isStopped) return;
    timer = clock.after(sweepMs, () => void lower.sweep(clock.now()).catch(onError).finally(schedule));
  }

  if (!lower.isEmpty) schedule();
  return () => {
    isStopped = true;
    timer?.cancel();
  };
}
