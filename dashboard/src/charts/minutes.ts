import { formatClock } from "../format/time.ts";

const MINUTE_MS = 60_000;
const TICK_MINUTES = 15;

/** A column that begins at `from`, in milliseconds since the epoch. */
interface FromMinute {
  readonly from: number;
}

/** Names columns of a minute each. */
export function minuteColumns(minutes: readonly FromMinute[]): string[] {
  return minutes.map(({ from }) => `${formatClock(from)} to ${formatClock(from + MINUTE_MS)}`);
}

/** Quarters of an hour. */
export function minuteTicks(minutes: readonly FromMinute[]): { column: number; label: string }[] {
  return minutes.flatMap(({ from }, column) =>
    new Date(from).getMinutes() % TICK_MINUTES === 0 ? [{ column, label: formatClock(from) }] : [],
  );
}
