import { moduleUrl } from "millrace";
import { askThread } from "../mine/ask-thread.ts";
import { columnsOf } from "../mine/columns.ts";
import type { BacktestAnswer, BacktestQuestion } from "./backtest-worker.ts";

/**
 * Tries rules on a thread of its own, so that a busy sensor holds up nobody. The columns of the series are handed over: the caller's are empty
 * afterwards. Rejects with the signal's reason once it is aborted, after the thread has ended.
 */
export async function backtestOffThread(question: BacktestQuestion, signal?: AbortSignal): Promise<BacktestAnswer> {
  return await askThread<BacktestQuestion, BacktestAnswer>({
    url: moduleUrl(import.meta.url, "./backtest-worker"),
    name: "home-backtest",
    question: () => question,
    transfer: ({ series }) => columnsOf(series),
    signal,
  });
}
