import type { Rule } from "../domain/rule.ts";
import { float, lowerBound } from "../mine/columns.ts";
import { type FiringOptions, firingsOf } from "./firings.ts";
import type { History } from "./history.ts";

export interface Regret {
  readonly rules: number;
  readonly firings: number;
  /** Firings after which somebody was seen within the rule's window. */
  readonly regrets: number;
}

/** Judges rules for what was left on: a firing is regretted when what the rule's condition watches is quiet no more within the window. */
export function countRegrets(rules: readonly Rule[], history: History, options: FiringOptions): Regret {
  let firings = 0;
  let regrets = 0;
  for (const rule of rules) {
    const quiet = rule.conditions.find((condition) => condition.type === "state");
    const leave = quiet && history.times.get(`${quiet.entity_id}\n${quiet.is}`)?.leave;
    for (const { at } of firingsOf(rule, history, options)) {
      firings++;
      if (leave === undefined) continue;
      const next = lowerBound(leave, at);
      if (next < leave.length && float(leave, next) <= at + rule.window_s) regrets++;
    }
  }
  return { rules: rules.length, firings, regrets };
}
