import { binomialTail, wilsonBound } from "./binomial.ts";
import { DAY_MASKS, DAY_MINUTES, DAY_STARTS_AT, type DayMask, habitDay, isInMask, weekdayOf } from "./calendar.ts";
import type { Changes } from "./clean.ts";
import { float, signed, whole } from "./columns.ts";
import {
  BAND_MINUTES,
  type Findings,
  FEWEST_DAYS,
  LEAST_CONFIDENCE,
  LEAST_LIFT,
  netUse,
  type Span,
  type TimeHypothesis,
} from "./hypothesis.ts";
import { firingsOfTime } from "./judge.ts";
import { type Key, type Phases, type Timeline, phasesOfKey } from "./timeline.ts";

const SLOT_MINUTES = 15;
const SLOTS = DAY_MINUTES / SLOT_MINUTES;
const HALF_WIDTHS = [15, 30] as const;
/** Chance is counted over the whole day, over so many slots before and over so many after (three hours), whichever gives most. */
const BAND_SLOTS = BAND_MINUTES / SLOT_MINUTES;
/** Times are given to this many minutes. */
const ANCHOR_MINUTES = 5;
const MOST_HABITS = 4;

/**
 * Finds times of day at which somebody brings a state about. Windows of a quarter and of half an hour to either side are scanned every
 * quarter of an hour round the clock, for all days, working days, weekends and each weekday. What counts is on how many distinct days the
 * window was hit, against how often a window of that width is hit at all: over the day, in the three hours before or in those after, whichever is most. So a
 * busy entity needs more than to be busy. For the p-value every day counts on which somebody lived there, also those on which the state held
 * already.
 */
export function findTimeHabits(
  timeline: Timeline,
  keys: readonly Key[],
  { span, slots = { from: 0, to: SLOTS } }: TimeOptions,
): Findings<TimeHypothesis> {
  const days = countDays(timeline.changes, span);
  const masks = DAY_MASKS.filter((mask) => days.inMask(mask) >= FEWEST_DAYS);
  const variants = masks.length * HALF_WIDTHS.length * (slots.to - slots.from);
  const hypotheses: TimeHypothesis[] = [];
  let families = 0;
  for (const key of keys) {
    families++;
    const phases = phasesOfKey(timeline, key);
    const isOpen = isByPersonInTraining(phases, span);
    for (let round = 0; round < MOST_HABITS; round++) {
      const window = bestWindow(phases, isOpen, { days, masks, variants, span, slots });
      if (window === undefined) break;
      if (round > 0) families++;
      const found = settle(timeline, key, window, span);
      if (found !== undefined) hypotheses.push(found);
      close(phases, isOpen, found ?? { ...window, minute: (DAY_STARTS_AT + window.slot * SLOT_MINUTES) % DAY_MINUTES });
    }
  }
  return { hypotheses, families, looked: families * variants };
}

export interface TimeOptions {
  readonly span: Span;
  /** The quarters of an hour since 04:00 in which the middle of a habit may lie, `to` excluded. Default: all. */
  readonly slots?: { readonly from: number; readonly to: number };
}

interface Window {
  readonly mask: DayMask;
  readonly slot: number;
  readonly halfWidth: number;
  readonly p: number;
  readonly variants: number;
  readonly chance: number;
  /** Days of the mask on which somebody lived there. */
  readonly total: number;
}

interface Days {
  /** Lived days of each weekday. */
  readonly perWeekday: readonly number[];
  inMask(mask: DayMask): number;
}

function countDays({ firstDay, lived }: Changes, span: Span): Days {
  const perWeekday = [0, 0, 0, 0, 0, 0, 0];
  for (let day = span.firstDay; day < span.trainEnd; day++) {
    if (lived[day - firstDay] !== 1) continue;
    const weekday = weekdayOf(day);
    perWeekday[weekday] = (perWeekday[weekday] ?? 0) + 1;
  }
  return {
    perWeekday,
    inMask: (mask) => perWeekday.reduce((sum, count, weekday) => sum + ((mask >> weekday) & 1) * count, 0),
  };
}

function isByPersonInTraining({ enterWall, byPerson }: Phases, { trainEnd }: Span): Uint8Array {
  return byPerson.map((value, index) => (habitDay(float(enterWall, index)) < trainEnd ? value : 0));
}

interface Scan {
  readonly days: Days;
  readonly masks: readonly DayMask[];
  readonly variants: number;
  readonly span: Span;
  readonly slots: { readonly from: number; readonly to: number };
}

/** The window of most use among those that chance does not explain, all scanned windows counted. */
function bestWindow(
  phases: Phases,
  isOpen: Uint8Array,
  { days, masks, variants, span, slots }: Scan,
): Window | undefined {
  let best: Window | undefined;
  let bestUse = 0;
  for (const halfWidth of HALF_WIDTHS) {
    const { hits, idle } = countSlots(phases, isOpen, halfWidth, span);
    // The middle of a habit is not part of what chance gives beside it.
    const width = halfWidth / SLOT_MINUTES;
    for (const mask of masks) {
      const total = days.inMask(mask);
      const { hit, trial, sums } = sumMask(hits, idle, mask, total);
      const dayChance = share(sums, 0, SLOTS, total);
      for (let slot = slots.from; slot < slots.to; slot++) {
        const found = whole(hit, slot);
        const trials = whole(trial, slot);
        if (found < FEWEST_DAYS) continue;
        const wilson = wilsonBound(found, trials);
        const use = netUse(trials, wilson);
        if (wilson < LEAST_CONFIDENCE || use <= bestUse) continue;
        const before = share(sums, slot - width - BAND_SLOTS, slot - width + 1, total);
        const after = share(sums, slot + width, slot + width + BAND_SLOTS + 1, total);
        const chance = Math.max(dayChance, before, after);
        const p = binomialTail(found, total, chance);
        if (found < LEAST_LIFT * chance * total || p * variants > 0.05) continue;
        best = { mask, slot, halfWidth, p, variants, chance, total };
        bestUse = use;
      }
    }
  }
  return best;
}

/**
 * Counts for each weekday and slot the days on which the state was entered within `halfWidth` of the slot (`hits`), and those on which
 * it had been entered long before and still held, so that nothing could happen (`idle`).
 */
function countSlots(
  { enterWall, leaveWall }: Phases,
  isOpen: Uint8Array,
  halfWidth: number,
  { firstDay, trainEnd }: Span,
): { hits: Uint32Array; idle: Uint32Array } {
  const hits = new Uint32Array(WEEK_SLOTS);
  const idle = new WeekSpans();
  const end = trainEnd * SLOTS;
  const width = halfWidth / SLOT_MINUTES;
  let next = firstDay * SLOTS;
  for (let index = 0; index < enterWall.length && next < end; index++) {
    const entered = (float(enterWall, index) - DAY_STARTS_AT) / SLOT_MINUTES;
    if (isOpen[index] === 1) {
      next = Math.max(next, Math.ceil(entered - width));
      for (; next < end && next <= entered + width; next++) {
        const place = placeInWeek(next);
        hits[place] = whole(hits, place) + 1;
      }
    }
    const left = (float(leaveWall, index) - DAY_STARTS_AT) / SLOT_MINUTES;
    const again = index + 1 < enterWall.length ? (float(enterWall, index + 1) - DAY_STARTS_AT) / SLOT_MINUTES : end;
    const stop = Math.min(end, left, again - width);
    idle.add(Math.max(next, Math.ceil(entered + width + BAND_SLOTS)), Math.ceil(stop));
  }
  return { hits, idle: idle.toCounts() };
}

const WEEK_SLOTS = 7 * SLOTS;
/** 1970-01-01 was a Thursday. */
const FIRST_PLACE = weekdayOf(0) * SLOTS;

/** The place of a slot since 1970 in a week that begins on Monday. */
function placeInWeek(slot: number): number {
  return (((slot + FIRST_PLACE) % WEEK_SLOTS) + WEEK_SLOTS) % WEEK_SLOTS;
}

/** Counts for each slot of the week how many spans it lies in; a long span costs no more than a short one. */
class WeekSpans {
  /** How many more spans begin at a slot than end before it. */
  readonly #steps = new Int32Array(WEEK_SLOTS);
  #everywhere = 0;

  /** `until` is not part of the span. */
  add(from: number, until: number): void {
    if (until <= from) return;
    const first = placeInWeek(from);
    const last = placeInWeek(until);
    this.#everywhere += Math.floor((until - from) / WEEK_SLOTS) + Number(last < first);
    this.#steps[first] = signed(this.#steps, first) + 1;
    this.#steps[last] = signed(this.#steps, last) - 1;
  }

  toCounts(): Uint32Array {
    const counts = new Uint32Array(WEEK_SLOTS);
    let level = this.#everywhere;
    for (let place = 0; place < WEEK_SLOTS; place++) {
      level += signed(this.#steps, place);
      counts[place] = level;
    }
    return counts;
  }
}

interface MaskSums {
  readonly hit: Uint32Array;
  readonly trial: Uint32Array;
  /** Running sums of `hit` over three days, so that a span may cross either end. */
  readonly sums: Float64Array;
}

function sumMask(hits: Uint32Array, idle: Uint32Array, mask: DayMask, total: number): MaskSums {
  const hit = new Uint32Array(SLOTS);
  const trial = new Uint32Array(SLOTS);
  for (let slot = 0; slot < SLOTS; slot++) {
    let found = 0;
    let idleDays = 0;
    for (let weekday = 0; weekday < 7; weekday++) {
      if ((mask & (1 << weekday)) === 0) continue;
      found += whole(hits, weekday * SLOTS + slot);
      idleDays += whole(idle, weekday * SLOTS + slot);
    }
    hit[slot] = found;
    trial[slot] = Math.max(found, total - idleDays);
  }
  return { hit, trial, sums: runningSums(hit) };
}

function runningSums(values: Uint32Array): Float64Array {
  const sums = new Float64Array(3 * SLOTS + 1);
  for (let index = 0; index < 3 * SLOTS; index++) sums[index + 1] = float(sums, index) + whole(values, index % SLOTS);
  return sums;
}

function share(sums: Float64Array, from: number, to: number, days: number): number {
  return (float(sums, to + SLOTS) - float(sums, from + SLOTS)) / ((to - from) * days);
}

/** Moves a window to the median of what it caught and judges it there; the p-value never gets better by that. */
function settle(timeline: Timeline, key: Key, window: Window, span: Span): TimeHypothesis | undefined {
  const centre = (DAY_STARTS_AT + window.slot * SLOT_MINUTES) % DAY_MINUTES;
  const { mask, halfWidth, variants, chance, total } = window;
  const scanned = firingsOfTime(timeline, { key, mask, minute: centre, halfWidth }, span);
  const offsets = scanned.filter(({ hit }) => hit).map(({ wall, happened }) => happened - wall);
  const minute = (centre + roundTo(median(offsets), ANCHOR_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  const firings = firingsOfTime(timeline, { key, mask, minute, halfWidth }, span).filter(
    ({ day }) => day < span.trainEnd,
  );
  const hits = firings.filter(({ hit }) => hit).length;
  if (hits < FEWEST_DAYS || wilsonBound(hits, firings.length) < LEAST_CONFIDENCE) return undefined;
  const p = Math.max(window.p, binomialTail(hits, total, chance));
  return { kind: "time_of_day", key, mask, minute, halfWidth, p, variants, chance };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

function roundTo(value: number, unit: number): number {
  return Math.round(value / unit) * unit;
}

/** Takes out what a habit explains, so that the next round looks for another one. */
function close(
  { enterWall }: Phases,
  isOpen: Uint8Array,
  { mask, minute, halfWidth }: Pick<TimeHypothesis, "mask" | "minute" | "halfWidth">,
): void {
  const offset = (minute - DAY_STARTS_AT + DAY_MINUTES) % DAY_MINUTES;
  for (let index = 0; index < enterWall.length; index++) {
    const since = float(enterWall, index) - DAY_STARTS_AT - offset;
    const day = Math.round(since / DAY_MINUTES);
    if (isInMask(mask, day) && Math.abs(since - day * DAY_MINUTES) <= halfWidth) isOpen[index] = 0;
  }
}
