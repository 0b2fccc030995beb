import type { Clock } from "../core/clock.ts";
import { ModelFailure } from "../model/failure.ts";
import type { Backoff } from "../resilience/backoff.ts";
import { retry } from "../resilience/retry.ts";
import type { Stage } from "./pipeline.ts";
import type { Routes } from "./routes.ts";

export interface RetryAttemptsOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly routes: Routes;
}

/** Asks the same route again where that may help, not before the provider's own time, and never past the deadline. */
export function retryAttempts({ clock, backoff, attempts, routes }: RetryAttemptsOptions): Stage {
  return (next) => (question, context) =>
    retry(() => next(question, context), {
      clock,
      backoff,
      deadline: context.deadline,
      attempts,
      budget: routes.get(question.model.name).retries,
      judge: (error) =>
        error instanceof ModelFailure && error.isRetryable
          ? { again: true, notBeforeMs: error.notBeforeMs }
          : { again: false },
    });
}
