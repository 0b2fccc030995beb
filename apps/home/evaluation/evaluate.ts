import type { Rule } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";
import { float, lowerBound, whole } from "../mine/columns.ts";
import { type Firing, firingsOf, isInState } from "./firings.ts";
import { DAY_S, type History, type HistoryOptions, type StateTimes, toHistory } from "./history.ts";

export interface EvaluateOptions extends HistoryOptions {
  /** Chance as an argument: shifts the targets' changes when the rate of chance is measured. */
  readonly random: { next(): number };
  /** How many shifts the rate of chance is the mean of. Default 10. */
  readonly shifts?: number;
}

/** How rules fare on the days that they must not have been found in. */
export interface Score {
  readonly rules: number;
  readonly trainDays: number;
  readonly testDays: number;
  /** Changes of the targets in the test days that a person may have made. */
  readonly changes: number;
  readonly hits: number;
  readonly wrong: number;
  /** Firings at which the target was in the wanted state already, or brought there by a machine. */
  readonly noOps: number;
  readonly covered: number;
  readonly precision: number;
  /** Mean precision of the same rules against the targets' changes shifted in time. */
  readonly chance: number;
  readonly recall: number;
  readonly f1: number;
  readonly wrongPerDay: number;
  /** The test days one by one, from which `bootstrap` draws. */
  readonly days: readonly DayCounts[];
  /** Firings of each rule, in the order of the rules. */
  readonly ofRule: readonly { readonly hits: number; readonly wrong: number }[];
}

export interface DayCounts {
  readonly hits: number;
  readonly wrong: number;
  readonly covered: number;
  readonly changes: number;
}

/**
 * Judges rules by what they foresee: a rule by the clock or the sun is right when its target changes within half an hour of it, a state rule
 * when it changes within five minutes after; where the target is in the state already, or a machine brings it there, neither right nor wrong.
 * Of several targets half of those that are not yet in the state must change.
 */
export function evaluate(rules: readonly Rule[], series: EventSeries, options: EvaluateOptions): Score {
  const history = toHistory(series, options);
  const firings = rules.map((rule) => firingsOf(rule, history, options));
  const all = firings.flat();
  const real = judge(all, history, undefined);
  const { random, shifts = 10 } = options;
  let chance = 0;
  for (let shift = 0; shift < shifts; shift++) {
    const moved = judge(all, history, () => (2 + 20 * random.next()) * 3_600);
    chance += share(moved.hits, moved.hits + moved.wrong) / shifts;
  }
  const changes = history.changesOfDay.reduce((sum, count) => sum + count, 0);
  const { hits, wrong, noOps, covered } = real;
  return {
    rules: rules.length,
    trainDays: history.trainDays,
    testDays: history.testDays,
    changes,
    hits,
    wrong,
    noOps,
    covered,
    chance,
    ...rates({ hits, wrong, covered, changes }),
    wrongPerDay: share(wrong, history.testDays),
    days: Array.from(history.changesOfDay, (count, day) => ({
      hits: whole(real.hitsOfDay, day),
      wrong: whole(real.wrongOfDay, day),
      covered: whole(real.coveredOfDay, day),
      changes: count,
    })),
    ofRule: firings
      .map((own) => judge(own, history, undefined))
      .map((found) => ({ hits: found.hits, wrong: found.wrong })),
  };
}

/** Precision, recall and F1 of counts. */
export function rates({ hits, wrong, covered, changes }: DayCounts): Pick<Score, "precision" | "recall" | "f1"> {
  const precision = share(hits, hits + wrong);
  const recall = share(covered, changes);
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** The first instant of the test days: what a miner may see ends there. */
export function testStartOf(series: EventSeries, options: HistoryOptions): number {
  return openZone(options.zone).instant(toHistory(series, options).testStart * 1_000);
}

/** Counts hits and misses; with `shift`, against each target's test changes moved round the test days by so many seconds. */
function judge(firings: readonly Firing[], history: History, shift: (() => number) | undefined) {
  const { testStart, testDays } = history;
  const entersOf = new Map<string, Enters>();
  const covered = new Map<string, Set<number>>();
  const hitsOfDay = new Uint32Array(testDays);
  const wrongOfDay = new Uint32Array(testDays);
  const coveredOfDay = new Uint32Array(testDays);
  let hits = 0;
  let wrong = 0;
  let noOps = 0;
  for (const firing of firings) {
    const day = Math.min(testDays - 1, Math.floor((firing.at - testStart) / DAY_S));
    const judged = firing.targets.map((target) => {
      const times = history.times.get(target);
      const enters = entersOf.get(target) ?? testEnters(times, history, shift);
      entersOf.set(target, enters);
      return judgeTarget(firing, target, enters, shift === undefined && isInState(times, firing.at));
    });
    const right = judged.filter(({ outcome }) => outcome === "hit").length;
    const missed = judged.filter(({ outcome }) => outcome === "miss").length;
    if (right + missed === 0) {
      noOps++;
      continue;
    }
    if (right < missed) {
      wrong++;
      add(wrongOfDay, day);
      continue;
    }
    hits++;
    add(hitsOfDay, day);
    for (const { target, enters, found } of judged) {
      const seen = covered.get(target) ?? new Set<number>();
      covered.set(target, seen);
      for (const index of found) {
        if (seen.has(index)) continue;
        seen.add(index);
        add(coveredOfDay, Math.floor((float(enters.byPerson, index) - testStart) / DAY_S));
      }
    }
  }
  const coveredAll = coveredOfDay.reduce((sum, count) => sum + count, 0);
  return { hits, wrong, noOps, covered: coveredAll, hitsOfDay, wrongOfDay, coveredOfDay };
}

/** When a target reached its state in the test days, by a person and by a machine. */
interface Enters {
  readonly byPerson: Float64Array;
  readonly byMachine: Float64Array;
}

interface Judged {
  readonly target: string;
  readonly enters: Enters;
  readonly outcome: "hit" | "miss" | "no_op";
  /** The changes in the window, as indexes into those by persons. */
  readonly found: readonly number[];
}

function judgeTarget({ at, from, to }: Firing, target: string, enters: Enters, isHeld: boolean): Judged {
  const { byPerson, byMachine } = enters;
  // A time rule looks at its window first: a change in it is a hit even where the state holds already at the very minute.
  if (isHeld && from === at) return { target, enters, outcome: "no_op", found: [] };
  const found: number[] = [];
  for (let index = lowerBound(byPerson, from); index < byPerson.length && float(byPerson, index) <= to; index++) {
    found.push(index);
  }
  if (found.length > 0) return { target, enters, outcome: "hit", found };
  const machine = lowerBound(byMachine, from);
  const isMachine = machine < byMachine.length && float(byMachine, machine) <= to;
  return { target, enters, outcome: isHeld || isMachine ? "no_op" : "miss", found };
}

function add(counts: Uint32Array, place: number): void {
  counts[place] = whole(counts, place) + 1;
}

function testEnters(
  times: StateTimes | undefined,
  { testStart, testEnd, testDays }: History,
  shift: (() => number) | undefined,
): Enters {
  const within = (by: number): Float64Array =>
    times?.enter.filter((at, index) => at >= testStart && at < testEnd && times.byPerson[index] === by) ??
    new Float64Array();
  if (shift === undefined) return { byPerson: within(1), byMachine: within(0) };
  const by = shift();
  const moved = within(1).map((at) => testStart + ((at - testStart + by) % (testDays * DAY_S)));
  return { byPerson: moved.sort(), byMachine: new Float64Array() };
}

function share(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}
