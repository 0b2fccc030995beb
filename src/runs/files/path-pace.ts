import type { Clock } from "../../core/clock.ts";

/** Runs that one path may start within a minute. */
const LIMIT = 10;
const PERIOD_MS = 60_000;
/** Paths that are remembered; beyond, the one that was idle longest is forgotten. */
const REMEMBERED = 10_000;

/** Slows down a file that changes again and again, as one does whose own runs write it. */
export interface PathPace {
  /** Takes a place for a run; otherwise gives how long to wait for one, in milliseconds. */
  take(path: string): number;
}

export function createPathPace(clock: Clock): PathPace {
  const starts = new Map<string, { readonly since: number; count: number }>();
  return {
    take(path) {
      const now = clock.monotonic();
      const known = starts.get(path);
      const entry = known === undefined || now - known.since >= PERIOD_MS ? { since: now, count: 0 } : known;
      if (entry.count >= LIMIT) return entry.since + PERIOD_MS - now;
      entry.count += 1;
      starts.delete(path);
      starts.set(path, entry);
      if (starts.size > REMEMBERED) starts.delete(starts.keys().next().value ?? "");
      return 0;
    },
  };
}
