/** States that say only that nobody knows. */
export const GAP_STATES = ["", "unavailable", "unknown"] as const;

/** Asks whether a state is a gap in what is known and not a state. */
export function isGap(state: string): boolean {
  return state === "unavailable" || state === "unknown" || state === "";
}
