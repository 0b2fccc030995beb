/** How one piece of work went, for a limit that learns. */
export interface ConcurrencySample {
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** How many ran when it started, itself included. */
  readonly running: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** The other side said that it was too much, or did not answer in time. */
  readonly isOverload: boolean;
}

/** How many may run at once, learned from how it goes. */
export interface ConcurrencyLimit {
  current(): number;
  learn(sample: ConcurrencySample, now: number): void;
}

export interface LimitBounds {
  /** Default 1. */
  readonly min?: number;
  /** Default 100. */
  readonly max?: number;
  /** Where it begins. Default 5. */
  readonly initial?: number;
}

export interface AimdOptions extends LimitBounds {
  /** By what it is multiplied at a sign of overload. Default 0.7. */
  readonly backoff?: number;
}

/**
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989; as in TCP, RFC 5681): one more for each full round of successes, a factor
 * less at a sign of overload, once a round. For servers that say when it is too much (429, 503, 529, timeouts).
 */
export function aimdLimit({ min = 1, max = 100, initial = 5, backoff = 0.7 }: AimdOptions = {}): ConcurrencyLimit {
  checkBounds({ min, max, initial });
  if (!(backoff > 0 && backoff < 1)) throw new RangeError(`backoff must lie between 0 and 1, got ${backoff}`);
  let limit = initial;
  let loweredAt = -Infinity;
  return {
    current: () => Math.floor(limit),
    learn({ startedAt, running, isOverload }, now) {
      if (isOverload) {
        // What had started before the limit was lowered says nothing about the lower one.
        if (startedAt < loweredAt) return;
        limit = Math.max(min, limit * backoff);
        loweredAt = now;
        return;
      }
      // A limit that was not reached was not tried either.
      if (running * 2 >= limit) limit = Math.min(max, limit + 1 / limit);
    },
  };
}

export interface GradientOptions extends LimitBounds {
  /** By how much it may be slower than usual before the limit falls. Default 1.5. */
  readonly tolerance?: number;
  /** How many samples "usual" looks back on, about. Default 600. */
  readonly longWindow?: number;
}

const SMOOTHING = 0.2;
const QUEUE = 4;

/**
 * Falls when answers become slower than usual (Gradient2 of Netflix's concurrency-limits): limit x usual time / this time, at least half, plus
 * room for a queue of 4, smoothed. For servers that queue silently, such as a local model server, where answers take alike; it misreads
 * work whose length differs by nature.
 */
export function gradientLimit({
  min = 1,
  max = 100,
  initial = 5,
  tolerance = 1.5,
  longWindow = 600,
}: GradientOptions = {}): ConcurrencyLimit {
  checkBounds({ min, max, initial });
  if (!(tolerance >= 1)) throw new RangeError(`tolerance must be at least 1, got ${tolerance}`);
  if (!(longWindow >= 1)) throw new RangeError(`longWindow must be at least 1, got ${longWindow}`);
  let limit = initial;
  let usualMs = 0;
  let samples = 0;
  return {
    current: () => Math.floor(limit),
    learn({ ms, running, isOverload }) {
      const taken = Math.max(ms, 1e-3);
      samples = Math.min(samples + 1, longWindow);
      usualMs += (taken - usualMs) / Math.min(samples, (longWindow + 1) / 2);
      // Much faster than usual: what was usual is over, so it is forgotten sooner.
      if (usualMs / taken > 2) usualMs *= 0.95;
      if (running * 2 < limit && !isOverload) return;
      const gradient = isOverload ? 0.5 : Math.max(0.5, Math.min(1, (tolerance * usualMs) / taken));
      const wanted = limit * gradient + (isOverload ? 0 : QUEUE);
      limit = Math.max(min, Math.min(max, limit * (1 - SMOOTHING) + wanted * SMOOTHING));
    },
  };
}

function checkBounds({ min, max, initial }: Required<LimitBounds>): void {
  if (!(min >= 1 && initial >= min && max >= initial && Number.isFinite(max))) {
    throw new RangeError(`1 <= min <= initial <= max is needed, got ${min}, ${initial} and ${max}`);
  }
}
