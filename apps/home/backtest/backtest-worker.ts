import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { EventSeries } from "../domain/series.ts";
import type { Backtest, BacktestOptions, RuleCore } from "./backtest.ts";

/* The thread of `backtestOffThread`: one question, one answer. */

export interface TesterData {
  /** Whether the process keeps its compiled modules: a thread does not take that over by itself. */
  readonly hasCompileCache: boolean;
}

export interface BacktestQuestion {
  /** In any order. */
  readonly series: EventSeries;
  readonly rules: readonly RuleCore[];
  readonly options: BacktestOptions;
}

export type BacktestAnswer = readonly Backtest[];

if ((workerData as TesterData).hasCompileCache) module.enableCompileCache();
const [{ backtest }, { inOrder }] = await Promise.all([import("./backtest.ts"), import("./in-order.ts")]);
// It is ended once it has answered, and would keep nothing then.
module.flushCompileCache();

parentPort?.once("message", ({ series, rules, options }: BacktestQuestion) => {
  const ordered = inOrder(series);
  const answer: BacktestAnswer = rules.map((rule) => backtest(ordered, rule, options));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(answer);
});
