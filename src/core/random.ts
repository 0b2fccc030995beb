/** Chance as an argument. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
}

// oxlint-disable-next-line no-restricted-properties -- the one home of the machine's chance
export const systemRandom: Random = { next: () => Math.random() };

/**
 * Creates a generator that gives the same numbers for the same seed: mulberry32, 32 bits of state,
 * good enough for simulations and jitter, never for secrets.
 */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}
