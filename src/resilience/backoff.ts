import type { Random } from "../core/random.ts";

/** How long to wait before the next attempt, in milliseconds. `failures` counts those so far, from 1. */
export type Backoff = (failures: number) => number;

export interface BackoffOptions {
  readonly random: Random;
  /** Longest wait after the first failure, in milliseconds. Default 4 000. */
  readonly baseMs?: number;
  /** By how much that grows with each further failure. Default 2. */
  readonly factor?: number;
  /** Longest wait ever, in milliseconds. Default 10 000. */
  readonly maxMs?: number;
  /** `full`: anything from nothing to the bound. `equal`: from half of the bound on, for who must not come back at once. Default full. */
  readonly jitter?: "full" | "equal";
}

/**
 * Waits that grow with jitter: each is drawn evenly below a bound that doubles, so that many callers who failed together do not come
 * back together.
 */
export function exponentialBackoff(options: BackoffOptions): Backoff {
  const { random, baseMs = 4_000, factor = 2, maxMs = 10_000, jitter = "full" } = options;
  if (!(baseMs >= 0 && maxMs >= baseMs)) {
    throw new RangeError(`baseMs must lie between 0 and maxMs, got ${baseMs} and ${maxMs}`);
  }
  if (!(factor >= 1)) throw new RangeError(`factor must be at least 1, got ${factor}`);
  const least = jitter === "equal" ? 0.5 : 0;
  return (failures) => (least + random.next() * (1 - least)) * Math.min(maxMs, baseMs * factor ** (failures - 1));
}
