import { DAY_MINUTES, minuteOfDay } from "./calendar.ts";
import { read } from "./columns.ts";
import { PAIR_WINDOW_MS } from "./hypothesis.ts";
import type { Phases } from "./timeline.ts";

/** Chance is taken within a quarter of an hour and within an hour and a half of the clock time, whichever is more. */
const HALF_SPANS = [15, 90] as const;
const WINDOW_MINUTES = PAIR_WINDOW_MS / 60_000;

/**
 * For each minute of the day the chance that, at an instant at which the target is in another state, somebody brings it to its state
 * within the window: from the target's own times alone, over all days up to `untilWall`.
 */
export function baseRates(
  { enterWall, leaveWall, byPerson }: Phases,
  fromWall: number,
  untilWall: number,
): Float64Array {
  const away = new Float64Array(DAY_MINUTES);
  const soon = new Float64Array(DAY_MINUTES);
  let left = fromWall;
  for (let index = 0; index <= enterWall.length && left < untilWall; index++) {
    const isLast = index === enterWall.length;
    const entered = isLast ? untilWall : Math.min(untilWall, read(enterWall, index));
    addSpan(away, left, entered);
    const isHit = !isLast && byPerson[index] === 1 && read(enterWall, index) < untilWall;
    if (isHit) addSpan(soon, Math.max(left, entered - WINDOW_MINUTES), entered);
    left = isLast ? untilWall : Math.max(left, read(leaveWall, index));
  }
  const awaySums = circularSums(away);
  const soonSums = circularSums(soon);
  const rates = new Float64Array(DAY_MINUTES);
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    for (const half of HALF_SPANS) {
      const from = minute - half + DAY_MINUTES;
      const to = minute + half + 1 + DAY_MINUTES;
      const time = read(awaySums, to) - read(awaySums, from);
      if (time > 0) rates[minute] = Math.max(read(rates, minute), (read(soonSums, to) - read(soonSums, from)) / time);
    }
  }
  return rates;
}

/** Adds a span of wall-clock time to the minutes of the day that it covers, whole days to all of them. */
function addSpan(minutes: Float64Array, from: number, to: number): void {
  const wholeDays = Math.floor((to - from) / DAY_MINUTES);
  if (wholeDays > 0)
    for (let minute = 0; minute < DAY_MINUTES; minute++) minutes[minute] = read(minutes, minute) + wholeDays;
  let position = from + Math.max(0, wholeDays) * DAY_MINUTES;
  while (position < to) {
    const end = Math.min(to, Math.floor(position) + 1);
    const minute = Math.floor(minuteOfDay(position));
    minutes[minute] = read(minutes, minute) + end - position;
    position = end;
  }
}

/** Running sums over three days, so that a span may cross midnight. */
function circularSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(3 * DAY_MINUTES + 1);
  for (let index = 0; index < 3 * DAY_MINUTES; index++) {
    sums[index + 1] = read(sums, index) + read(values, index % DAY_MINUTES);
  }
  return sums;
}
