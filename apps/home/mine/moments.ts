import type { Hypothesis } from "./hypothesis.ts";
import type { Firing } from "./judge.ts";
import type { Key } from "./timeline.ts";
import { TOGETHER_MS } from "./units.ts";

const NEAR_MINUTES = 10;
const TOGETHER_SHARE = 0.7;

export interface Moment {
  readonly hypothesis: Hypothesis;
  readonly firings: readonly Firing[];
  /** What is brought about at the same moment besides `hypothesis.key`. */
  readonly also: readonly Key[];
  readonly covered: readonly number[];
}

/**
 * Joins times of day that are one act: the same state, days and time, and on most days both within three seconds. Devices of which each
 * has a life of its own are not a unit, and may still be put out together at bedtime. The first of the list stands for those that join it.
 */
export function joinMoments<T extends Moment>(rules: readonly T[]): T[] {
  const joined: T[] = [];
  for (const rule of rules) {
    const place = joined.findIndex((other) => isOneAct(other, rule));
    const first = joined[place];
    if (first === undefined) joined.push(rule);
    else
      joined[place] = {
        ...first,
        also: [...first.also, rule.hypothesis.key],
        covered: [...first.covered, ...rule.covered],
      };
  }
  return joined;
}

function isOneAct({ hypothesis: a, firings }: Moment, { hypothesis: b, firings: others }: Moment): boolean {
  if (a.kind !== "time_of_day" || b.kind !== "time_of_day") return false;
  if (a.key.state !== b.key.state || a.key.entity === b.key.entity || a.mask !== b.mask) return false;
  if (Math.abs(a.minute - b.minute) > NEAR_MINUTES) return false;
  const times = new Map(others.filter(({ hit }) => hit).map(({ day, happened }) => [day, happened]));
  const both = firings.filter(({ hit, day }) => hit && times.has(day));
  const together = both.filter(
    ({ day, happened }) => Math.abs(happened - (times.get(day) ?? 0)) * 60_000 <= TOGETHER_MS,
  );
  const hits = Math.max(times.size, firings.filter(({ hit }) => hit).length);
  return together.length >= TOGETHER_SHARE * hits;
}
