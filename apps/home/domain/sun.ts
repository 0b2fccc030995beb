import type { SunEvent } from "./rule.ts";
import type { Zone } from "./zone.ts";

/** A place on the earth, in degrees: north and east are positive. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const DAY_MINUTES = 1_440;
const RADIANS = Math.PI / 180;
/** Degrees from the zenith to the sun's centre when its upper edge is seen on the horizon, bent light included. */
const ZENITH = 90.833;

/**
 * Minutes of UTC since midnight at which the sun rises and sets on a day (days since 1970-01-01) at a place; undefined where it does not
 * that day. From the General Solar Position Calculations of NOAA's Global Monitoring Laboratory; right to about two minutes between the
 * polar circles.
 */
export function sunUtcMinute(event: SunEvent, day: number, { latitude, longitude }: Place): number | undefined {
  const year = new Date(day * 86_400_000).getUTCFullYear();
  const angle = (2 * Math.PI * (day - Date.UTC(year, 0, 1) / 86_400_000)) / (isLeap(year) ? 366 : 365);
  const equationOfTime =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(angle) -
      0.032077 * Math.sin(angle) -
      0.014615 * Math.cos(2 * angle) -
      0.040849 * Math.sin(2 * angle));
  const declination =
    0.006918 -
    0.399912 * Math.cos(angle) +
    0.070257 * Math.sin(angle) -
    0.006758 * Math.cos(2 * angle) +
    0.000907 * Math.sin(2 * angle) -
    0.002697 * Math.cos(3 * angle) +
    0.00148 * Math.sin(3 * angle);
  const north = latitude * RADIANS;
  const cosine =
    Math.cos(ZENITH * RADIANS) / (Math.cos(north) * Math.cos(declination)) - Math.tan(north) * Math.tan(declination);
  if (!(Math.abs(cosine) <= 1)) return undefined;
  const hourAngle = Math.acos(cosine) / RADIANS;
  return 720 - 4 * (longitude + (event === "sunrise" ? hourAngle : -hourAngle)) - equationOfTime;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** The sun as the clocks of a home show it. */
export interface SunClock {
  /** Local minutes since midnight of a local day at which the sun rises or sets; undefined where it does not that day. */
  minuteOf(event: SunEvent, day: number): number | undefined;
  /** Asks of a wall-clock minute since 1970-01-01 whether the sun is down. */
  isDark(wall: number): boolean;
}

export function openSunClock(place: Place, zone: Zone): SunClock {
  const known = { sunrise: new Map<number, number | undefined>(), sunset: new Map<number, number | undefined>() };

  function minuteOf(event: SunEvent, day: number): number | undefined {
    const minutes = known[event];
    if (minutes.has(day)) return minutes.get(day);
    const utc = sunUtcMinute(event, day, place);
    let minute: number | undefined;
    if (utc !== undefined) {
      // The same day of UTC may be another one by the clocks; the sun of a neighbouring day differs by a minute or two.
      const local = zone.local((day * DAY_MINUTES + utc) * 60_000);
      minute = local.minute + (local.day - day) * DAY_MINUTES;
      minute = ((minute % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
    }
    minutes.set(day, minute);
    return minute;
  }

  return {
    minuteOf,
    isDark(wall) {
      const day = Math.floor(wall / DAY_MINUTES);
      const minute = wall - day * DAY_MINUTES;
      const rise = minuteOf("sunrise", day);
      const set = minuteOf("sunset", day);
      if (rise === undefined || set === undefined) return false;
      return minute < rise || minute >= set;
    },
  };
}
