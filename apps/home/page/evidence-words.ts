import type { Evidence, Occurrence, Weekday } from "../domain/rule.ts";
import { formatNumber } from "../../../dashboard/src/format/count.ts";
import { weekdayOfDate } from "../../../dashboard/src/format/time.ts";

export const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export interface WeekdayCount {
  readonly day: Weekday;
  readonly hits: number;
  readonly trials: number;
}

/** Counts hits and chances by weekday, Monday first. */
export function countByWeekday(occurrences: readonly Occurrence[]): WeekdayCount[] {
  return WEEK.map((day) => {
    const own = occurrences.filter(({ date }) => weekdayOfDate(date).slice(0, 3).toLowerCase() === day);
    return { day, hits: own.filter(({ hit }) => hit).length, trials: own.length };
  });
}

/** Says how unlikely it is that luck alone gave so many hits. */
export function luckInWords(probability: number): string {
  if (probability >= 0.5) return "quite likely";
  const one = 1 / Math.max(probability, Number.MIN_VALUE);
  if (one >= 1e9) return "less than 1 in a billion";
  if (one >= 1e6) return `about 1 in ${formatNumber(Math.round(one / 1e6))} million`;
  return `about 1 in ${formatNumber(roundToTwoDigits(one))}`;
}

/** Says how often it would happen anyway. */
export function chanceInWords(chance: number): string {
  const per100 = chance * 100;
  if (per100 < 0.5) return "under 1 time in 100";
  return `about ${Math.round(per100)} ${Math.round(per100) === 1 ? "time" : "times"} in 100`;
}

/** Writes a probability for a table: `0.013`, `4e-12`. */
export function formatProbability(value: number): string {
  if (value === 0) return "under 1e-300";
  return value >= 0.001 ? String(Number(value.toPrecision(2))) : value.toExponential(0);
}

/** The whole evidence in two sentences, for those who cannot see the picture. */
export function describeEvidence({ days_hit, days_possible, held_out, occurrences }: Evidence): string {
  const sentences = [`It happened on ${formatNumber(days_hit)} of ${formatNumber(days_possible)} days.`];
  const judged = held_out.hits + held_out.misses;
  if (judged > 0)
    sentences.push(`On later days that were kept for checking it held ${held_out.hits} of ${judged} times.`);
  const first = occurrences[0]?.date;
  const last = occurrences.at(-1)?.date;
  if (first !== undefined && last !== undefined) sentences.push(`The picture covers ${first} to ${last}.`);
  return sentences.join(" ");
}

function roundToTwoDigits(value: number): number {
  return Number(value.toPrecision(2));
}
