const GAPS: ReadonlySet<string> = new Set(["", "unavailable", "unknown"]);

/** Asks whether a state says only that nobody knows. */
export function isGap(state: string): boolean {
  return GAPS.has(state);
}
