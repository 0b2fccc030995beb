/**
 * Milliseconds since the epoch of what Home Assistant writes: seconds with fractions, or ISO 8601 with microseconds. Both give the same
 * millisecond for the same instant, so that a change is one change whichever way it was read. Undefined when it is neither.
 */
export function toInstant(value: unknown): number | undefined {
  if (typeof value === "number") return secondsToMs(value);
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Binary fractions are a little off: 0.123 s would else come out as 122 ms. */
export function secondsToMs(seconds: number): number {
  return Math.floor(Math.round(seconds * 1_000_000) / 1_000);
}
