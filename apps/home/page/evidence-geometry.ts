import type { Occurrence, Rule } from "../domain/rule.ts";
import { weekdayOfDate } from "../../../dashboard/src/format/time.ts";
import { ruleSpans, type Span, type WindowedRule } from "./rule-window.ts";

/** What to draw: days from left to right, the hours of a day from top to bottom. In pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The area of days and hours. */
  readonly plot: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** The lane below the hours, for days on which nothing happened; without height when there are none. */
  readonly lane: { readonly y: number; readonly height: number };
  readonly columns: readonly Column[];
  readonly marks: readonly Mark[];
  readonly bands: readonly { readonly y: number; readonly height: number }[];
  readonly hours: readonly { readonly y: number; readonly label: string }[];
  readonly radius: number;
  /** Days of the evidence that are too old to fit. */
  readonly hiddenDays: number;
}

export interface Column {
  readonly x: number;
  readonly width: number;
  readonly date: string;
  readonly isWeekend: boolean;
  /** The first letter of the weekday where there is room for it. */
  readonly letter: string;
  /** True where the date is written below the column. */
  readonly isDated: boolean;
}

export interface Mark {
  readonly x: number;
  readonly y: number;
  /** `hit`: as the rule says; `miss`: it happened otherwise, or the trigger fired in vain; `nothing`: nothing happened that day. */
  readonly kind: "hit" | "miss" | "nothing";
  readonly occurrence: Occurrence;
}

const LEFT = 44;
const RIGHT = 6;
const TOP = 8;
const HOURS_HEIGHT = 144;
const LANE_GAP = 8;
const LANE_HEIGHT = 16;
const FOOT = 34;
const NARROWEST_DAY = 4;
const WIDEST_DAY = 16;
const DAY_FOR_LETTERS = 9;
const ROOM_FOR_DATE = 52;
const THINNEST_BAND = 4;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

/** As much of a rule as the picture shows. */
export interface DrawnRule extends WindowedRule {
  readonly evidence: Pick<Rule["evidence"], "occurrences">;
}

/** Lays out the evidence of a rule for a width in pixels; the newest days are at the right. */
export function layOutEvidence(rule: DrawnRule, width: number): Picture {
  const { occurrences } = rule.evidence;
  const room = Math.max(NARROWEST_DAY, width - LEFT - RIGHT);
  const days = daysOf(occurrences);
  const shown = days.slice(-Math.floor(room / NARROWEST_DAY));
  const dayWidth = Math.min(WIDEST_DAY, room / Math.max(1, shown.length));
  const plot = { x: LEFT, y: TOP, width: Math.max(dayWidth * shown.length, 1), height: HOURS_HEIGHT };
  const hasLane = occurrences.some(({ minute }) => minute === null);
  const lane = hasLane
    ? { y: TOP + HOURS_HEIGHT + LANE_GAP, height: LANE_HEIGHT }
    : { y: TOP + HOURS_HEIGHT, height: 0 };
  const columns = toColumns(shown, dayWidth);
  const xOf = new Map(columns.map((column) => [column.date, column.x + column.width / 2]));

  return {
    width,
    height: lane.y + lane.height + FOOT,
    plot,
    lane,
    columns,
    // Misses last, so that no hit hides one.
    marks: occurrences
      .toSorted((a, b) => Number(b.hit) - Number(a.hit))
      .flatMap((occurrence) => {
        const x = xOf.get(occurrence.date);
        return x === undefined ? [] : [toMark(occurrence, x, lane.y + lane.height / 2)];
      }),
    bands: ruleSpans(rule).map(toBand),
    hours: [0, 6, 12, 18, 24].map((hour) => ({ y: yOf(hour * 60), label: `${String(hour).padStart(2, "0")}:00` })),
    radius: Math.max(1.5, Math.min(4, dayWidth / 2 - 0.5)),
    hiddenDays: days.length - shown.length,
  };
}

/** Every date from the first occurrence to the last, so that a gap in the evidence is a gap in the picture. */
function daysOf(occurrences: readonly Occurrence[]): string[] {
  const times = occurrences.map(({ date }) => Date.parse(`${date}T00:00:00Z`));
  if (times.length === 0) return [];
  const first = Math.min(...times);
  const count = Math.round((Math.max(...times) - first) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}

function toColumns(days: readonly string[], dayWidth: number): Column[] {
  const every = Math.max(1, Math.ceil(ROOM_FOR_DATE / (7 * dayWidth)));
  // A date needs room at its right, so the last ones stay bare.
  const lastDated = days.length - ROOM_FOR_DATE / dayWidth;
  let mondays = 0;
  return days.map((date, index) => {
    const weekday = weekdayOfDate(date);
    const isMonday = weekday === "Monday";
    const isDated = (isMonday && mondays % every === 0 && index <= lastDated) || (days.length < 7 && index === 0);
    if (isMonday) mondays += 1;
    return {
      x: LEFT + index * dayWidth,
      width: dayWidth,
      date,
      isWeekend: weekday === "Saturday" || weekday === "Sunday",
      letter: dayWidth >= DAY_FOR_LETTERS ? weekday.charAt(0) : "",
      isDated,
    };
  });
}

function toMark(occurrence: Occurrence, x: number, laneY: number): Mark {
  if (occurrence.minute === null) return { x, y: laneY, kind: "nothing", occurrence };
  return { x, y: yOf(occurrence.minute), kind: occurrence.hit ? "hit" : "miss", occurrence };
}

/** A window of minutes would be too thin to see: it is drawn a little thicker than it is. */
function toBand({ from, to }: Span): { y: number; height: number } {
  const height = Math.max(THINNEST_BAND, yOf(to) - yOf(from));
  const y = (yOf(from) + yOf(to) - height) / 2;
  return { y: Math.min(Math.max(y, TOP), TOP + HOURS_HEIGHT - height), height };
}

function yOf(minute: number): number {
  return TOP + (minute / DAY_MINUTES) * HOURS_HEIGHT;
}
