import type { Clock } from "../core/clock.ts";

/** What was seen, as data: to add up what several processes saw. */
export interface QuantilesSnapshot {
  readonly accuracy: number;
  readonly least: number;
  /** Pairs of a bin's number and how many values fell into it. */
  readonly bins: readonly (readonly [bin: number, count: number])[];
}

/** Percentiles of what was recorded lately. */
export interface Quantiles {
  /** Throws RangeError for what is no number of at least 0. */
  record(value: number): void;
  /** The value below which the share `q`, from 0 to 1, of the values lies; undefined when there are none. */
  quantile(q: number): number | undefined;
  /** How many values the window holds. */
  count(): number;
  snapshot(): QuantilesSnapshot;
  /** Counts what another one saw as seen now. Throws RangeError when the two were not created alike. */
  merge(other: QuantilesSnapshot): void;
}

export interface QuantilesOptions {
  readonly clock: Clock;
  /** How far back values count, in milliseconds, give or take a sixth. Default 300 000. */
  readonly windowMs?: number;
  /** How far a percentile may be off, relative to it. Default 0.01. */
  readonly accuracy?: number;
  /** Smaller values count as this one. Default 0.1: a tenth of a millisecond, where the values are milliseconds. */
  readonly least?: number;
  /** Larger values count as this one. Default 10 000 000: 2.8 hours. */
  readonly greatest?: number;
}

const SLICES = 6;

/**
 * DDSketch (Masson, Rim and Lee, VLDB 2019) over a sliding window: bins whose bounds grow by the factor (1 + accuracy) / (1 - accuracy), so each
 * percentile is off by at most `accuracy` of itself, and sketches add up exactly. The window moves in sixths. About 26 KB as created by
 * default, whatever is recorded.
 */
export function createQuantiles({
  clock,
  windowMs = 300_000,
  accuracy = 0.01,
  least = 0.1,
  greatest = 10_000_000,
}: QuantilesOptions): Quantiles {
  if (!(windowMs > 0 && Number.isFinite(windowMs))) throw new RangeError(`windowMs must be positive, got ${windowMs}`);
  if (!(accuracy > 0 && accuracy < 1)) throw new RangeError(`accuracy must lie between 0 and 1, got ${accuracy}`);
  if (!(least > 0 && greatest > least && Number.isFinite(greatest))) {
    throw new RangeError(`0 < least < greatest is needed, got ${least} and ${greatest}`);
  }
  const factor = (1 + accuracy) / (1 - accuracy);
  const logFactor = Math.log(factor);
  const bins = binOf(greatest) + 1;
  const sliceMs = windowMs / SLICES;
  const slices = Array.from({ length: SLICES }, () => new Uint32Array(bins));
  /** The sum of the slices. */
  const sums = new Uint32Array(bins);
  let total = 0;
  let newest = sliceAt();

  function binOf(value: number): number {
    if (value <= least) return 0;
    return Math.ceil(Math.log(Math.min(value, greatest) / least) / logFactor);
  }
  /** The value that is at most `accuracy` away from every value of the bin. */
  function valueOf(bin: number): number {
    return bin === 0 ? least : (least * factor ** bin * 2) / (1 + factor);
  }
  function sliceAt(): number {
    return Math.floor(clock.monotonic() / sliceMs);
  }
  function forget(): void {
    const now = sliceAt();
    for (let left = Math.min(SLICES, now - newest); left > 0; left--) {
      const slice = slices[(now - left + 1) % SLICES] as Uint32Array;
      for (const [bin, count] of slice.entries()) {
        sums[bin] = (sums[bin] ?? 0) - count;
        total -= count;
      }
      slice.fill(0);
    }
    newest = now;
  }
  function add(bin: number, count: number): void {
    const slice = slices[newest % SLICES] as Uint32Array;
    slice[bin] = (slice[bin] ?? 0) + count;
    sums[bin] = (sums[bin] ?? 0) + count;
    total += count;
  }

  return {
    record(value) {
      if (!(value >= 0)) throw new RangeError(`only numbers of at least 0 are recorded, got ${value}`);
      forget();
      add(binOf(value), 1);
    },
    quantile(q) {
      if (!(q >= 0 && q <= 1)) throw new RangeError(`q must lie between 0 and 1, got ${q}`);
      forget();
      if (total === 0) return undefined;
      // From above, since it is the high percentiles that are asked for.
      let above = total - Math.floor(q * (total - 1));
      let bin = bins;
      while (above > 0) above -= sums[--bin] ?? 0;
      return valueOf(bin);
    },
    count() {
      forget();
      return total;
    },
    snapshot() {
      forget();
      return { accuracy, least, bins: [...sums.entries()].filter(([, count]) => count > 0) };
    },
    merge(other) {
      if (other.accuracy !== accuracy || other.least !== least) {
        const theirs = `accuracy ${other.accuracy}, least ${other.least}`;
        throw new RangeError(`only alike can be merged: accuracy ${accuracy}, least ${least}, got ${theirs}`);
      }
      forget();
      for (const [bin, count] of other.bins) add(Math.min(bin, bins - 1), count);
    },
  };
}
