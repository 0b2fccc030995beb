/* The rule that the miner finds and everything downstream is made of. Field names follow the published JSON form. */

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export interface TimeTrigger {
  readonly type: "time";
  /** Local time of day, HH:MM. */
  readonly at: string;
  /** Left out: every day. */
  readonly weekdays?: readonly Weekday[];
}

export interface StateTrigger {
  readonly type: "state";
  readonly entity_id: string;
  readonly to: string;
}

export type RuleTrigger = TimeTrigger | StateTrigger;

/** `after` may be later than `before`: the span then crosses midnight. */
export type RuleCondition =
  | { readonly type: "time"; readonly after: string; readonly before: string }
  | { readonly type: "weekday"; readonly days: readonly Weekday[] };

/** One chance the habit had: a day of a time rule, a firing of a state rule. */
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
  readonly kind: "time_of_day" | "state_pair";
  readonly trigger: RuleTrigger;
  readonly conditions: readonly RuleCondition[];
  readonly action: { readonly entity_ids: readonly string[]; readonly to: string };
  /** How far from the trigger a change still counts as the habit, in seconds. */
  readonly window_s: number;
  /** The Wilson bound: what is printed as confidence. */
  readonly confidence: number;
  readonly evidence: Evidence;
}
