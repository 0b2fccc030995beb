/** A wall-clock reading in a time zone. */
export interface LocalTime {
  /** Days since 1970-01-01 of the local calendar. */
  readonly day: number;
  /** Minutes since local midnight, with fractions. */
  readonly minute: number;
}

/** Converts between instants and the wall clock of one time zone, daylight saving included. */
export interface Zone {
  readonly name: string;
  /** What the wall clock shows at an instant (milliseconds since the epoch). */
  local(at: number): LocalTime;
  /**
   * The instant at which the wall clock shows this, given as milliseconds of a clock that runs as if the zone were UTC
   * (`Date.UTC(...)` of the fields). A time that daylight saving skips gives the instant as far after the gap's start; one
   * that occurs twice gives the first.
   */
  instant(wallMs: number): number;
}

const DAY_MS = 86_400_000;
/** Offsets change only at multiples of a quarter of an hour of UTC, so one look-up serves the whole quarter. */
const QUARTER_MS = 900_000;
const QUARTERS_A_DAY = DAY_MS / QUARTER_MS;

/** Asks whether this runtime knows a time zone by this IANA name. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Quarters that are remembered for a zone, at most. */
const MOST_QUARTERS = 200_000;
/** A formatter takes a millisecond to make, and there are only as many zones as names. */
const opened = new Map<string, Zone>();

/** Opens a time zone by its IANA name; throws RangeError for a name that is not known. */
export function openZone(name: string): Zone {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const zone = createZone(name);
  opened.set(name, zone);
  return zone;
}

function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat("en-u-hc-h23", {
    timeZone: name,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const offsets = new Map<number, number>();

  /** The offset of a quarter of an hour; where it is the same at both ends of the day of UTC, it is the same all day. */
  function offsetAt(at: number): number {
    const day = Math.floor(at / DAY_MS) * QUARTERS_A_DAY;
    const offset = lookUp(day);
    return offset === lookUp(day + QUARTERS_A_DAY) ? offset : lookUp(Math.floor(at / QUARTER_MS));
  }

  function lookUp(quarter: number): number {
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const start = quarter * QUARTER_MS;
    const parts = Object.fromEntries(format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts as Record<string, number>;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
    if (offsets.size >= MOST_QUARTERS) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  }

  return {
    name,
    local(at) {
      const wall = at + offsetAt(at);
      const day = Math.floor(wall / DAY_MS);
      return { day, minute: (wall - day * DAY_MS) / 60_000 };
    },
    instant(wallMs) {
      // The offset in force is one of those a day before and a day after; the earlier instant wins where both fit.
      const before = wallMs - offsetAt(wallMs - DAY_MS);
      if (offsetAt(before) === wallMs - before) return before;
      const after = wallMs - offsetAt(wallMs + DAY_MS);
      return offsetAt(after) === wallMs - after ? after : before;
    },
  };
}

/** Converts a local day number to its date, YYYY-MM-DD. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Converts minutes since midnight to HH:MM, rounding to the minute and staying within the day. */
export function clockOfMinute(minute: number): string {
  const whole = ((Math.round(minute) % 1_440) + 1_440) % 1_440;
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
