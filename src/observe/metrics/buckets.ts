/**
 * Upper bounds in seconds for what should be quick: requests and statements. The bounds of objectives are among them, since a share below a
 * bound is counted exactly only there.
 */
export const QUICK_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10,
];

/** For calls, steps and runs: OpenTelemetry's for calls to models, 0.01 · 2ⁿ, to 327.68 s instead of 81.92 s. */
export const SLOW_BUCKETS: readonly number[] = Array.from(
  { length: 16 },
  (_, power) => (0.01 * 100 * 2 ** power) / 100,
);

/** Adds up counts by bucket. */
export function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

/**
 * A quantile from 0 to 1 of what was counted: within its bucket as if spread evenly, as Prometheus' `histogram_quantile` does; above the
 * last bound that bound. Undefined when nothing was counted.
 */
export function quantileOf(share: number, counts: readonly number[], buckets: readonly number[]): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = share * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (below + count >= rank && count > 0) {
      const from = buckets[index - 1] ?? 0;
      const to = buckets[index] ?? from;
      return from + ((to - from) * (rank - below)) / count;
    }
    below += count;
  }
  return buckets.at(-1);
}

/** How many were at most this bound, which is one of the buckets. */
export function countUpTo(bound: number, counts: readonly number[], buckets: readonly number[]): number {
  return counts.reduce((sum, count, index) => ((buckets[index] ?? Infinity) <= bound ? sum + count : sum), 0);
}
