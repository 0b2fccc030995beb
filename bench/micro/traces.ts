import type { Random } from "millrace";

/** Keys in the order in which they are asked for, as numbers. */
export type Trace = Uint32Array;

const ACCESSES = 300_000;
const KEYS = 50_000;
const ONE_HIT_SHARE = 0.3;
const SCAN_KEYS = 20_000;
const SCAN_EVERY = 60_000;
const DRIFT_EVERY = 50;
const LOOP_KEYS = 6_000;

/** The kinds of traffic that B11 measures on: some that policies are usually judged by, and the same with other parameters and mixed. */
export function createTraces(random: Random): Readonly<Record<string, Trace>> {
  const zipf = createZipf(KEYS, 0.9, random);
  const flat = createZipf(KEYS, 0.7, random);
  const steep = createZipf(KEYS, 1.1, random);
  let fresh = KEYS;
  return {
    zipf: fill(() => zipf()),
    "zipf with one-hit keys": fill(() => (random.next() < ONE_HIT_SHARE ? fresh++ : zipf())),
    "zipf with scans": fill((index) => {
      const inScan = index % SCAN_EVERY;
      return inScan < SCAN_KEYS && index >= SCAN_EVERY ? 10_000_000 + inScan : zipf();
    }),
    drifting: fill((index) => (zipf() + Math.floor(index / DRIFT_EVERY) * 7) % KEYS),
    loop: fill((index) => index % LOOP_KEYS),
    "flat zipf": fill(() => flat()),
    "steep zipf": fill(() => steep()),
    "drifting slowly": fill((index) => (zipf() + Math.floor(index / 500) * 7) % KEYS),
    "drifting fast": fill((index) => (zipf() + Math.floor(index / DRIFT_EVERY) * 30) % KEYS),
    "drifting, steep": fill((index) => (steep() + Math.floor(index / DRIFT_EVERY) * 7) % KEYS),
    "drifting with scans": fill((index) => {
      const inScan = index % SCAN_EVERY;
      const isScan = inScan < SCAN_KEYS / 2 && index >= SCAN_EVERY;
      return isScan ? 10_000_000 + inScan : (zipf() + Math.floor(index / DRIFT_EVERY) * 7) % KEYS;
    }),
    phases: fill((index) => (zipf() + Math.floor(index / 50_000) * 17_000) % KEYS),
    "loop within zipf": fill((index) => (random.next() < 0.5 ? 10_000_000 + ((index >> 1) % 8_000) : zipf())),
    recent: createRecent(random),
  };
}

/** Seven of ten keys were asked for before, a while ago that is short more often than long. */
function createRecent(random: Random): Trace {
  const trace = new Uint32Array(ACCESSES);
  for (let index = 1; index < ACCESSES; index++) {
    const ago = Math.floor(-3_000 * Math.log(1 - random.next()));
    trace[index] = random.next() < 0.7 && ago < index ? (trace[index - 1 - ago] ?? 0) : index;
  }
  return trace;
}

function fill(next: (index: number) => number): Trace {
  return Uint32Array.from({ length: ACCESSES }, (_, index) => next(index));
}

/** Gives ranks from 0 up, the first one most often: the chance of a rank falls with its power. */
export function createZipf(count: number, exponent: number, random: Random): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    sums[rank] = sum;
  }
  return () => {
    const target = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
