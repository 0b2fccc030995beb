import type { Stored } from "millrace";
import { type EntityFacts, isPlural, joinNames, nameInSentence, toTitle } from "./names.ts";
import { phraseOf } from "./phrase.ts";
import { type Rule, type Weekday, WEEKDAYS } from "./rule.ts";

/** Looks up what is known about an entity. */
export type FactsOf = (entityId: string) => EntityFacts | undefined;

/** What a sentence needs of a rule, whether fresh from the miner or read back from a step. */
export type RuleParts = Pick<Stored<Rule>, "trigger" | "conditions" | "action" | "window_s">;

const DAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: "Mondays",
  tue: "Tuesdays",
  wed: "Wednesdays",
  thu: "Thursdays",
  fri: "Fridays",
  sat: "Saturdays",
  sun: "Sundays",
};

const WORKDAYS = "mon,tue,wed,thu,fri";
const WEEKEND = "sat,sun";

/**
 * Says a rule as one plain English sentence, with names for people: "On weekdays at about 07:10, the kitchen ceiling light turns on."
 * It is made of the rule alone, so it is right whatever a language model writes beside it.
 */
export function sentenceOf(rule: RuleParts, factsOf: FactsOf = () => undefined): string {
  const extra = rule.conditions.map((condition) => ` ${conditionText(condition)}`).join("");
  const action = actionText(rule, factsOf);
  if (rule.trigger.type === "time") {
    return `${toTitle(daysText(rule.trigger.weekdays))} at about ${rule.trigger.at}${extra}, ${action}.`;
  }
  return `When ${triggerText(rule, factsOf)}${extra}, ${action} within ${spanText(rule.window_s)}.`;
}

/** "the hall motion sensor sees motion"; "07:10" for a time. */
export function triggerText({ trigger }: Pick<RuleParts, "trigger">, factsOf: FactsOf): string {
  if (trigger.type === "time") return trigger.at;
  const facts = factsOf(trigger.entity_id);
  const { base, third } = phraseOf(trigger.entity_id, trigger.to, facts);
  return `${nameInSentence(trigger.entity_id, facts)} ${isPlural(trigger.entity_id, facts) ? base : third}`;
}

/** "the hall motion sensor saw motion"; "it was 07:10" for a time. */
export function triggerDone({ trigger }: Pick<RuleParts, "trigger">, factsOf: FactsOf): string {
  if (trigger.type === "time") return `it was ${trigger.at}`;
  const facts = factsOf(trigger.entity_id);
  const { didOne, didMany } = phraseOf(trigger.entity_id, trigger.to, facts);
  return `${nameInSentence(trigger.entity_id, facts)} ${isPlural(trigger.entity_id, facts) ? didMany : didOne}`;
}

/** "the kitchen ceiling light turns on". */
function actionText(rule: Pick<RuleParts, "action">, factsOf: FactsOf): string {
  const phrase = actionPhrase(rule, factsOf);
  return `${actionNames(rule, factsOf)} ${isMany(rule, factsOf) ? phrase.base : phrase.third}`;
}

/** "the kitchen ceiling light was turned on". */
export function actionDone(rule: Pick<RuleParts, "action">, factsOf: FactsOf): string {
  const phrase = actionPhrase(rule, factsOf);
  return `${actionNames(rule, factsOf)} ${isMany(rule, factsOf) ? phrase.didMany : phrase.didOne}`;
}

function isMany({ action: { entity_ids } }: Pick<RuleParts, "action">, factsOf: FactsOf): boolean {
  return entity_ids.length !== 1 || entity_ids.some((id) => isPlural(id, factsOf(id)));
}

/** "the kitchen ceiling light and the hall lamp". */
export function actionNames({ action }: Pick<RuleParts, "action">, factsOf: FactsOf): string {
  return joinNames(action.entity_ids.map((id) => nameInSentence(id, factsOf(id))));
}

export function actionPhrase({ action }: Pick<RuleParts, "action">, factsOf: FactsOf): ReturnType<typeof phraseOf> {
  const first = action.entity_ids[0] ?? "";
  return phraseOf(first, action.to, factsOf(first));
}

/** "every day", "on weekdays", "on Mondays and Fridays". */
export function daysText(days: readonly Weekday[] | undefined): string {
  const noun = dayNoun(days);
  return noun === "days" ? "every day" : `on ${noun}`;
}

/** What the days of a rule are called when they are counted: "days", "weekdays", "weekend days", "Mondays and Fridays". */
export function dayNoun(days: readonly Weekday[] | undefined): string {
  const sorted = WEEKDAYS.filter((day) => days === undefined || days.includes(day));
  if (sorted.length === 0 || sorted.length === WEEKDAYS.length) return "days";
  if (sorted.join() === WORKDAYS) return "weekdays";
  if (sorted.join() === WEEKEND) return "weekend days";
  return joinNames(sorted.map((day) => DAY_NAMES[day]));
}

/** "between 18:00 and 23:00", "on weekdays". */
export function conditionText(condition: RuleParts["conditions"][number]): string {
  return condition.type === "time" ? `between ${condition.after} and ${condition.before}` : daysText(condition.days);
}

/** A length of time in words: 300 seconds are "5 minutes". */
export function spanText(seconds: number): string {
  const [count, unit] =
    seconds >= 7_200 && seconds % 3_600 === 0
      ? [seconds / 3_600, "hour"]
      : seconds >= 120
        ? [Math.round(seconds / 60), "minute"]
        : [Math.round(seconds), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
