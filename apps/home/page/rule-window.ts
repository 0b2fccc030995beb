import type { Rule, Weekday } from "../domain/rule.ts";

const DAY_MINUTES = 1_440;

/** A span of the day in local minutes since midnight; `from` < `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** As much of a rule as says when it counts. */
export type WindowedRule = Pick<Rule, "trigger" | "conditions" | "window_s">;

/** The times of day at which the rule counts; two spans when they cross midnight, none when it counts at any time. */
export function ruleSpans(rule: WindowedRule): Span[] {
  if (rule.trigger.type === "time") {
    const at = minuteOf(rule.trigger.at);
    const reach = rule.window_s / 60;
    return reach * 2 >= DAY_MINUTES ? [] : wrap(at - reach, at + reach);
  }
  const time = rule.conditions.find((condition) => condition.type === "time");
  if (time === undefined) return [];
  const from = minuteOf(time.after);
  const to = minuteOf(time.before);
  return wrap(from, to > from ? to : to + DAY_MINUTES);
}

/** Cuts a span at midnight. */
function wrap(from: number, to: number): Span[] {
  if (from < 0)
    return [
      { from: 0, to },
      { from: from + DAY_MINUTES, to: DAY_MINUTES },
    ];
  if (to > DAY_MINUTES)
    return [
      { from: 0, to: to - DAY_MINUTES },
      { from, to: DAY_MINUTES },
    ];
  return [{ from, to }];
}

/** The weekdays to which the rule is bound; undefined for every day. */
export function ruleWeekdays(rule: WindowedRule): readonly Weekday[] | undefined {
  if (rule.trigger.type === "time" && rule.trigger.weekdays !== undefined) return rule.trigger.weekdays;
  return rule.conditions.find((condition) => condition.type === "weekday")?.days;
}

/** Converts HH:MM to minutes since midnight. */
export function minuteOf(clock: string): number {
  const [hour = "0", minute = "0"] = clock.split(":");
  return Number(hour) * 60 + Number(minute);
}

/** Converts minutes since midnight to HH:MM. */
export function clockOf(minute: number): string {
  const whole = Math.floor(minute) % DAY_MINUTES;
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
