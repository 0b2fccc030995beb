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
  /** By how much answers may take longer than those of an idle server before the limit falls. Default 2. */
  readonly tolerance?: number;
  /** After how many samples the limit is lowered for a moment, to see anew how fast an idle server answers. Default 1 000. */
  readonly probeEvery?: number;
}

const SMOOTHING = 0.2;

/**
 * Falls when answers take longer than those of an idle server (the gradient limit of Netflix's concurrency-limits): limit x tolerance x shortest
 * time / this time, at least half and at most all of it, plus room for a queue of its square root, smoothed. For servers that queue silently,
 * such as a local model server, where answers take alike; it misreads work whose length differs by nature.
 */
export function gradientLimit({
  min = 1,
  max = 100,
  initial = 5,
  tolerance = 2,
  probeEvery = 1_000,
}: GradientOptions = {}): ConcurrencyLimit {
  checkBounds({ min, max, initial });
  if (!(tolerance >= 1)) throw new RangeError(`tolerance must be at least 1, got ${tolerance}`);
  if (!(Number.isInteger(probeEvery) && probeEvery >= 1)) {
    throw new RangeError(`probeEvery must be a whole number of at least 1, got ${probeEvery}`);
  }
  let limit = initial;
  let shortestMs = Infinity;
  let samples = 0;
  let probedAt = -Infinity;

  function probe(now: number): void {
    limit = Math.max(min, Math.sqrt(limit));
    shortestMs = Infinity;
    samples = 0;
    probedAt = now;
  }
  function target(ms: number, isOverload: boolean): number {
    if (isOverload) return limit / 2;
    const gradient = Math.max(0.5, Math.min(1, (tolerance * shortestMs) / ms));
    return limit * gradient + Math.sqrt(limit);
  }

  return {
    current: () => Math.floor(limit),
    learn({ ms, running, startedAt, isOverload }, now) {
      // What had started before the limit was lowered was slowed by the queue that is to go.
      if (startedAt < probedAt) return;
      samples += 1;
      if (samples >= probeEvery) return probe(now);
      const taken = Math.max(ms, 1e-3);
      if (!isOverload) shortestMs = Math.min(shortestMs, taken);
      // A limit that was not reached was not tried either.
      if (running * 2 < limit && !isOverload) return;
      limit = Math.max(min, Math.min(max, limit + (target(taken, isOverload) - limit) * SMOOTHING));
    },
  };
}

function checkBounds({ min, max, initial }: Required<LimitBounds>): void {
  if (!(min >= 1 && initial >= min && max >= initial && Number.isFinite(max))) {
    throw new RangeError(`1 <= min <= initial <= max is needed, got ${min}, ${initial} and ${max}`);
  }
}
