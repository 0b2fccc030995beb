import type { Stored } from "millrace";
import type { Evidence, Rule } from "../domain/rule.ts";

/** A rule without its list of occurrences, as the result of a step gives it back: small enough to stand there. */
export type Habit = Stored<Omit<Rule, "evidence"> & { readonly evidence: Omit<Evidence, "occurrences"> }>;

export function toHabit(rule: Rule): Habit {
  const { occurrences: _occurrences, ...evidence } = rule.evidence;
  return { ...rule, evidence };
}

/** Every entity a habit speaks of, each once. */
export function entitiesOf({ trigger, action }: Pick<Habit, "trigger" | "action">): readonly string[] {
  return [...new Set([...(trigger.type === "state" ? [trigger.entity_id] : []), ...action.entity_ids])];
}
