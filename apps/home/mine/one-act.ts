import { DAY_MINUTES } from "./calendar.ts";
import { type Hypothesis, type PairContext, PAIR_WINDOW_MS, type TimeHypothesis } from "./hypothesis.ts";
import type { Firing } from "./judge.ts";

const NEAR_MINUTES = 10;
const TOGETHER_SHARE = 0.7;

/** What is asked of a rule and of the one that it may become a part of. */
export interface Act {
  readonly hypothesis: Hypothesis;
  readonly firings: readonly Firing[];
}

/**
 * What a rule says when it is read as a part of another: the same state for another device, brought about by the same act. After one trigger
 * that is whatever follows; at a time of day it is what is done within five minutes of the other on most days, as at bedtime. Undefined: the
 * two are no one act.
 */
export function asPartOf(whole: Act, part: Act): Hypothesis | undefined {
  const { hypothesis: a } = whole;
  const { hypothesis: b } = part;
  if (a.key.state !== b.key.state || a.key.entity === b.key.entity) return undefined;
  if (a.kind === "state_pair") {
    const isSame = b.kind === "state_pair" && a.trigger === b.trigger && a.delayMs === b.delayMs;
    // A device that goes back after its own time, or is asked for its own state, has a rule of its own.
    if (!isSame || a.trigger.entity === a.key.entity || isOfItself(a.context, a.key.entity)) return undefined;
    return a.trigger.entity === b.key.entity || isOfItself(a.context, b.key.entity)
      ? undefined
      : { ...b, context: a.context };
  }
  if (b.kind !== "time_of_day" || !isSameMoment(a, b) || !areTogether(whole.firings, part.firings)) return undefined;
  return { ...b, minute: a.minute, halfWidth: a.halfWidth };
}

function isOfItself({ state }: PairContext, entity: number): boolean {
  return state?.key.entity === entity;
}

function isSameMoment(a: TimeHypothesis, b: TimeHypothesis): boolean {
  if (a.mask !== b.mask || a.sun?.event !== b.sun?.event) return false;
  const apart = Math.abs(a.minute - b.minute) % DAY_MINUTES;
  return Math.min(apart, DAY_MINUTES - apart) <= NEAR_MINUTES;
}

function areTogether(firings: readonly Firing[], others: readonly Firing[]): boolean {
  const times = new Map(others.filter(({ hit }) => hit).map(({ day, happened }) => [day, happened]));
  const hits = firings.filter(({ hit }) => hit);
  const together = hits.filter(
    ({ day, happened }) => Math.abs(happened - (times.get(day) ?? Number.NaN)) * 60_000 <= PAIR_WINDOW_MS,
  );
  return together.length >= TOGETHER_SHARE * Math.max(times.size, hits.length);
}
