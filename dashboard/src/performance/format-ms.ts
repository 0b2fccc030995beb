import { formatDuration } from "../format/duration.ts";

/** Writes milliseconds, of which parts count: `0.4 ms`, `12 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms >= 10 ? formatDuration(ms) : `${Math.round(ms * 10) / 10} ms`;
}
