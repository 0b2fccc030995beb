import { WEEKDAYS, type Weekday } from "../domain/rule.ts";
import type { Zone } from "../domain/zone.ts";
import { createChance } from "./chance.ts";

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2422;
/** The household goes away once in so many days, and comes back after three or four. */
const BETWEEN_ABSENCES = 28;
const LATITUDE = (51 / 180) * Math.PI;
/** Tilt of the earth's axis. */
const TILT = (23.44 / 180) * Math.PI;

/** Tells the day of the week of a local day number. */
export function weekdayOf(day: number): Weekday {
  // 1970-01-01, day 0, was a Thursday.
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? "mon";
}

export function isWeekend(day: number): boolean {
  return weekdayOf(day) === "sat" || weekdayOf(day) === "sun";
}

/** Asks whether nobody is at home on a local day. */
export function isAway(seed: number, day: number): boolean {
  const block = Math.floor(day / BETWEEN_ABSENCES);
  const chance = createChance(seed, block, "absence");
  const length = chance.happens(0.5) ? 3 : 4;
  const start = block * BETWEEN_ABSENCES + Math.floor(chance.between(0, BETWEEN_ABSENCES - length));
  return day >= start && day < start + length;
}

/** Local minutes since midnight at which the sun rises and sets at 51 degrees north, in the middle of the zone. */
export function sunOf(day: number, zone: Zone): { readonly rise: number; readonly set: number } {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  const dayOfYear = day - Date.UTC(year, 0, 1) / DAY_MS;
  const declination = -TILT * Math.cos((2 * Math.PI * (dayOfYear + 10)) / YEAR_DAYS);
  const halfDay = (Math.acos(-Math.tan(LATITUDE) * Math.tan(declination)) / Math.PI) * 720;
  const noon = 720 + (offsetMinutes(day, zone) - standardOffset(year, zone));
  return { rise: noon - halfDay, set: noon + halfDay };
}

/** The smaller offset of the year is the one without daylight saving, on either half of the earth. */
function standardOffset(year: number, zone: Zone): number {
  const january = Date.UTC(year, 0, 1) / DAY_MS;
  return Math.min(offsetMinutes(january, zone), offsetMinutes(january + 181, zone));
}

function offsetMinutes(day: number, zone: Zone): number {
  const noon = day * DAY_MS + DAY_MS / 2;
  return (noon - zone.instant(noon)) / 60_000;
}
