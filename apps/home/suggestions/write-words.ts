import { domainOf, isActuator, toTitle } from "../domain/names.ts";
import {
  actionDone,
  actionNames,
  actionPhrase,
  conditionText,
  dayNoun,
  daysText,
  type FactsOf,
  spanText,
  triggerDone,
  triggerText,
} from "../domain/sentence.ts";
import type { Habit } from "../patterns/habit.ts";
import type { Words } from "./words.ts";

const LONGEST_TITLE = 120;

/** Writes a suggestion from the rule and its evidence, without a model. */
export function writeWords(habit: Habit, factsOf: FactsOf): Words {
  return {
    title: titleOf(habit, factsOf),
    description: `${observation(habit, factsOf)} ${proposal(habit, factsOf)}`,
    rationale: rationaleOf(habit),
    category: categoryOf(habit, factsOf),
    priority: priorityOf(habit),
  };
}

/**
 * Chooses the category by what the action touches: doors, windows, locks and alarms are security; whatever is switched off energy; lights,
 * climate, fans, covers and humidifiers comfort; the rest convenience.
 */
export function categoryOf({ action }: Pick<Habit, "action">, factsOf: FactsOf): Words["category"] {
  const domains = action.entity_ids.map(domainOf);
  const classes = action.entity_ids.map((id) => factsOf(id)?.deviceClass ?? "");
  const has = (names: readonly string[], among: readonly string[]): boolean =>
    among.some((name) => names.includes(name));
  if (has(SECURITY, domains) || has(SECURITY, classes)) return "security";
  if (action.to === "off" && action.entity_ids.every(isActuator)) return "energy";
  return has(COMFORT, domains) ? "comfort" : "convenience";
}

/**
 * Chooses the priority by how sure the habit is: high from a Wilson bound of 0.8 when it held on at least four of five chances that
 * mining did not see, medium from 0.6, else low.
 */
export function priorityOf({
  confidence,
  evidence: { held_out },
}: Pick<Habit, "confidence" | "evidence">): Words["priority"] {
  const chances = held_out.hits + held_out.misses;
  if (confidence >= 0.8 && chances > 0 && held_out.hits / chances >= 0.8) return "high";
  return confidence >= 0.6 ? "medium" : "low";
}

const SECURITY: readonly string[] = ["lock", "alarm_control_panel", "siren", "door", "window", "garage_door", "gate"];
const COMFORT: readonly string[] = ["light", "climate", "fan", "cover", "humidifier", "water_heater"];

function canAct({ action }: Habit): boolean {
  return action.entity_ids.every(isActuator);
}

function titleOf(habit: Habit, factsOf: FactsOf): string {
  const names = actionNames(habit, factsOf);
  const { base } = actionPhrase(habit, factsOf);
  const act = canAct(habit) ? command(base, names) : `Expect ${names} to ${base}`;
  const when =
    habit.trigger.type !== "state"
      ? `${atText(habit, factsOf)}${daysSuffix(habit)}`
      : `${canAct(habit) ? "when" : "after"} ${triggerText(habit, factsOf)}${conditionsText(habit, factsOf)}`;
  const title = `${toTitle(act)} ${when}`;
  return title.length <= LONGEST_TITLE ? title : `${title.slice(0, LONGEST_TITLE - 1).trimEnd()}…`;
}

/** "turn on the lamp", "set the thermostat to "heat"". */
function command(base: string, names: string): string {
  const [verb = "", particle, ...rest] = base.split(" ");
  if (verb === "change") return `set ${names} ${[particle, ...rest].join(" ")}`;
  return `${base} ${names}`;
}

/** "at 07:10", "at sunset", "20 minutes after sunset". */
function atText(habit: Habit, factsOf: FactsOf): string {
  const text = triggerText(habit, factsOf);
  return habit.trigger.type === "time" ? `at ${text}` : text;
}

function daysSuffix({ trigger }: Habit): string {
  if (trigger.type === "state") return "";
  const days = daysText(trigger.weekdays);
  return ` ${days}`;
}

function observation(habit: Habit, factsOf: FactsOf): string {
  const { trigger, evidence, window_s } = habit;
  const done = actionDone(habit, factsOf);
  if (trigger.type !== "state") {
    const { days_hit, days_possible } = evidence;
    return `On ${shareText(days_hit, days_possible)} ${dayNoun(trigger.weekdays)} ${done} within ${spanText(window_s)} of ${triggerText(habit, factsOf)}.`;
  }
  const { hits, trials, days_hit } = evidence;
  const days = `${days_hit} ${days_hit === 1 ? "day" : "days"}`;
  return `On ${shareText(hits, trials)} occasions when ${triggerDone(habit, factsOf)}${conditionsText(habit, factsOf)}, ${done} within ${spanText(window_s)}; this was so on ${days}.`;
}

function conditionsText({ conditions }: Habit, factsOf: FactsOf): string {
  return conditions.map((condition) => ` ${conditionText(condition, factsOf)}`).join("");
}

/** "41 of 52", "all 52". */
function shareText(part: number, whole: number): string {
  return part === whole && whole > 1 ? `all ${whole}` : `${part} of ${whole}`;
}

function proposal(habit: Habit, factsOf: FactsOf): string {
  if (!canAct(habit)) {
    return "A sensor cannot be told to act, but this habit can start something else, or warn you on a day when it does not happen.";
  }
  return habit.trigger.type !== "state"
    ? `An automation could do it for you ${atText(habit, factsOf)}.`
    : `An automation could do it for you as soon as ${triggerText(habit, factsOf)}${conditionsText(habit, factsOf)}.`;
}

function rationaleOf({ trigger, confidence, evidence: { held_out, chance } }: Habit): string {
  const chances = held_out.hits + held_out.misses;
  const unit = trigger.type === "state" ? "occasion" : "day";
  const later =
    chances === 0
      ? `There was no later ${unit} to check it on.`
      : `On the latest days, which were not used to find the habit, it ${heldText(held_out.hits, chances, unit)}.`;
  return `${later} Chance alone would give ${percent(chance)}; with 95 % confidence the habit holds at least ${percent(confidence)} of the time.`;
}

/** "held on 9 of 10 days", "held on both occasions", "did not hold on the only day there was". */
function heldText(hits: number, chances: number, unit: string): string {
  if (chances === 1) return `${hits === 1 ? "held" : "did not hold"} on the only ${unit} there was`;
  if (hits === 0) return `held on none of ${chances} ${unit}s`;
  return `held on ${hits === 2 && chances === 2 ? "both" : shareText(hits, chances)} ${unit}s`;
}

function percent(share: number): string {
  const points = share * 100;
  if (points > 0 && points < 1) return "less than 1 %";
  return `${points > 99 && points < 100 ? 99 : Math.round(points)} %`;
}
