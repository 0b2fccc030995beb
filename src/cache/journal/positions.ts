import type { Clock } from "../../core/clock.ts";

/** Positions a millisecond: a new journal begins above whatever an older one reached, so that nothing old seems new. */
const PER_MS = 1_000;

/** Where a new journal begins. */
export function firstPosition(clock: Clock): number {
  return Math.max(1, Math.floor(clock.now())) * PER_MS;
}
