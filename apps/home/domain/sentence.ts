import type { Stored } from "millrace";
import { type EntityFacts, isPlural, joinNames, nameInSentence, toTitle } from "./names.ts";
import { phraseOf, stateText } from "./phrase.ts";
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
  const extra = rule.conditions.map((condition) => ` ${conditionText(condition, factsOf)}`).join("");
  const action = actionText(rule, factsOf);
  if (rule.trigger.type !== "state") {
    const at = rule.trigger.type === "time" ? `at about ${rule.trigger.at}` : sunText(rule.trigger);
    return `${toTitle(daysText(rule.trigger.weekdays))} ${at}${extra}, ${action}.`;
  }
  return `When ${triggerText(rule, factsOf)}${extra}, ${action} within ${spanText(rule.window_s)}.`;
}

/** "the hall motion sensor sees motion"; "07:10" for a time; "20 minutes after sunset" for the sun. */
export function triggerText({ trigger }: Pick<RuleParts, "trigger">, factsOf: FactsOf): string {
  if (trigger.type === "time") return trigger.at;
  if (trigger.type === "sun") return sunText(trigger);
  const facts = factsOf(trigger.entity_id);
  const { base, third } = phraseOf(trigger.entity_id, trigger.to, facts);
  const verb = isPlural(trigger.entity_id, facts) ? base : third;
  return `${nameInSentence(trigger.entity_id, facts)} ${verb}${heldText(trigger.for_s, "and nothing changes")}`;
}

/** "the hall motion sensor saw motion"; "it was 07:10" for a time. */
export function triggerDone({ trigger }: Pick<RuleParts, "trigger">, factsOf: FactsOf): string {
  if (trigger.type === "time") return `it was ${trigger.at}`;
  if (trigger.type === "sun") return `it was ${sunText(trigger)}`;
  const facts = factsOf(trigger.entity_id);
  const { didOne, didMany } = phraseOf(trigger.entity_id, trigger.to, facts);
  const verb = isPlural(trigger.entity_id, facts) ? didMany : didOne;
  return `${nameInSentence(trigger.entity_id, facts)} ${verb}${heldText(trigger.for_s, "and nothing changed")}`;
}

function heldText(seconds: number | undefined, words: string): string {
  return seconds === undefined ? "" : ` ${words} for ${spanText(seconds)}`;
}

/** "at sunrise", "20 minutes before sunset". */
function sunText({ event, offset_min }: { readonly event: string; readonly offset_min: number }): string {
  if (offset_min === 0) return `at ${event}`;
  return `${spanText(Math.abs(offset_min) * 60)} ${offset_min < 0 ? "before" : "after"} ${event}`;
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

/** "between 18:00 and 23:00", "on weekdays", "while the television is on", "after sunset". */
export function conditionText(condition: RuleParts["conditions"][number], factsOf: FactsOf = () => undefined): string {
  switch (condition.type) {
    case "time":
      return `between ${condition.after} and ${condition.before}`;
    case "weekday":
      return daysText(condition.days);
    case "sun":
      return sunSpanText(condition);
    case "state": {
      const { entity_id, is, for_s } = condition;
      const facts = factsOf(entity_id);
      const verb = isPlural(entity_id, facts) ? "are" : "is";
      return `while ${nameInSentence(entity_id, facts)} ${verb} ${stateText(entity_id, is, facts)}${heldText(for_s, "and has been so")}`;
    }
  }
}

/** "between sunset and sunrise", "after sunrise". */
function sunSpanText({ after, before }: { readonly after?: string; readonly before?: string }): string {
  if (after === undefined) return `before ${before ?? "sunset"}`;
  return before === undefined ? `after ${after}` : `between ${after} and ${before}`;
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
