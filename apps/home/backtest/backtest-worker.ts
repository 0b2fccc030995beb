import type { EventSeries } from "../domain/series.ts";
import { answerOnce } from "../mine/answer-once.ts";
import type { Backtest, BacktestOptions, RuleCore } from "./backtest.ts";

/* The thread of `backtestOffThread`. */

export interface BacktestQuestion {
  /** In any order. */
  readonly series: EventSeries;
  readonly rules: readonly RuleCore[];
  readonly options: BacktestOptions;
}

export type BacktestAnswer = readonly Backtest[];

await answerOnce(async () => {
  const [{ backtest }, { inOrder }] = await Promise.all([import("./backtest.ts"), import("./in-order.ts")]);
  return ({ series, rules, options }: BacktestQuestion): BacktestAnswer => {
    const ordered = inOrder(series);
    return rules.map((rule) => backtest(ordered, rule, options));
  };
});
