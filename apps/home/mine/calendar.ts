import { WEEKDAYS, type Weekday } from "../domain/rule.ts";

/* Local time as one number: minutes of the wall clock since 1970-01-01, as if the home's zone were UTC. */

export const DAY_MINUTES = 1_440;

/** A habit's day begins at 04:00, so that a late evening belongs to the day on which it began. */
export const DAY_STARTS_AT = 240;

/** The day (04:00 to 04:00) to which a wall-clock minute belongs, in days since 1970-01-01. */
export function habitDay(wall: number): number {
  return Math.floor((wall - DAY_STARTS_AT) / DAY_MINUTES);
}

/** Weekday of a day number, Monday = 0. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Minutes since local midnight. */
export function minuteOfDay(wall: number): number {
  return wall - Math.floor(wall / DAY_MINUTES) * DAY_MINUTES;
}

/** A set of weekdays of the habit's day, one bit each, Monday lowest. */
export type DayMask = number;

export const EVERY_DAY: DayMask = 0b111_1111;
export const WORKING_DAYS: DayMask = 0b001_1111;
export const WEEKEND: DayMask = 0b110_0000;
/** The evenings before a free day, and those before a working day. */
const LONG_EVENINGS: DayMask = 0b011_0000;
const SHORT_EVENINGS: DayMask = 0b100_1111;
/** Narrow ones first: where a wider one explains nothing more, nothing more is claimed. */
export const DAY_MASKS: readonly DayMask[] = [
  1,
  2,
  4,
  8,
  16,
  32,
  64,
  LONG_EVENINGS,
  WEEKEND,
  SHORT_EVENINGS,
  WORKING_DAYS,
  EVERY_DAY,
];

export function isInMask(mask: DayMask, day: number): boolean {
  return (mask & (1 << weekdayOf(day))) !== 0;
}

/** The calendar weekdays on which a time of day falls for a mask of habit days: after midnight they are one later. */
export function weekdaysOf(mask: DayMask, minute: number): Weekday[] {
  const shift = minute < DAY_STARTS_AT ? 1 : 0;
  return WEEKDAYS.filter((_, index) => (mask & (1 << ((index - shift + 7) % 7))) !== 0);
}
