import { DAY_MINUTES, DAY_STARTS_AT } from "./calendar.ts";
import { float } from "./columns.ts";
import type { Findings, Span, SunAnchor, TimeHypothesis } from "./hypothesis.ts";
import { firingsOfTime, wallOfSun } from "./judge.ts";
import { findTimeHabits } from "./time-of-day.ts";
import type { Key, Timeline } from "./timeline.ts";

/** Fewer days cannot tell the sun from the clock, nor days in which it moves by less, in minutes. */
const FEWEST_SUN_DAYS = 28;
const LEAST_MOVE = 30;
/** So far from sunrise and sunset a habit may lie, in minutes. */
const REACH = 180;
const SLOT_MINUTES = 15;
/** Where the event is put on the clock that goes by the sun. */
const NOON = 720;

export interface SunOptions {
  readonly span: Span;
  readonly sun: SunAnchor;
}

/**
 * Finds habits by the sun: times of day on a clock that shows noon when the sun rises, or sets. A habit that the home's own clock explains
 * as closely is left to it.
 */
export function findSunHabits(
  timeline: Timeline,
  keys: readonly Key[],
  { span, sun }: SunOptions,
): Findings<TimeHypothesis> {
  if (!moves(sun, span)) return { hypotheses: [], families: 0, looked: 0 };
  const middle = (NOON - DAY_STARTS_AT) / SLOT_MINUTES;
  const reach = REACH / SLOT_MINUTES;
  const { hypotheses, ...looked } = findTimeHabits(bySun(timeline, sun, keys), keys, {
    span,
    slots: { from: middle - reach, to: middle + reach + 1 },
  });
  return {
    ...looked,
    hypotheses: hypotheses
      .map((found) => anchored(found, sun))
      .filter((found) => isCloserThanClock(timeline, found, span)),
  };
}

function anchored(found: TimeHypothesis, sun: SunAnchor): TimeHypothesis {
  return { ...found, minute: found.minute - NOON, sun };
}

function moves(sun: SunAnchor, { firstDay, trainEnd }: Span): boolean {
  if (trainEnd - firstDay < FEWEST_SUN_DAYS) return false;
  const minutes = Array.from({ length: trainEnd - firstDay }, (_, day) =>
    sun.clock.minuteOf(sun.event, firstDay + day),
  );
  const known = minutes.filter((minute) => minute !== undefined);
  return known.length === minutes.length && Math.max(...known) - Math.min(...known) >= LEAST_MOVE;
}

/** The same changes with the walls of a clock that shows noon at the event of each day. */
function bySun(timeline: Timeline, sun: SunAnchor, keys: readonly Key[]): Timeline {
  const isWanted = new Set(keys.map(({ index }) => index));
  const firstDay = Math.floor(timeline.changes.startWall / DAY_MINUTES);
  const days = Math.floor(timeline.changes.endWall / DAY_MINUTES) - firstDay + 1;
  const turnOfDay = Float64Array.from({ length: days }, (_, day) => {
    return (firstDay + day) * DAY_MINUTES + NOON - wallOfSun(sun, firstDay + day);
  });
  const turn = (wall: number): number => wall + float(turnOfDay, Math.floor(wall / DAY_MINUTES) - firstDay);
  const phases = timeline.phases.map((found, index) =>
    isWanted.has(index)
      ? { ...found, enterWall: found.enterWall.map(turn), leaveWall: found.leaveWall.map(turnEnd) }
      : found,
  );
  return { ...timeline, phases };

  function turnEnd(wall: number): number {
    return Number.isFinite(wall) ? turn(wall) : wall;
  }
}

/** Asks whether the hits lie closer together by the sun than by the clock. */
function isCloserThanClock(timeline: Timeline, found: TimeHypothesis, span: Span): boolean {
  const hits = firingsOfTime(timeline, found, span).filter(({ hit, day }) => hit && day < span.trainEnd);
  const bySunSpread = spread(hits.map(({ happened, wall }) => happened - wall));
  const byClockSpread = spread(hits.map(({ happened, day }) => happened - day * DAY_MINUTES));
  return bySunSpread < 0.75 * byClockSpread;
}

/** The span of the middle half, in minutes. */
function spread(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return 0;
  return float(sorted, Math.floor(0.75 * (sorted.length - 1))) - float(sorted, Math.floor(0.25 * (sorted.length - 1)));
}
