import type { RuleCore } from "../backtest/backtest.ts";
import { conditionText, daysText, type FactsOf, spanText, triggerText } from "../domain/sentence.ts";
import { joinNames, nameInSentence } from "../domain/names.ts";

/** One part of a rule that is another now, in words; null: there was none, or is none any more. */
export interface RuleChange {
  readonly part: "trigger" | "days" | "condition" | "devices" | "window";
  readonly before: string | null;
  readonly after: string | null;
}

/** What tells two forms of a rule apart, part by part; empty: they are the same. */
export function differenceOf(before: RuleCore, after: RuleCore, factsOf: FactsOf): readonly RuleChange[] {
  const changes: RuleChange[] = [];
  function compare(part: RuleChange["part"], one: string, other: string): void {
    if (one !== other) changes.push({ part, before: one, after: other });
  }
  compare("trigger", triggerText(before, factsOf), triggerText(after, factsOf));
  compare("days", daysText(daysOf(before)), daysText(daysOf(after)));
  const [had, has] = [conditionsOf(before, factsOf), conditionsOf(after, factsOf)];
  for (const text of had) if (!has.includes(text)) changes.push({ part: "condition", before: text, after: null });
  for (const text of has) if (!had.includes(text)) changes.push({ part: "condition", before: null, after: text });
  compare("devices", devicesOf(before, factsOf), devicesOf(after, factsOf));
  compare("window", spanText(before.window_s), spanText(after.window_s));
  return changes;
}

function daysOf({ trigger, conditions }: RuleCore) {
  const asked = conditions.find((condition) => condition.type === "weekday")?.days;
  return trigger.type === "state" ? asked : (trigger.weekdays ?? asked);
}

function conditionsOf({ conditions }: RuleCore, factsOf: FactsOf): readonly string[] {
  return conditions
    .filter((condition) => condition.type !== "weekday")
    .map((condition) => conditionText(condition, factsOf));
}

function devicesOf({ action }: RuleCore, factsOf: FactsOf): string {
  return joinNames(action.entity_ids.map((id) => nameInSentence(id, factsOf(id))));
}
