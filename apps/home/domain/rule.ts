/* The rule that the miner finds and everything downstream is made of. Field names follow the published JSON form. */

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

export interface TimeTrigger {
  readonly type: "time";
  /** Local time of day, HH:MM. */
  readonly at: string;
  /** Left out: every day. */
  readonly weekdays?: readonly Weekday[];
}

export const SUN_EVENTS = ["sunrise", "sunset"] as const;

export type SunEvent = (typeof SUN_EVENTS)[number];

export interface SunTrigger {
  readonly type: "sun";
  readonly event: SunEvent;
  /** Minutes after the event; below zero: before it. */
  readonly offset_min: number;
  /** Left out: every day. */
  readonly weekdays?: readonly Weekday[];
}

export interface StateTrigger {
  readonly type: "state";
  readonly entity_id: string;
  readonly to: string;
  /** Left out: whatever the state before. */
  readonly from?: string;
  /** Fires once the state has held for so many seconds; left out: at once. */
  readonly for_s?: number;
}

export type RuleTrigger = TimeTrigger | SunTrigger | StateTrigger;

/** Local times of day, HH:MM. `after` may be later than `before`: the span then crosses midnight. */
export interface TimeCondition {
  readonly type: "time";
  readonly after: string;
  readonly before: string;
}

export interface WeekdayCondition {
  readonly type: "weekday";
  readonly days: readonly Weekday[];
}

/** An entity is in a state when the trigger fires, and has been for `for_s` seconds where that is given. */
export interface StateCondition {
  readonly type: "state";
  readonly entity_id: string;
  readonly is: string;
  readonly for_s?: number;
}

/** Night is after sunset or before sunrise, day after sunrise and before sunset: with both fields, both hold, except after sunset and before sunrise, of which one is enough. */
export interface SunCondition {
  readonly type: "sun";
  readonly after?: SunEvent;
  readonly before?: SunEvent;
}

export type RuleCondition = TimeCondition | WeekdayCondition | StateCondition | SunCondition;

/**
 * What a habit is: something done at a time of day; at a time from sunrise or sunset; after another change; after several changes, of which
 * the last one fires and the others hold; when the first comes home or the last leaves; for about the same length each time; or not done:
 * left on when nobody needs it.
 */
export const RULE_KINDS = [
  "time_of_day",
  "sun",
  "state_pair",
  "sequence",
  "presence",
  "duration",
  "forgotten_on",
] as const;

export type RuleKind = (typeof RULE_KINDS)[number];

/** One chance the habit had: a day of a rule by the clock or the sun, a firing of a state rule. */
export interface Occurrence {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  /**
   * Local minutes since midnight at which it happened, or at which the trigger fired; a miss of a time rule that happened at another time
   * of that day has that time. Null: nothing happened that day.
   */
  readonly minute: number | null;
  readonly hit: boolean;
}

export interface Evidence {
  /** Distinct local days with a hit. */
  readonly days_hit: number;
  /** Distinct local days on which a hit was possible. */
  readonly days_possible: number;
  /** Chances and hits in the training days: days for a time rule, firings for a state rule. */
  readonly trials: number;
  readonly hits: number;
  /**
   * Probability of at least so many hits by chance alone (exact binomial tail), before and after Benjamini-Hochberg; q also counts every
   * window, mask and context that was tried. For a time rule p counts all days on which somebody was at home, not only `trials`.
   */
  readonly p: number;
  readonly q: number;
  /** Lower end of the 95 % Wilson interval of hits / trials. */
  readonly wilson: number;
  /** The same rule judged on the last fifth of the days, which mining did not see. */
  readonly held_out: { readonly hits: number; readonly misses: number };
  /** Hit rate that chance alone would give. */
  readonly chance: number;
  /** Up to three local times, ISO 8601 without an offset. */
  readonly examples: readonly string[];
  /** The latest 200 chances, oldest first: what the evidence picture shows. */
  readonly occurrences: readonly Occurrence[];
}

export interface Rule {
  /** Fingerprint of kind, trigger, conditions and action, rounded so that a small drift of the data keeps it. */
  readonly id: string;
  readonly kind: RuleKind;
  readonly trigger: RuleTrigger;
  readonly conditions: readonly RuleCondition[];
  readonly action: { readonly entity_ids: readonly string[]; readonly to: string };
  /** How far from the trigger a change still counts as the habit, in seconds. */
  readonly window_s: number;
  /** The Wilson bound: what is printed as confidence. */
  readonly confidence: number;
  readonly evidence: Evidence;
}
