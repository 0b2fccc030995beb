import type { SunEvent } from "../domain/rule.ts";
import type { SunClock } from "../domain/sun.ts";
import type { DayMask } from "./calendar.ts";
import type { Key } from "./timeline.ts";

/** The habit days that mining may look at: training from `firstDay` up to `trainEnd`, the held-out days from there up to `end`. */
export interface Span {
  readonly firstDay: number;
  readonly trainEnd: number;
  readonly end: number;
}

/** What a detector proposes, judged on the training days. */
export interface Figures {
  /** Exact binomial tail of the chosen variant alone. */
  readonly p: number;
  /** How many variants of it were looked at: windows and masks, or contexts. */
  readonly variants: number;
  /** Hit rate that chance alone would give. */
  readonly chance: number;
}

export interface TimeHypothesis extends Figures {
  readonly kind: "time_of_day";
  readonly key: Key;
  readonly mask: DayMask;
  /** Minutes since local midnight, or since the sun rises or sets. */
  readonly minute: number;
  readonly halfWidth: number;
  /** Left out: the clock. */
  readonly sun?: SunAnchor;
}

/** What a time is counted from when it is not midnight. */
export interface SunAnchor {
  readonly event: SunEvent;
  readonly clock: SunClock;
}

export interface PairHypothesis extends Figures {
  readonly kind: "state_pair";
  readonly trigger: Key;
  readonly key: Key;
  /** How long the trigger's state must have held, in milliseconds; 0: it fires at once. */
  readonly delayMs: number;
  readonly context: PairContext;
  /** It is judged by regret: nobody does it, and nobody misses it. Default false. */
  readonly isForgotten?: boolean;
}

/** What must hold at the moment at which the trigger fires: calendar weekdays, a span of the day, the state of another entity. */
export interface PairContext {
  readonly mask: DayMask;
  /** Minutes since midnight, `from` included; undefined: the whole day. May cross midnight. */
  readonly band: { readonly from: number; readonly to: number } | undefined;
  /** An entity is in a state, and has been for so long. */
  readonly state: { readonly key: Key; readonly forMs: number } | undefined;
  /** Where every other person of the home must be: away, so that the trigger is the last to leave or the first to come. Empty: not asked. */
  readonly others: readonly Key[];
  /** The sun is down, or up. */
  readonly sun: { readonly isDark: boolean; readonly clock: SunClock } | undefined;
}

export type Hypothesis = TimeHypothesis | PairHypothesis;

/** What a detector hands over: its proposals and how much it looked at. */
export interface Findings<T extends Hypothesis> {
  readonly hypotheses: readonly T[];
  /** Families: one (entity, state) or one ordered pair of them. Each gives its best variant. */
  readonly families: number;
  /** Every window, mask and context that was looked at. */
  readonly looked: number;
}

/* The limits, chosen once. */

/** Fewer distinct days with a hit make no habit. */
export const FEWEST_DAYS = 4;
/** A rule must be right more often than wrong, at the lower end of the 95 % interval. */
export const LEAST_CONFIDENCE = 0.5;
/** How many times what chance alone would give a rule must reach. */
export const LEAST_LIFT = 2;
/**
 * How far round a time of day one looks, in minutes: chance is counted there too, and what was done so long before the time was done at
 * another time, which is a miss, not a day without need.
 */
export const BAND_MINUTES = 180;
/** How long after its trigger a change still belongs to it, in milliseconds. */
export const PAIR_WINDOW_MS = 300_000;

/**
 * Right firings less wrong ones that `trials` firings bring, at the cautious end of what is known about them. A wrong one costs `price`
 * times what a right one brings; default 1.
 */
export function netUse(trials: number, wilson: number, price = 1): number {
  return trials * (wilson - price * (1 - wilson));
}
