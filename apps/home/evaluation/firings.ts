import type { Rule, RuleCondition, StateTrigger, Weekday } from "../domain/rule.ts";
import { openSunClock, type Place, type SunClock } from "../domain/sun.ts";
import { openZone } from "../domain/zone.ts";
import { float, lowerBound } from "../mine/columns.ts";
import { DAY_S, type History, type StateTimes } from "./history.ts";

const TIME_REACH_S = 1_800;
const STATE_REACH_S = 300;
const NAMES = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"] as const;

/** A time in the test days at which a rule fires, in seconds of the wall clock since 1970. */
export interface Firing {
  readonly rule: Rule;
  readonly at: number;
  /** A change of the target from here to there, both included, is what the rule foresaw. */
  readonly from: number;
  readonly to: number;
  /** What it brings about: entity ids and state, each joined by a line break. */
  readonly targets: readonly string[];
}

export interface FiringOptions {
  readonly zone: string;
  readonly place?: Place | undefined;
}

/** Lets a rule fire on the test days: within half an hour either way of a time, within five minutes after a state. */
export function firingsOf(rule: Rule, history: History, { zone, place }: FiringOptions): Firing[] {
  const targets = rule.action.entity_ids.map((id) => `${id}\n${rule.action.to}`);
  const sun = place && openSunClock(place, openZone(zone));
  const { trigger } = rule;
  if (trigger.type === "state") {
    return stateTimesOf(trigger, history)
      .filter((at) => at >= history.testStart && at < history.testEnd && holds(rule.conditions, at, { history, sun }))
      .map((at) => ({ rule, at, from: at, to: at + STATE_REACH_S, targets }));
  }
  return Array.from({ length: history.testDays }, (_, day) => history.testStart + day * DAY_S)
    .filter((midnight) => trigger.weekdays === undefined || trigger.weekdays.includes(weekdayOf(midnight)))
    .map((midnight) => midnight + 60 * minuteOf(trigger, midnight / DAY_S, sun))
    .filter((at) => !Number.isNaN(at) && holds(rule.conditions, at, { history, sun }))
    .map((at) => ({ rule, at, from: at - TIME_REACH_S, to: at + TIME_REACH_S, targets }));
}

function minuteOf(trigger: Exclude<Rule["trigger"], StateTrigger>, day: number, sun: SunClock | undefined): number {
  if (trigger.type === "sun") return (sun?.minuteOf(trigger.event, day) ?? Number.NaN) + trigger.offset_min;
  const [hours = 0, minutes = 0] = trigger.at.split(":").map(Number);
  return hours * 60 + minutes;
}

/** When the state was reached, or had held for long enough. */
function stateTimesOf({ entity_id, to, from, for_s = 0 }: StateTrigger, { times }: History): number[] {
  const phases = times.get(`${entity_id}\n${to}`);
  if (phases === undefined) return [];
  const before = from === undefined ? undefined : new Set(times.get(`${entity_id}\n${from}`)?.leave);
  return Array.from(phases.enter)
    .filter(
      (enter, index) =>
        (before === undefined || before.has(enter)) && (for_s === 0 || float(phases.leave, index) > enter + for_s),
    )
    .map((enter) => enter + for_s);
}

interface Known {
  readonly history: History;
  readonly sun: SunClock | undefined;
}

function holds(conditions: readonly RuleCondition[], at: number, { history, sun }: Known): boolean {
  const clock = new Date(at * 1_000).toISOString().slice(11, 16);
  return conditions.every((condition) => {
    switch (condition.type) {
      case "weekday":
        return condition.days.includes(weekdayOf(at));
      case "time": {
        const { after, before } = condition;
        return after < before ? clock >= after && clock < before : clock >= after || clock < before;
      }
      case "state":
        return isInState(history.times.get(`${condition.entity_id}\n${condition.is}`), at, condition.for_s);
      case "sun": {
        const { after, before } = condition;
        const isDark = sun?.isDark(at / 60) ?? false;
        if (after === "sunset" && before === "sunrise") return isDark;
        return after === "sunrise" && before === "sunset" ? !isDark : isPast(after, before, at, sun);
      }
    }
  });
}

function isPast(
  after: "sunrise" | "sunset" | undefined,
  before: "sunrise" | "sunset" | undefined,
  at: number,
  sun: SunClock | undefined,
): boolean {
  const day = Math.floor(at / DAY_S);
  const minute = (at - day * DAY_S) / 60;
  const from = after === undefined ? 0 : (sun?.minuteOf(after, day) ?? Number.NaN);
  const until = before === undefined ? 1_440 : (sun?.minuteOf(before, day) ?? Number.NaN);
  return minute >= from && minute < until;
}

function weekdayOf(at: number): Weekday {
  const day = Math.floor(at / DAY_S);
  return NAMES[((day % 7) + 7) % 7] ?? "thu";
}

/** Asks whether the state, entered `forS` seconds before `at` or earlier, still holds then. */
export function isInState(times: StateTimes | undefined, at: number, forS = 0): boolean {
  if (times === undefined) return false;
  const index = lowerBound(times.enter, at) - 1;
  return index >= 0 && float(times.leave, index) > at && float(times.enter, index) <= at - forS;
}
