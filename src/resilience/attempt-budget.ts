import type { Clock } from "../core/clock.ts";

/**
 * Lets attempts beyond the first be no more than a share of all calls, so that retries and hedges cannot multiply the load on something
 * that is down already (as the retry budget of Finagle and the retry throttling of gRPC, proposal A6). At any time at most
 * `burst` + `share` x calls + `perMinute` x minutes were granted. Give one to all callers of the same target.
 */
export interface AttemptBudget {
  /** Counts a call: its first attempt. */
  count(): void;
  /** Takes one further attempt out of the budget, if it holds one. */
  take(): boolean;
  /** How many further attempts it holds now. */
  available(): number;
}

export interface AttemptBudgetOptions {
  readonly clock: Clock;
  /** Further attempts for each call, from 0 to 1. Default 0.2 for retries; 0.05 is usual for hedges. */
  readonly share?: number;
  /** How many it holds at most, and at first. Default 10. */
  readonly burst?: number;
  /** What comes in by time alone, so that those who call rarely may retry too. Default 10. */
  readonly perMinute?: number;
}

/** Creates a full budget. Throws RangeError for an option out of range. */
export function createAttemptBudget({
  clock,
  share = 0.2,
  burst = 10,
  perMinute = 10,
}: AttemptBudgetOptions): AttemptBudget {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share must lie between 0 and 1, got ${share}`);
  if (!(burst >= 1 && Number.isFinite(burst))) throw new RangeError(`burst must be at least 1, got ${burst}`);
  if (!(perMinute >= 0 && Number.isFinite(perMinute)))
    throw new RangeError(`perMinute must be at least 0, got ${perMinute}`);
  let level = burst;
  let at = clock.monotonic();

  function available(): number {
    const now = clock.monotonic();
    level = Math.min(burst, level + ((now - at) * perMinute) / 60_000);
    at = now;
    return level;
  }

  return {
    available,
    count() {
      level = Math.min(burst, available() + share);
    },
    take() {
      // 20 x 0.05 is a little less than 1 in floating point.
      if (available() < 1 - 1e-9) return false;
      level -= 1;
      return true;
    },
  };
}
