/** A value at a moment, in seconds since the beginning. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** Growth per second: the slope of the straight line that fits best (least squares). */
export function slopeOf(points: readonly Point[]): number {
  if (points.length < 2) return 0;
  const mean = (valueOf: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + valueOf(point), 0) / points.length;
  const meanAt = mean(({ at }) => at);
  const meanValue = mean(({ value }) => value);
  const covariance = points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0);
  const variance = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

/**
 * The smallest value of each of so many equal windows of time. What a heap holds shows right after a collection: between two of them it grows
 * in any case.
 */
export function floorsOf(points: readonly Point[], windows: number): readonly number[] {
  const from = points[0]?.at ?? 0;
  const length = ((points.at(-1)?.at ?? 0) - from) / windows;
  return Array.from({ length: windows }, (_, index) => {
    const within = points.filter(
      ({ at }) => at >= from + index * length && (at < from + (index + 1) * length || index === windows - 1),
    );
    return Math.min(...within.map(({ value }) => value));
  });
}

/** Whether each value is above the one before, and the last above the first by more than this share. */
export function isGrowing(values: readonly number[], share: number): boolean {
  const rises = values.slice(1).every((value, index) => value > (values[index] ?? Infinity));
  return rises && (values.at(-1) ?? 0) > (values[0] ?? 0) * (1 + share);
}
