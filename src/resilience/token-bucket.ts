/** What a server said about one of its limits, for instance in the headers of a reply. What makes no sense (NaN, -1) is as if not said. */
export interface ServerLimit {
  /** Its capacity. */
  readonly limit?: number;
  /** What it says is left. */
  readonly remaining?: number;
  /** Until it is full again, in milliseconds from now. */
  readonly resetMs?: number;
}

export interface TokenBucketOptions {
  /** What the bucket holds. Infinity: nothing is limited until a server says so. */
  readonly capacity: number;
  /** How long it takes to fill from empty, in milliseconds. */
  readonly perMs: number;
}

/**
 * A token bucket that refills continuously, so that in any stretch of t milliseconds at most capacity + t x capacity / perMs is drawn
 * (Turner, "New Directions in Communications", 1986). `now` is monotonic milliseconds and never goes back.
 */
export interface TokenBucket {
  readonly capacity: number;
  level(now: number): number;
  /** How long until this much has come in, in milliseconds; 0 when it is there now. For more than the capacity: as if the bucket were deeper. */
  waitMs(amount: number, now: number): number;
  /** Draws, also below nothing; returns the number of this draw, for `correct`. */
  draw(amount: number, now: number): number;
  /**
   * Makes the level what it would be had the draw been of `actual` instead of `estimate`: what would have run over since then does not
   * come back, so the bound above holds for the actual amounts too. More than was estimated is drawn now and may leave a debt.
   */
  correct(draw: number, estimate: number, actual: number, now: number): void;
  /** Follows the server: its limit where that is lower than ours, what is left where that is less, its pace of refilling until the reset. */
  observe(said: ServerLimit, now: number): void;
}

/** How full the bucket was before a draw; only those are kept that no later one reached. */
interface Peak {
  draw: number;
  level: number;
}

/** Beyond this many peaks each two become one, which errs on the side of giving back less. */
const MOST_PEAKS = 256;

export function createTokenBucket(options: TokenBucketOptions): TokenBucket {
  const { perMs } = options;
  let { capacity } = options;
  let level = capacity;
  let at = 0;
  let draws = 0;
  let paced = { until: 0, rate: 0 };
  const peaks: Peak[] = [];

  const rate = (): number => capacity / perMs;

  function refill(now: number): void {
    if (capacity === Infinity || now <= at) return;
    const pacedMs = Math.max(0, Math.min(now, paced.until) - at);
    level = Math.min(capacity, level + pacedMs * paced.rate + (now - at - pacedMs) * rate());
    at = now;
  }
  function keepPeak(): void {
    while (peaks.length > 0 && (peaks.at(-1) as Peak).level <= level) peaks.pop();
    peaks.push({ draw: draws, level });
    if (peaks.length > MOST_PEAKS) halve(peaks);
  }
  function giveBack(draw: number, amount: number): void {
    const since = peaks.findIndex((peak) => peak.draw >= draw);
    const later = since < 0 ? [] : peaks.slice(since);
    const fullest = Math.max(level, later[0]?.level ?? -Infinity);
    const returned = Math.min(amount, Math.max(0, capacity - fullest));
    level += returned;
    for (const peak of later) peak.level += returned;
  }

  return {
    get capacity() {
      return capacity;
    },
    level(now) {
      refill(now);
      return level;
    },
    waitMs(amount, now) {
      refill(now);
      const missing = amount - level;
      // What is missing only through rounding is not waited for.
      if (missing <= 0 || missing <= capacity * 1e-9) return 0;
      const pacedMs = Math.max(0, paced.until - now);
      if (missing <= pacedMs * paced.rate) return missing / paced.rate;
      return pacedMs + (missing - pacedMs * paced.rate) / rate();
    },
    draw(amount, now) {
      refill(now);
      if (amount > 0) keepPeak();
      level -= amount;
      return ++draws;
    },
    correct(draw, estimate, actual, now) {
      refill(now);
      if (capacity === Infinity) return;
      if (actual > estimate) level -= actual - estimate;
      else giveBack(draw, estimate - actual);
    },
    observe({ limit = 0, remaining = -1, resetMs = 0 }, now) {
      refill(now);
      keepPeak();
      if (limit > 0) {
        at = now;
        capacity = Math.min(options.capacity, limit);
        level = Math.min(level, capacity);
      }
      if (!(remaining >= 0) || capacity === Infinity) return;
      level = Math.min(level, remaining);
      if (!(resetMs > 0) || remaining >= capacity) return;
      const itsRate = (capacity - remaining) / resetMs;
      paced = itsRate < rate() ? { until: now + resetMs, rate: itsRate } : { until: 0, rate: 0 };
    },
  };
}

/** Of each two neighbours the later draw remains, with the higher level of both. */
function halve(peaks: Peak[]): void {
  const kept = peaks.filter((_, index) => index % 2 === 1 || index === peaks.length - 1);
  for (const [index, peak] of kept.entries()) peak.level = (peaks[2 * index] as Peak).level;
  peaks.splice(0, peaks.length, ...kept);
}
