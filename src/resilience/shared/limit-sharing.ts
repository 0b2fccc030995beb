import type { Ids } from "../../core/ids.ts";
import type { Breaker } from "../breaker.ts";
import type { Bulkhead } from "../bulkhead.ts";
import type { RateLimiter, RateLimiterOptions } from "../rate-limiter.ts";
import { createSharedBulkhead, type SharedBulkheadOptions } from "./shared-bulkhead.ts";
import type { SharedBreakers } from "./shared-breakers.ts";
import { createSharedRateLimiter } from "./shared-rate-limiter.ts";
import type { SharedState } from "./shared-state.ts";

/** Makes limits of which all processes together take no more than one may. Those of one name are the same. */
export interface LimitSharing {
  rateLimiter<A extends string>(name: string, options: RateLimiterOptions<A>): RateLimiter<A>;
  bulkhead(name: string, options: Omit<SharedBulkheadOptions, "name" | "state" | "ids">): Bulkhead;
  /** Breakers of one name hear of each other. */
  join(name: string, breaker: Breaker): void;
}

export interface LimitSharingOptions {
  readonly state: SharedState;
  readonly breakers: SharedBreakers;
  readonly ids: Ids;
}

export function createLimitSharing({ state, breakers, ids }: LimitSharingOptions): LimitSharing {
  return {
    rateLimiter: (name, options) => createSharedRateLimiter({ ...options, name, state }),
    bulkhead: (name, options) => createSharedBulkhead({ ...options, name, state, ids }),
    join: (name, breaker) => breakers.join(name, breaker),
  };
}
