export { type AttemptBudget, type AttemptBudgetOptions, createAttemptBudget } from "./resilience/attempt-budget.ts";
export { type Backoff, type BackoffOptions, exponentialBackoff } from "./resilience/backoff.ts";
export {
  type Admission,
  type Breaker,
  type BreakerOptions,
  type BreakerState,
  createBreaker,
  type Health,
} from "./resilience/breaker.ts";
export { type Breakers, type BreakersOptions, createBreakers } from "./resilience/breakers.ts";
export {
  type Budget,
  type BudgetAmounts,
  type BudgetLimit,
  type BudgetOptions,
  type BudgetReservation,
  type BudgetScope,
  type BudgetStanding,
  createBudget,
} from "./resilience/budget.ts";
export type { BudgetPeriodName } from "./resilience/budget-period.ts";
export {
  type BudgetCharge,
  type BudgetLimitedCharge,
  type BudgetRefusal,
  type BudgetStore,
  createMemoryBudgetStore,
  type MemoryBudgetStoreOptions,
} from "./resilience/budget-store.ts";
export { type Bulkhead, type BulkheadOptions, type BulkheadStats, createBulkhead } from "./resilience/bulkhead.ts";
export {
  aimdLimit,
  type AimdOptions,
  type ConcurrencyLimit,
  type ConcurrencySample,
  gradientLimit,
  type GradientOptions,
  type LimitBounds,
} from "./resilience/concurrency-limit.ts";
export { type Deadline, type DeadlineOptions, startDeadline } from "./resilience/deadline.ts";
export { type FailedAttempt, fallback, type FallbackAnswer, type FallbackOptions } from "./resilience/fallback.ts";
export { hedge, type HedgeAttempt, type HedgeLoss, type HedgeOptions } from "./resilience/hedge.ts";
export {
  createQuantiles,
  type Quantiles,
  type QuantilesOptions,
  type QuantilesSnapshot,
} from "./resilience/quantiles.ts";
export {
  type Amounts,
  type AxisLimit,
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimiterStats,
  type Reservation,
} from "./resilience/rate-limiter.ts";
export { retry, type RetryOptions, type Verdict } from "./resilience/retry.ts";
export type { ServerLimit } from "./resilience/token-bucket.ts";
export type { QueueOptions, WaitOptions } from "./resilience/waiting-line.ts";
