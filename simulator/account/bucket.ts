/** A token bucket: holds a minute's worth, refilled continuously. */
export interface Bucket {
  readonly perMinute: number;
  /** What is left; below 0 when more was taken than there was. */
  level(now: number): number;
  take(amount: number, now: number): void;
  /** Milliseconds until so much is there; Infinity when it never will be. */
  waitMs(amount: number, now: number): number;
  /** When it will be full, in milliseconds since the epoch. */
  fullAt(now: number): number;
}

const MINUTE_MS = 60_000;
/** Refilling adds up parts: what is missing by less than this is not missing. */
const SMALLEST = 1e-6;

/** Creates a full bucket. What it is given per minute is also the most it holds. */
export function createBucket(perMinute: number, startAt: number): Bucket {
  let level = perMinute;
  let at = startAt;

  function refill(now: number): number {
    level = Math.min(perMinute, level + (Math.max(0, now - at) * perMinute) / MINUTE_MS);
    at = now;
    return level;
  }
  function waitMs(amount: number, now: number): number {
    const missing = amount - refill(now);
    if (missing <= SMALLEST) return 0;
    return amount > perMinute ? Number.POSITIVE_INFINITY : (missing * MINUTE_MS) / perMinute;
  }

  return {
    perMinute,
    level: refill,
    take(amount, now) {
      level = Math.min(perMinute, refill(now) - amount);
    },
    waitMs,
    fullAt: (now) => now + waitMs(perMinute, now),
  };
}
