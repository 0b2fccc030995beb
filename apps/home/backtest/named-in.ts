import type { Rule } from "../domain/rule.ts";

/** Every entity that a rule looks at or acts on, each once. */
export function namedIn({ trigger, conditions, action }: Pick<Rule, "trigger" | "conditions" | "action">): string[] {
  const watched = trigger.type === "state" ? [trigger.entity_id] : [];
  const asked = conditions.flatMap((condition) => (condition.type === "state" ? [condition.entity_id] : []));
  return [...new Set([...watched, ...asked, ...action.entity_ids])];
}
