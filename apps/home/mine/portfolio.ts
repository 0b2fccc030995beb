import type { Backtest } from "./backtest.ts";

/** So many times what chance gives, all rules of a home together: the aim is five, and what was learnt holds less well later. */
const LEAST_LIFT = 6;
/** All rules of a home together. */
const LEAST_PRECISION = 0.7;
/** The coming days are as many as a quarter of the known ones: none of so many folds may be wrong too often. */
const FOLDS = 4;

/**
 * The rules taken so far, as the one who lives with them would feel them: how often wrong, how much better than chance. Several views may
 * be given of each rule, such as with and without chatter; every one of them must hold.
 */
export class Portfolio {
  readonly #mostFalsePerDay: number;
  #views: readonly View[] = [];

  constructor(mostFalsePerDay: number) {
    this.#mostFalsePerDay = mostFalsePerDay;
  }

  /** Takes a rule, unless the home would then be wrong too often or hardly better than chance. */
  take(tests: readonly Backtest[]): boolean {
    const views = tests.map((test, place) => add(this.#views[place], test));
    if (!views.every((view) => isFine(view, this.#mostFalsePerDay))) return false;
    this.#views = views;
    return true;
  }
}

interface View {
  readonly hits: number;
  readonly firings: number;
  /** Hits that chance would give. */
  readonly byChance: number;
  readonly wrongOfDay: Float64Array;
}

function add(view: View | undefined, { hits, wrong, wrongOfDay, chance }: Backtest): View {
  return {
    hits: hits + (view?.hits ?? 0),
    firings: hits + wrong + (view?.firings ?? 0),
    byChance: chance * (hits + wrong) + (view?.byChance ?? 0),
    wrongOfDay: Float64Array.from(wrongOfDay, (count, day) => count + (view?.wrongOfDay[day] ?? 0)),
  };
}

function isFine({ hits, firings, byChance, wrongOfDay }: View, mostFalsePerDay: number): boolean {
  if (hits < LEAST_PRECISION * firings || hits < LEAST_LIFT * byChance) return false;
  const days = wrongOfDay.length;
  const mean = sum(wrongOfDay) / days;
  const variance = wrongOfDay.reduce((total, count) => total + (count - mean) ** 2, 0) / days;
  // What is to be feared in the coming days: the mean and one standard error, or the worst that so many days have been.
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const part = wrongOfDay.subarray(Math.floor((fold * days) / FOLDS), Math.floor(((fold + 1) * days) / FOLDS));
    return part.length === 0 ? 0 : sum(part) / part.length;
  });
  return Math.max(mean + Math.sqrt((variance * FOLDS) / Math.max(FOLDS, days)), ...folds) <= mostFalsePerDay;
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
