import type { Clock } from "../core/clock.ts";
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
}

/**
 * Does the work until it succeeds, its attempts are used up, or a failure is judged final. A wait that would pass the deadline is not
 * begun: the failure is thrown at once, so that the caller keeps the time for something else. Throws the last failure.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  { clock, backoff, deadline, judge, attempts = 3 }: RetryOptions,
): Promise<T> {
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new RangeError(`attempts must be a whole number of at least 1, got ${attempts}`);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const verdict = judge(error);
      if (!verdict.again || attempt >= attempts || deadline.signal.aborted) throw error;
      const waitMs = Math.max(backoff(attempt), verdict.notBeforeMs);
      if (waitMs >= deadline.leftMs()) throw error;
      await clock.sleep(waitMs, deadline.signal);
    }
  }
}
