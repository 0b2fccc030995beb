import type { Rule } from "../domain/rule.ts";
import { CAUSES, type EventSeries } from "../domain/series.ts";
import type { Place } from "../domain/sun.ts";
import { dateOfDay, openZone, type Zone } from "../domain/zone.ts";
import { firingsOf, isInState } from "../evaluation/firings.ts";
import { DAY_S, type History, type StateTimes, toHistory } from "../evaluation/history.ts";
import { float, lowerBound, whole } from "../mine/columns.ts";

/** What an automation needs of a rule. */
export type RuleCore = Pick<Rule, "kind" | "trigger" | "conditions" | "action" | "window_s">;

/**
 * `matched`: somebody did it within the window; `wrong`: nobody did, and it was not so already; `no_op`: it was so already, or another automation
 * did it.
 */
export type Outcome = "matched" | "wrong" | "no_op";

/** One firing that there would have been. */
export interface BacktestFiring {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  /** Local minutes since midnight of the firing. */
  readonly minute: number;
  readonly outcome: Outcome;
  /** Local minutes since midnight at which somebody did it; null where nobody did. */
  readonly doneAt: number | null;
}

export interface BacktestWeek {
  /** Local date of its Monday. */
  readonly from: string;
  readonly matched: number;
  readonly wrong: number;
  readonly noOp: number;
}

/** What a rule would have done on the history there is. */
export interface Backtest {
  /** Local dates of the first and the last day of the history. */
  readonly from: string;
  readonly until: string;
  readonly days: number;
  readonly fired: number;
  readonly matched: number;
  readonly wrong: number;
  readonly noOp: number;
  /** The share of its firings with an effect that were right; null where it had none. */
  readonly precision: number | null;
  /** Firings in a week of seven days, on average. */
  readonly perWeek: { readonly matched: number; readonly wrong: number; readonly noOp: number };
  /** Every week of the history, oldest first. */
  readonly weeks: readonly BacktestWeek[];
  /** The latest 400, oldest first. */
  readonly firings: readonly BacktestFiring[];
}

export interface BacktestOptions {
  /** IANA name of the home's time zone. */
  readonly zone: string;
  /** For rules by the sun; without it they never fire. */
  readonly place?: Place | undefined;
  /** The first and the last event of the whole home, in milliseconds since the epoch: outside of them nothing is known. */
  readonly firstAt: number;
  readonly lastAt: number;
}

const MOST_FIRINGS = 400;
const PEOPLE: ReadonlySet<number> = new Set(
  (["unknown", "user", "physical"] as const).map((cause) => CAUSES.indexOf(cause)),
);

/**
 * Lets a rule fire over a home's history as an automation would have. `series` holds every change of the entities that the rule names; others
 * do not matter. The same series and rule always give the same. A firing whose window is not over is left out.
 */
export function backtest(series: EventSeries, rule: RuleCore, options: BacktestOptions): Backtest {
  const zone = openZone(options.zone);
  const firstWall = wallOf(options.firstAt, zone);
  const lastWall = wallOf(options.lastAt, zone);
  const firstDay = Math.floor(firstWall / DAY_S);
  const days = Math.max(1, Math.floor(lastWall / DAY_S) - firstDay + 1);
  const history: History = {
    ...toHistory(series, { zone: options.zone, isTarget: () => false, trainShare: 0 }),
    firstDay,
    trainDays: 0,
    testDays: days,
    testStart: firstDay * DAY_S,
    testEnd: (firstDay + days) * DAY_S,
  };
  const judge = judgeOf(rule, history, othersOf(series, zone));
  const firings = firingsOf({ ...rule, id: "", confidence: 0, evidence: NO_EVIDENCE }, history, options)
    .map(({ at }) => at)
    .filter(
      (at) => at >= firstWall && at + rule.window_s <= lastWall && (rule.trigger.type === "state" || isShown(at, zone)),
    )
    .map((at) => toFiring(at, judge(at)));
  const count = (outcome: Outcome): number => firings.filter((firing) => firing.outcome === outcome).length;
  const [matched, wrong, noOp] = [count("matched"), count("wrong"), count("no_op")];
  const weekly = (value: number): number => Math.round((value * 700) / days) / 100;
  return {
    from: dateOfDay(firstDay),
    until: dateOfDay(firstDay + days - 1),
    days,
    fired: firings.length,
    matched,
    wrong,
    noOp,
    precision: matched + wrong === 0 ? null : matched / (matched + wrong),
    perWeek: { matched: weekly(matched), wrong: weekly(wrong), noOp: weekly(noOp) },
    weeks: weeksOf(firings, firstDay, days),
    firings: firings.slice(-MOST_FIRINGS),
  };
}

/** A rule that is tried out has no evidence of its own. */
const NO_EVIDENCE: Rule["evidence"] = {
  days_hit: 0,
  days_possible: 0,
  trials: 0,
  hits: 0,
  p: 1,
  q: 1,
  wilson: 0,
  held_out: { hits: 0, misses: 0 },
  chance: 0,
  examples: [],
  occurrences: [],
};

interface Judged {
  readonly outcome: Outcome;
  /** Seconds of the wall clock; undefined: nobody did it. */
  readonly doneAt?: number;
}

function judgeOf(rule: RuleCore, { times }: History, others: ReadonlySet<string>): (at: number) => Judged {
  const { action, trigger, window_s, kind, conditions } = rule;
  const names = action.entity_ids.map((id) => `${id}\n${action.to}`);
  const isSo = (at: number): boolean => names.every((name) => isInState(times.get(name), at));
  if (kind === "forgotten_on") {
    // What was left on is judged by regret: wrong is what made somebody come back.
    const quiet = conditions.flatMap((each) => (each.type === "state" ? [`${each.entity_id}\n${each.is}`] : []));
    return (at) => {
      if (isSo(at)) return { outcome: "no_op" };
      const isRegretted = quiet.some((name) => leavesWithin(times.get(name), at, window_s));
      return isRegretted ? { outcome: "wrong" } : { outcome: "matched", doneAt: at };
    };
  }
  const before = trigger.type === "state" ? 0 : window_s;
  return (at) => {
    if (trigger.type === "state" && isSo(at)) return { outcome: "no_op" };
    const entered = names.flatMap((name) =>
      entersWithin(times.get(name), at - before, at + window_s).map((enter) => ({ name, enter })),
    );
    const done = entered.find(({ name, enter }) => !others.has(`${name}\n${enter}`));
    if (done !== undefined) return { outcome: "matched", doneAt: done.enter };
    return { outcome: entered.length > 0 || isSo(at) ? "no_op" : "wrong" };
  };
}

function entersWithin(times: StateTimes | undefined, from: number, to: number): readonly number[] {
  if (times === undefined) return [];
  const found: number[] = [];
  for (let index = lowerBound(times.enter, from); index < times.enter.length; index++) {
    const enter = float(times.enter, index);
    if (enter > to) break;
    found.push(enter);
  }
  return found;
}

function leavesWithin(times: StateTimes | undefined, at: number, seconds: number): boolean {
  if (times === undefined) return false;
  const index = lowerBound(times.enter, at) - 1;
  return index >= 0 && float(times.leave, index) > at && float(times.leave, index) <= at + seconds;
}

/** The changes that no person made, by entity, state and second of the wall clock. */
function othersOf({ at, entity, state, cause, entities, states }: EventSeries, zone: Zone): ReadonlySet<string> {
  const found = new Set<string>();
  for (let index = 0; index < at.length; index++) {
    if (PEOPLE.has(cause[index] ?? 0)) continue;
    const name = `${entities[whole(entity, index)]?.id ?? ""}\n${states[whole(state, index)] ?? ""}`;
    found.add(`${name}\n${wallOf(float(at, index), zone)}`);
  }
  return found;
}

function wallOf(at: number, zone: Zone): number {
  const { day, minute } = zone.local(at);
  return day * DAY_S + minute * 60;
}

/**
 * Asks whether the clock shows this on that day. Home Assistant lets a time go by that daylight saving skips, and acts both times on one that occurs
 * twice, of which the second finds it done: here it counts once (find_next_time_expression_time in homeassistant/util/dt.py).
 */
function isShown(at: number, zone: Zone): boolean {
  const minute = Math.floor(at / 60) * 60;
  return wallOf(zone.instant(minute * 1_000), zone) === minute;
}

function toFiring(at: number, { outcome, doneAt }: Judged): BacktestFiring {
  const day = Math.floor(at / DAY_S);
  const minuteOf = (wall: number): number => Math.floor((wall - Math.floor(wall / DAY_S) * DAY_S) / 60);
  return {
    date: dateOfDay(day),
    minute: minuteOf(at),
    outcome,
    doneAt: doneAt === undefined ? null : minuteOf(doneAt),
  };
}

function weeksOf(firings: readonly BacktestFiring[], firstDay: number, days: number): readonly BacktestWeek[] {
  // Day 0, 1970-01-01, was a Thursday.
  const mondayOf = (day: number): number => day - ((((day + 3) % 7) + 7) % 7);
  const counts = new Map<string, Record<Outcome, number>>();
  for (let monday = mondayOf(firstDay); monday < firstDay + days; monday += 7) {
    counts.set(dateOfDay(monday), { matched: 0, wrong: 0, no_op: 0 });
  }
  for (const { date, outcome } of firings) {
    const week = counts.get(dateOfDay(mondayOf(Date.parse(`${date}T00:00:00Z`) / (DAY_S * 1_000))));
    if (week !== undefined) week[outcome] += 1;
  }
  return [...counts].map(([from, { matched, wrong, no_op: noOp }]) => ({ from, matched, wrong, noOp }));
}
