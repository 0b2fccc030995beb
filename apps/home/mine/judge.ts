import { DAY_MINUTES, DAY_STARTS_AT, EVERY_DAY, habitDay, isInMask, minuteOfDay } from "./calendar.ts";
import { lowerBound, float, whole } from "./columns.ts";
import {
  BAND_MINUTES,
  type Hypothesis,
  PAIR_WINDOW_MS,
  type PairContext,
  type PairHypothesis,
  type Span,
  type SunAnchor,
  type TimeHypothesis,
} from "./hypothesis.ts";
import { type Key, type Timeline, phasesOfKey } from "./timeline.ts";

/** One time a rule would have fired while its target was in another state. */
export interface Firing {
  /** The habit day. */
  readonly day: number;
  /** When the rule fired, in milliseconds since the epoch. */
  readonly at: number;
  /** Wall-clock minute at which the rule fired. */
  readonly wall: number;
  readonly hit: boolean;
  /**
   * Wall-clock minute of the first change that it foresaw; for a miss of a time rule that of the nearest one within half a day, NaN when
   * there is none.
   */
  readonly happened: number;
  /** The changes it foresaw, as indexes into `Changes`. */
  readonly covered: readonly number[];
}

/** Judges a rule on every day of the span, held-out days included. */
export function firingsOf(timeline: Timeline, hypothesis: Hypothesis, span: Span): readonly Firing[] {
  return hypothesis.kind === "time_of_day"
    ? firingsOfTime(timeline, hypothesis, span)
    : firingsOfPair(timeline, hypothesis, span);
}

/**
 * One firing for each day of the mask on which somebody lived there and that was recorded around that time. Where the state had held for long, or a machine brought it
 * about, nothing was to be done and the day does not count.
 */
export function firingsOfTime(
  timeline: Timeline,
  { key, mask, minute, halfWidth, sun }: Pick<TimeHypothesis, "key" | "mask" | "minute" | "halfWidth" | "sun">,
  { firstDay, end }: Span,
): readonly Firing[] {
  const { change, enterWall, leaveWall, byPerson } = phasesOfKey(timeline, key);
  const offset = (minute - DAY_STARTS_AT + DAY_MINUTES) % DAY_MINUTES;
  const firings: Firing[] = [];
  for (let day = firstDay; day < end; day++) {
    const wall = sun === undefined ? day * DAY_MINUTES + DAY_STARTS_AT + offset : wallOfSun(sun, day) + minute;
    if (Number.isNaN(wall)) continue;
    if (!isInMask(mask, day) || timeline.changes.lived[day - timeline.changes.firstDay] !== 1) continue;
    if (wall - halfWidth < timeline.changes.startWall || wall + halfWidth > timeline.changes.endWall) continue;
    const first = lowerBound(enterWall, wall - halfWidth);
    const covered: number[] = [];
    let isMachine = false;
    let index = first;
    for (; index < enterWall.length && float(enterWall, index) <= wall + halfWidth; index++) {
      if (byPerson[index] === 1) covered.push(index);
      else isMachine = true;
    }
    const hit = covered[0] !== undefined;
    const isHeld = first > 0 && float(leaveWall, first - 1) > wall;
    const isNews =
      first > 0 && byPerson[first - 1] === 1 && float(enterWall, first - 1) >= wall - halfWidth - BAND_MINUTES;
    if (!hit && (isMachine || (isHeld && !isNews))) continue;
    const happened = float(enterWall, covered[0] ?? nearest(enterWall, wall, first));
    firings.push({
      day,
      at: timeline.changes.toAt(wall),
      wall,
      hit,
      happened: Math.abs(happened - wall) <= DAY_MINUTES / 2 ? happened : Number.NaN,
      covered: covered.map((place) => whole(change, place)),
    });
  }
  return firings;
}

/** The wall-clock minute at which the sun rises or sets on a day; NaN when it does not. */
export function wallOfSun({ event, clock }: SunAnchor, day: number): number {
  return day * DAY_MINUTES + (clock.minuteOf(event, day) ?? Number.NaN);
}

/** Of the two places round `next` the one whose time is nearer; past the end when there is none. */
function nearest(times: Float64Array, wall: number, next: number): number {
  if (next === 0) return 0;
  if (next === times.length) return next - 1;
  return wall - float(times, next - 1) <= float(times, next) - wall ? next - 1 : next;
}

/**
 * One firing for each time the trigger is brought about by no machine and has held for the delay, in its context, while the target is in
 * another state. A change of the target makes only the first firing before it a hit, and those in between are part of that; without one,
 * every firing is a miss.
 */
export function firingsOfPair(
  timeline: Timeline,
  { trigger, key, delayMs, context }: Pick<PairHypothesis, "trigger" | "key" | "delayMs" | "context">,
  { end }: Span,
): readonly Firing[] {
  const fires = phasesOfKey(timeline, trigger);
  const target = phasesOfKey(timeline, key);
  const holds = stateCheck(timeline, context);
  const firings: Firing[] = [];
  const endWall = end * DAY_MINUTES + DAY_STARTS_AT;
  let next = 0;
  let claimed = -1;
  for (let index = 0; index < fires.enter.length; index++) {
    const at = float(fires.enter, index) + delayMs;
    if (float(fires.leave, index) <= at) continue;
    const wall = float(fires.enterWall, index) + delayMs / 60_000;
    if (wall >= endWall) break;
    while (next < target.enter.length && float(target.enter, next) <= at) next++;
    if (fires.byPerson[index] === 0 || claimed === next || !isInContext(context, wall) || !holds(at)) continue;
    if (next > 0 && float(target.leave, next - 1) > at) continue;
    const follows = next < target.enter.length && float(target.enter, next) - at <= PAIR_WINDOW_MS;
    if (follows && target.byPerson[next] === 0) continue;
    if (!follows && at + PAIR_WINDOW_MS > timeline.endAt) continue;
    if (follows) claimed = next;
    firings.push({
      day: habitDay(wall),
      at,
      wall,
      hit: follows,
      happened: follows ? float(target.enterWall, next) : Number.NaN,
      covered: follows ? [whole(target.change, next)] : [],
    });
  }
  return firings;
}

/** Asks of an instant whether the states hold that a context asks for. */
export function stateCheck(timeline: Timeline, { state, others }: PairContext): (at: number) => boolean {
  const checks = others.map((key) => holdsFor(timeline, key, 0));
  if (state !== undefined) checks.push(holdsFor(timeline, state.key, state.forMs));
  const [only] = checks;
  if (only !== undefined && checks.length === 1) return only;
  return (at) => checks.every((holds) => holds(at));
}

function holdsFor(timeline: Timeline, key: Key, forMs: number): (at: number) => boolean {
  const { enter, leave } = phasesOfKey(timeline, key);
  return (at) => {
    const phase = lowerBound(enter, at) - 1;
    return phase >= 0 && float(leave, phase) > at && float(enter, phase) <= at - forMs;
  };
}

/** Asks of a wall-clock minute whether its day and time are those of a context. */
export function isInContext({ mask, band, sun }: PairContext, wall: number): boolean {
  if (mask !== EVERY_DAY && !isInMask(mask, Math.floor(wall / DAY_MINUTES))) return false;
  if (sun !== undefined && sun.clock.isDark(wall) !== sun.isDark) return false;
  if (band === undefined) return true;
  const minute = minuteOfDay(wall);
  return band.from < band.to ? minute >= band.from && minute < band.to : minute >= band.from || minute < band.to;
}
