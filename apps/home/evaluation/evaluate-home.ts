import { createSeededRandom, type Random } from "millrace";
import type { Rule } from "../domain/rule.ts";
import type { Place } from "../domain/sun.ts";
import { placeOfZone } from "../domain/zone-places.ts";
import type { EventSeries } from "../domain/series.ts";
import { mine, type MineOptions, targetTest } from "../mine/mine.ts";
import { type DayCounts, evaluate, type EvaluateOptions, rates, type Score, testStartOf } from "./evaluate.ts";
import { homeIqRules } from "./homeiq.ts";
import { toHistory } from "./history.ts";
import { countRegrets, type Regret } from "./regret.ts";
import { hourFrequencyRules } from "./hour-frequency.ts";

const RESAMPLES = 500;
const BINS = [0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;
/** Ends of the training days and of the test days after them, as shares of all days. */
const FOLDS = [
  { trainShare: 0.4, endShare: 0.6 },
  { trainShare: 0.6, endShare: 0.8 },
  { trainShare: 0.8, endShare: 1 },
] as const;
const TOP = 10;

export interface EvaluateHomeOptions {
  readonly zone: string;
  readonly place?: Place | undefined;
  readonly targets?: readonly string[] | undefined;
  /** Default 10. */
  readonly maxRules?: number;
  /** Default 2. */
  readonly maxFalsePerDay?: number;
  /** Seed of the shifts and of the resampled days. Default 1. */
  readonly seed?: number;
}

export const SIDES = [
  "millrace",
  "millrace without durations",
  "hour frequency",
  "homeiq top 10",
  "homeiq all",
] as const;

export type Side = (typeof SIDES)[number];

export const VIEWS = ["raw", "debounced"] as const;

/** One side on the last fifth of the days. */
export interface SideScore {
  readonly side: Side;
  /** Whether every change is looked at, or on-phases less than two minutes apart are one. */
  readonly view: (typeof VIEWS)[number];
  readonly rules: number;
  readonly hits: number;
  readonly wrong: number;
  readonly no_ops: number;
  readonly covered: number;
  readonly changes: number;
  readonly precision: number;
  readonly chance: number;
  /** Precision by chance; null where chance gives nothing. */
  readonly lift: number | null;
  readonly recall: number;
  readonly f1: number;
  /** F1 of what is left of the hits when those that chance would give are taken off. */
  readonly f1_beyond_chance: number;
  readonly false_per_day: number;
  /** The middle 95 % when the test days are drawn anew. */
  readonly interval: Readonly<Record<"precision" | "recall" | "f1", readonly [number, number]>>;
}

export interface FoldScore {
  readonly train_days: number;
  readonly test_days: number;
  readonly rules: number;
  readonly precision: number;
  readonly chance: number;
  readonly recall: number;
  readonly f1: number;
  readonly false_per_day: number;
}

export interface Calibration {
  /** Mean squared difference between a rule's confidence and whether it was right, over all firings; null without firings. */
  readonly brier: number | null;
  /** By confidence: how many firings, and how many of them were right. */
  readonly reliability: readonly {
    readonly from: number;
    readonly to: number;
    readonly firings: number;
    readonly hits: number;
  }[];
}

export interface HomeEvaluation {
  readonly train_days: number;
  readonly test_days: number;
  readonly events: number;
  readonly scores: readonly SideScore[];
  /** Rolling origin: Millrace on debounced changes, learning from ever more days. */
  readonly folds: readonly FoldScore[];
  readonly calibration: Calibration;
  /** Rules for what was left on, which nobody does: how often they would have fired, and how often somebody came back within ten minutes. */
  readonly regret: Regret;
  /** Of each view what keeps Millrace from the gate; empty where it passes. */
  readonly gate: Readonly<Record<(typeof VIEWS)[number], readonly string[]>>;
}

/** Judges the miner and its rivals on one home: learn from the first four fifths of the days, foresee the last. */
export function evaluateHome(series: EventSeries, options: EvaluateHomeOptions): HomeEvaluation {
  const { zone, place = placeOfZone(zone), targets, seed = 1 } = options;
  const isTarget = targetTest(series.entities, targets);
  const scored = (isDebounced: boolean): EvaluateOptions => ({
    zone,
    place,
    isTarget,
    isDebounced,
    random: createSeededRandom(seed),
  });
  const until = testStartOf(series, scored(true));
  const all = rulesOf(series, options, { until });
  const mined = all.filter(isJudgedByImitation);
  const withoutDurations = rulesOf(series, options, { until, hasDurations: false });
  const scores = VIEWS.flatMap((view) => {
    const settings = scored(view === "debounced");
    const homeIq = homeIqRules(series, settings);
    const rules: Readonly<Record<Side, readonly Rule[]>> = {
      millrace: mined,
      "millrace without durations": withoutDurations,
      "hour frequency": hourFrequencyRules(series, settings),
      "homeiq top 10": homeIq.slice(0, TOP),
      "homeiq all": homeIq,
    };
    return SIDES.map((side) => {
      const score = evaluate(rules[side], series, scored(view === "debounced"));
      return toSideScore(score, { side, view, random: createSeededRandom(seed) });
    });
  });
  const main = evaluate(mined, series, scored(true));
  const forgotten = all.filter(({ kind }) => kind === "forgotten_on");
  return {
    train_days: main.trainDays,
    test_days: main.testDays,
    events: series.at.length,
    scores,
    folds: FOLDS.map((fold) => {
      const settings = { ...scored(true), ...fold };
      const rules = rulesOf(series, options, { until: testStartOf(series, settings) }).filter(isJudgedByImitation);
      return toFoldScore(evaluate(rules, series, settings));
    }),
    calibration: calibrate(mined, main),
    regret: countRegrets(forgotten, toHistory(series, scored(false)), { zone, place }),
    gate: { raw: gateOf(scores, "raw"), debounced: gateOf(scores, "debounced") },
  };
}

function isJudgedByImitation({ kind }: Rule): boolean {
  return kind !== "forgotten_on";
}

function rulesOf(
  series: EventSeries,
  { zone, place, targets, maxRules = 10, maxFalsePerDay = 2 }: EvaluateHomeOptions,
  more: Pick<MineOptions, "until" | "hasDurations">,
): readonly Rule[] {
  return mine(series, {
    zone,
    maxRules,
    maxFalsePerDay,
    ...(place === undefined ? {} : { place }),
    ...(targets === undefined ? {} : { targets }),
    ...more,
  }).rules;
}

interface Labels extends Pick<SideScore, "side" | "view"> {
  readonly random: Random;
}

function toSideScore(score: Score, { side, view, random }: Labels): SideScore {
  const { rules, hits, wrong, noOps, covered, changes, precision, chance, recall, f1, wrongPerDay, days } = score;
  const beyond = precision === 0 ? 0 : Math.max(0, (precision - chance) / precision);
  return {
    side,
    view,
    rules,
    hits,
    wrong,
    no_ops: noOps,
    covered,
    changes,
    precision,
    chance,
    lift: chance === 0 ? null : precision / chance,
    recall,
    f1,
    f1_beyond_chance: f1 * beyond,
    false_per_day: wrongPerDay,
    interval: bootstrap(days, random),
  };
}

/** Draws as many days as there are, with repetition, many times over. */
function bootstrap(days: readonly DayCounts[], random: Random): SideScore["interval"] {
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const sum = { hits: 0, wrong: 0, covered: 0, changes: 0 };
    for (let draw = 0; draw < days.length; draw++) {
      const day = days[Math.floor(random.next() * days.length)];
      if (day === undefined) continue;
      sum.hits += day.hits;
      sum.wrong += day.wrong;
      sum.covered += day.covered;
      sum.changes += day.changes;
    }
    return rates(sum);
  });
  return { precision: middle(drawn, "precision"), recall: middle(drawn, "recall"), f1: middle(drawn, "f1") };
}

function middle(
  drawn: readonly Readonly<Record<"precision" | "recall" | "f1", number>>[],
  of: "precision" | "recall" | "f1",
): readonly [number, number] {
  const sorted = drawn.map((each) => each[of]).sort((a, b) => a - b);
  return [sorted[Math.floor(0.025 * RESAMPLES)] ?? 0, sorted[Math.ceil(0.975 * RESAMPLES) - 1] ?? 0];
}

function toFoldScore({ trainDays, testDays, rules, precision, chance, recall, f1, wrongPerDay }: Score): FoldScore {
  return {
    train_days: trainDays,
    test_days: testDays,
    rules,
    precision,
    chance,
    recall,
    f1,
    false_per_day: wrongPerDay,
  };
}

function calibrate(rules: readonly Rule[], { ofRule }: Score): Calibration {
  let error = 0;
  let firings = 0;
  const reliability = BINS.slice(1).map((to, place) => ({ from: BINS[place] ?? 0, to, firings: 0, hits: 0 }));
  for (const [place, { confidence }] of rules.entries()) {
    const { hits, wrong } = ofRule[place] ?? { hits: 0, wrong: 0 };
    error += hits * (1 - confidence) ** 2 + wrong * confidence ** 2;
    firings += hits + wrong;
    const bin = reliability.find(({ to }) => confidence <= to);
    if (bin === undefined) continue;
    bin.firings += hits + wrong;
    bin.hits += hits;
  }
  return { brier: firings === 0 ? null : error / firings, reliability };
}

/** The gate: precision .6, five times chance, two wrong firings a day, F1 above both rivals. */
function gateOf(scores: readonly SideScore[], view: SideScore["view"]): readonly string[] {
  const of = (side: Side): SideScore | undefined => scores.find((score) => score.side === side && score.view === view);
  const own = of("millrace");
  if (own === undefined || own.rules === 0) return ["no rule was found"];
  const reasons: string[] = [];
  if (own.hits + own.wrong === 0) reasons.push("no rule fired in the test days");
  else if (own.precision < 0.6) reasons.push(`precision ${fixed(own.precision)} is below 0.6`);
  if (own.lift !== null && own.lift < 5) reasons.push(`lift ${fixed(own.lift)} is below 5`);
  if (own.false_per_day > 2) reasons.push(`${fixed(own.false_per_day)} wrong firings a day are more than 2`);
  for (const side of ["hour frequency", "homeiq top 10"] as const) {
    const rival = of(side);
    if (rival !== undefined && own.f1 <= rival.f1)
      reasons.push(`F1 ${fixed(own.f1)} is not above ${fixed(rival.f1)} of ${side}`);
  }
  return reasons;
}

function fixed(value: number): string {
  return value.toFixed(2);
}
