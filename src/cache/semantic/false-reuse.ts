export interface FalseReuse {
  readonly sampled: number;
  readonly wrong: number;
  /** Share of sampled hits that were wrong; undefined before the first sample. */
  readonly rate: number | undefined;
  /** 95 % interval of the rate (Wilson); from 0 to 1 before the first sample. */
  readonly interval: readonly [number, number];
}

const Z = 1.96;

/** The measured rate of wrong answers among sampled hits, with its interval. */
export function toFalseReuse(sampled: number, wrong: number): FalseReuse {
  if (sampled === 0) return { sampled, wrong, rate: undefined, interval: [0, 1] };
  const rate = wrong / sampled;
  const scale = 1 + Z ** 2 / sampled;
  const middle = (rate + Z ** 2 / (2 * sampled)) / scale;
  const half = (Z / scale) * Math.sqrt((rate * (1 - rate)) / sampled + Z ** 2 / (4 * sampled ** 2));
  return { sampled, wrong, rate, interval: [Math.max(0, middle - half), Math.min(1, middle + half)] };
}
