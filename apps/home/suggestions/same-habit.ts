import type { Rule, RuleTrigger } from "../domain/rule.ts";

type Core = Pick<Rule, "trigger" | "conditions" | "action">;

/** Two times nearer than this are one habit that wandered. */
const SAME_MIN = 15;

/**
 * Asks whether one rule makes another one needless: it brings all of its devices to the same state at about the same moment. Conditions may
 * differ, days and hours must meet: whoever rejected the one does not want the other.
 */
export function isSameHabit(rule: Core, known: Core): boolean {
  if (rule.action.to !== known.action.to) return false;
  const done = new Set(known.action.entity_ids);
  if (!rule.action.entity_ids.every((id) => done.has(id))) return false;
  return (
    isSameMoment(rule.trigger, known.trigger) &&
    meet(daysOf(rule), daysOf(known)) &&
    meet(hoursOf(rule), hoursOf(known))
  );
}

/** Asks whether a habit that was found is the one of a suggestion, which then has its say: nothing else is suggested. */
export function isKnownHabit(rule: Rule, suggested: Rule): boolean {
  return rule.id === suggested.id || isSameHabit(rule, suggested);
}

function isSameMoment(a: RuleTrigger, b: RuleTrigger): boolean {
  if (a.type === "time" && b.type === "time") {
    const apart = Math.abs(minuteOf(a.at) - minuteOf(b.at));
    return Math.min(apart, 1_440 - apart) <= SAME_MIN;
  }
  if (a.type === "sun" && b.type === "sun") {
    return a.event === b.event && Math.abs(a.offset_min - b.offset_min) <= SAME_MIN;
  }
  if (a.type !== "state" || b.type !== "state") return false;
  return a.entity_id === b.entity_id && a.to === b.to && (a.for_s ?? 0) === (b.for_s ?? 0);
}

function daysOf({ trigger, conditions }: Core): readonly string[] | undefined {
  if (trigger.type !== "state" && trigger.weekdays !== undefined) return trigger.weekdays;
  return conditions.find((condition) => condition.type === "weekday")?.days;
}

/** The quarters of an hour of a span of the day; undefined: all of them. */
function hoursOf({ conditions }: Core): readonly number[] | undefined {
  const span = conditions.find((condition) => condition.type === "time");
  if (span === undefined) return undefined;
  const [from, until] = [minuteOf(span.after), minuteOf(span.before)];
  const length = (until - from + 1_440) % 1_440;
  return Array.from({ length: 96 }, (_, quarter) => quarter * 15).filter(
    (minute) => (minute - from + 1_440) % 1_440 < length,
  );
}

function meet<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((day) => b.includes(day));
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}
