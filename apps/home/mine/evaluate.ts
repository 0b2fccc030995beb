import type { Rule } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";
import { float, lowerBound } from "./columns.ts";
import { type History, type HistoryOptions, type StateTimes, toHistory } from "./history.ts";

const TIME_REACH_S = 1_800;
const PAIR_REACH_S = 300;
const DAY_S = 86_400;

export interface EvaluateOptions extends HistoryOptions {
  /** Chance as an argument: shifts the targets' changes when the rate of chance is measured. */
  readonly random: { next(): number };
  /** How many shifts the rate of chance is the mean of. Default 10. */
  readonly shifts?: number;
}

/** How rules fare on the last fifth of the days, which they must not have been found in. */
export interface Score {
  readonly rules: number;
  readonly trainDays: number;
  readonly testDays: number;
  /** Changes of the targets in the test days. */
  readonly changes: number;
  readonly hits: number;
  readonly wrong: number;
  /** Firings at which the target was in the wanted state already. */
  readonly noOps: number;
  readonly covered: number;
  readonly precision: number;
  /** Mean precision of the same rules against the targets' changes shifted in time. */
  readonly chance: number;
  readonly recall: number;
  readonly f1: number;
  readonly wrongPerDay: number;
}

/**
 * Judges rules by what they foresee: a time rule is right when its target changes within half an hour of it, a state rule when it changes
 * within five minutes after; where the target is in the state already, neither right nor wrong. Of a group the first entity is judged.
 */
export function evaluate(rules: readonly Rule[], series: EventSeries, options: EvaluateOptions): Score {
  const history = toHistory(series, options);
  const firings = rules.flatMap((rule) => firingsOf(rule, history));
  const real = judge(firings, history, undefined);
  const { random, shifts = 10 } = options;
  let chance = 0;
  for (let shift = 0; shift < shifts; shift++) {
    const moved = judge(firings, history, () => (2 + 20 * random.next()) * 3_600);
    chance += share(moved.hits, moved.hits + moved.wrong) / shifts;
  }
  const precision = share(real.hits, real.hits + real.wrong);
  const recall = share(real.covered, history.testChanges);
  return {
    rules: rules.length,
    trainDays: history.trainDays,
    testDays: history.testDays,
    changes: history.testChanges,
    ...real,
    precision,
    chance,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    wrongPerDay: share(real.wrong, history.testDays),
  };
}

/** The first instant of the test days: what a miner may see ends there. */
export function testStartOf(series: EventSeries, options: HistoryOptions): number {
  return openZone(options.zone).instant(toHistory(series, options).testStart * 1_000);
}

interface TestFiring {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly target: string;
}

function firingsOf(rule: Rule, history: History): TestFiring[] {
  const target = `${rule.action.entity_ids[0] ?? ""}\n${rule.action.to}`;
  const { trigger } = rule;
  if (trigger.type === "time") {
    const [hours = 0, minutes = 0] = trigger.at.split(":").map(Number);
    return Array.from({ length: history.testDays }, (_, day) => history.testStart + day * DAY_S)
      .filter((midnight) => trigger.weekdays === undefined || trigger.weekdays.includes(weekdayName(midnight)))
      .map((midnight) => midnight + hours * 3_600 + minutes * 60)
      .map((at) => ({ at, from: at - TIME_REACH_S, to: at + TIME_REACH_S, target }));
  }
  if (trigger.type === "sun") return [];
  const fired = history.times.get(`${trigger.entity_id}\n${trigger.to}`)?.enter ?? new Float64Array();
  return Array.from(fired)
    .filter((at) => at >= history.testStart && meetsConditions(rule, at, history))
    .map((at) => ({ at, from: at, to: at + PAIR_REACH_S, target }));
}

function meetsConditions({ conditions }: Rule, at: number, { times }: History): boolean {
  const clock = new Date(at * 1_000).toISOString().slice(11, 16);
  return conditions.every((condition) => {
    if (condition.type === "weekday") return condition.days.includes(weekdayName(at));
    if (condition.type === "state") {
      const phases = times.get(`${condition.entity_id}\n${condition.is}`);
      return phases !== undefined && isInState(phases, at, condition.for_s);
    }
    if (condition.type === "sun") return true;
    const { after, before } = condition;
    return after < before ? clock >= after && clock < before : clock >= after || clock < before;
  });
}

const NAMES = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"] as const;

function weekdayName(at: number): (typeof NAMES)[number] {
  const day = Math.floor(at / DAY_S);
  return NAMES[((day % 7) + 7) % 7] ?? "thu";
}

/** Counts hits and misses; with `shift`, against each target's test changes moved round the test days by so many seconds. */
function judge(firings: readonly TestFiring[], history: History, shift: (() => number) | undefined) {
  const entersOf = new Map<string, Float64Array>();
  const covered = new Map<string, Set<number>>();
  let hits = 0;
  let wrong = 0;
  let noOps = 0;
  for (const { at, from, to, target } of firings) {
    const times = history.times.get(target);
    const enters = entersOf.get(target) ?? testEnters(times, history, shift);
    entersOf.set(target, enters);
    const seen = covered.get(target) ?? new Set<number>();
    covered.set(target, seen);
    const isHeld = shift === undefined && times !== undefined && isInState(times, at);
    // A time rule looks at its window first: a change in it is a hit even where the state holds already at the very minute.
    if (isHeld && from === at) {
      noOps++;
      continue;
    }
    let found = false;
    for (const [index, enter] of enters.entries()) {
      if (enter < from || enter > to) continue;
      found = true;
      seen.add(index);
    }
    if (found) hits++;
    else if (isHeld) noOps++;
    else wrong++;
  }
  return { hits, wrong, noOps, covered: [...covered.values()].reduce((sum, { size }) => sum + size, 0) };
}

function testEnters(
  times: StateTimes | undefined,
  { testStart, testDays }: History,
  shift: (() => number) | undefined,
) {
  const enters = times?.enter.filter((at) => at >= testStart) ?? new Float64Array();
  if (shift === undefined) return enters;
  const by = shift();
  return enters.map((at) => testStart + ((at - testStart + by) % (testDays * DAY_S))).sort();
}

/** Asks whether the state, entered `forS` seconds before `at` or earlier, still holds then. */
function isInState({ enter, leave }: StateTimes, at: number, forS = 0): boolean {
  const index = lowerBound(enter, at) - 1;
  return index >= 0 && float(leave, index) > at && float(enter, index) <= at - forS;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
