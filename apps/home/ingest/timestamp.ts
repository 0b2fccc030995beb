import type { Zone } from "../domain/zone.ts";

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(?:(Z|UTC)|([+-])(\d\d):?(\d\d)?)?$/i;

/** Seconds or milliseconds since 1970-01-01 UTC, told apart by their digits; seconds may have a fraction. */
const EPOCH = /^(?:(\d{9,10}(?:\.\d+)?)|(\d{12,13}))$/;

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a time as an instant: milliseconds since the epoch, what is finer is cut off. It is a date and time (ISO 8601, with `T` or a space), or
 * seconds or milliseconds since the epoch. An offset or `Z` counts where there is one; otherwise a date and time is what the clock
 * on the wall showed in the zone. Undefined when it is none of them.
 */
export function parseInstant(text: string, zone: Zone): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return ofEpoch(text);
  const [, year, month, day, hour, minute, second = "0", fraction = "", utc, sign, offsetHours, offsetMinutes = "0"] =
    match;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const wall =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Number(fraction.slice(0, 3).padEnd(3, "0"));
  if (utc !== undefined) return wall;
  if (sign === undefined) return zone.instant(wall);
  if (Number(offsetHours) > 14 || Number(offsetMinutes) > 59) return undefined;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return sign === "-" ? wall + offsetMs : wall - offsetMs;
}

function ofEpoch(text: string): number | undefined {
  const match = EPOCH.exec(text);
  if (match === null) return undefined;
  const [, seconds, milliseconds] = match;
  return seconds === undefined ? Number(milliseconds) : Math.floor(Number(seconds) * 1_000);
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return year >= 1970 && (month !== 2 || day <= 28 || isLeap);
}
