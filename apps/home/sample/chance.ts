import { createSeededRandom, type Random } from "millrace";

/** Dice of one purpose on one day. */
export interface Chance extends Random {
  /** True with this probability. */
  happens(probability: number): boolean;
  /** A number from `from` up to, but not including, `to`. */
  between(from: number, to: number): number;
  /** Normal around 0, cut at two and a half deviations. */
  jitter(deviation: number): number;
  /** A whole number around a mean (Poisson). */
  count(mean: number): number;
}

const CUT = 2.5;

/** Creates the dice for a purpose on a day: the same seed, day and purpose always throw the same numbers, whatever else is thrown. */
export function createChance(seed: number, day: number, purpose: string): Chance {
  const random = createSeededRandom(hash(`${seed}/${day}/${purpose}`));
  const next = () => random.next();
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  }
  return {
    next,
    happens: (probability) => next() < probability,
    between: (from, to) => from + next() * (to - from),
    jitter(deviation) {
      let value = normal();
      while (Math.abs(value) > CUT) value = normal();
      return value * deviation;
    },
    count(mean) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count += 1;
      return count;
    },
  };
}

/** FNV-1a, then a final mix, so that neighbouring days share nothing. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
