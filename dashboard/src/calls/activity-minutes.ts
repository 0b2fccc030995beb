import type { CallActivity, CallMinute } from "millrace/http";
import { type Outcome, OUTCOMES } from "./source-looks.ts";

export const MINUTE_MS = 60_000;
const MINUTES = 60;

/** A minute of the last hour. */
export interface Minute {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Undefined: there was no call, or nothing is known of it. */
  readonly seen: CallMinute | undefined;
  /** False: it is older than what the figures cover. */
  readonly isKnown: boolean;
}

/** The last hour minute by minute, oldest first, those without a call included. */
export function fillMinutes({ at, from, minutes }: Pick<CallActivity, "at" | "from" | "minutes">): Minute[] {
  const seen = new Map(minutes.map((minute) => [Date.parse(minute.at), minute]));
  const end = Math.ceil(Date.parse(at) / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: MINUTES }, (_, index) => {
    const start = end - (MINUTES - index) * MINUTE_MS;
    return { from: start, seen: seen.get(start), isKnown: start + MINUTE_MS > Date.parse(from) };
  });
}

/** How many calls ended in a minute. */
export function callsIn({ seen }: Minute): number {
  return Object.values(seen?.sources ?? {}).reduce((sum, count) => sum + count, 0);
}

/** How often each source answered; those that never did are left out. */
export function countSources(minutes: readonly Minute[]): { readonly source: Outcome; readonly count: number }[] {
  return OUTCOMES.map((source) => ({
    source,
    count: minutes.reduce((sum, { seen }) => sum + (seen?.sources[source] ?? 0), 0),
  })).filter(({ count }) => count > 0);
}

/** Adds up one figure of the hour. */
export function sumMinutes(minutes: readonly Minute[], valueOf: (minute: CallMinute) => number): number {
  return minutes.reduce((sum, { seen }) => sum + (seen === undefined ? 0 : valueOf(seen)), 0);
}
