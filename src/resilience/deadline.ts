import type { Clock } from "../core/clock.ts";
import { followSignals } from "./follow-signals.ts";

/** A point in time after which nobody waits any longer, as a signal for whatever is in flight. Dispose of it when done. */
export interface Deadline {
  /** Fires at the deadline, or with the reason of an outer signal when that comes first. */
  readonly signal: AbortSignal;
  /** Whether the time is up. False when an outer signal ended it. */
  isOver(): boolean;
  /** What is left, in milliseconds; never below 0. */
  leftMs(): number;
  [Symbol.dispose](): void;
}

export interface DeadlineOptions {
  readonly clock: Clock;
  /** From now on, in milliseconds. */
  readonly ms: number;
  /** Ends it early. */
  readonly signals?: readonly AbortSignal[];
}

/** Starts a deadline. Throws RangeError for a time that is not a positive number. */
export function startDeadline({ clock, ms, signals = [] }: DeadlineOptions): Deadline {
  if (!(ms > 0 && Number.isFinite(ms))) throw new RangeError(`a deadline needs a positive time, got ${ms}`);
  const until = clock.monotonic() + ms;
  const ending = new AbortController();
  let isOver = false;
  const timer = clock.after(ms, () => {
    isOver = !ending.signal.aborted;
    if (isOver) ending.abort(new DOMException("the deadline has passed", "TimeoutError"));
  });
  const leave = followSignals(ending, signals);
  return {
    signal: ending.signal,
    isOver: () => isOver,
    leftMs: () => Math.max(0, until - clock.monotonic()),
    [Symbol.dispose]() {
      timer.cancel();
      leave();
    },
  };
}
