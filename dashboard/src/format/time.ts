import { formatDuration } from "./duration.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Says how far an instant is from now: `just now`, `12 min ago`, `in 3 h`, `in 2 d`. Milliseconds since the epoch. */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 5_000) return "just now";
  const length = formatDuration(roundToUnit(distance));
  return at < now ? `${length} ago` : `in ${length}`;
}

/** Far times need no second unit beyond hours: "in 6 h 12 min" helps, "3 d 4 h ago" does not. */
function roundToUnit(distance: number): number {
  if (distance >= 2 * DAY) return Math.round(distance / DAY) * DAY;
  if (distance >= DAY) return Math.round(distance / HOUR) * HOUR;
  if (distance >= MINUTE) return Math.floor(distance / MINUTE) * MINUTE;
  return Math.floor(distance / 1_000) * 1_000;
}

/** Writes an instant with its date: `Tue 24 Nov, 20:30`; with the year when it is not this one. */
export function formatInstant(at: number, options: { readonly now: number; readonly timezone?: string }): string {
  const zone = options.timezone === undefined ? {} : { timeZone: options.timezone };
  const parts = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...zone,
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((entry) => entry.type === type)?.value ?? "";
  const year = new Date(at).getUTCFullYear() === new Date(options.now).getUTCFullYear() ? "" : ` ${part("year")}`;
  return `${part("weekday")} ${part("day")} ${part("month")}${year}, ${part("hour")}:${part("minute")}`;
}

const WEEKDAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** The weekday of a calendar date YYYY-MM-DD. */
export function weekdayOfDate(date: string): (typeof WEEKDAY_NAMES)[number] {
  return WEEKDAY_NAMES[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? "Sunday";
}

/** Writes a calendar date YYYY-MM-DD as `24 Nov`. */
export function formatDate(date: string): string {
  const [, month = "01", day = "01"] = date.split("-");
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ""}`;
}

/** Writes the time of day: `09:05`. */
export function formatClock(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}
