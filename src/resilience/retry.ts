import type { Clock } from "../core/clock.ts";
import type { AttemptBudget } from "./attempt-budget.ts";
import type { Backoff } from "./backoff.ts";
import type { Deadline } from "./deadline.ts";

/** What a failure says about trying again. */
export type Verdict =
  | { readonly again: false }
  /** `notBeforeMs`: the least wait the other side asked for, in milliseconds. */
  | { readonly again: true; readonly notBeforeMs: number };

export interface RetryOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly deadline: Deadline;
  /** Judges a failure. It is called for each one, the last included. */
  readonly judge: (error: unknown) => Verdict;
  /** Tries in all, the first included. Default 3. */
  readonly attempts?: number;
  /** Bounds the retries of all who share it to a share of their calls. Default: only `attempts` bounds them. */
  readonly budget?: AttemptBudget;
}

/**
 * Does the work until it succeeds, its attempts or the budget are used up, or a failure is judged final. A wait that would pass the deadline is
 * not begun: the failure is thrown at once, so that the caller keeps the time for something else. What the other side asked to wait is a
 * minimum, on top of which comes a part of the backoff, so that many who were told the same do not come back together. Throws the last failure.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  { clock, backoff, deadline, judge, attempts = 3, budget }: RetryOptions,
): Promise<T> {
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new RangeError(`attempts must be a whole number of at least 1, got ${attempts}`);
  }
  budget?.count();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const verdict = judge(error);
      if (!verdict.again || attempt >= attempts || deadline.signal.aborted) throw error;
      const waitMs = waitFor(backoff(attempt), verdict.notBeforeMs);
      if (waitMs >= deadline.leftMs() || budget?.take() === false) throw error;
      await clock.sleep(waitMs, deadline.signal);
    }
  }
}

function waitFor(backoffMs: number, notBeforeMs: number): number {
  return notBeforeMs > 0 ? Math.max(backoffMs, notBeforeMs + backoffMs / 4) : backoffMs;
}
