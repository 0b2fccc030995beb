import module from "node:module";
import { Worker } from "node:worker_threads";
import { MillraceError, moduleUrl } from "millrace";
import type { BacktestAnswer, BacktestQuestion, TesterData } from "./backtest-worker.ts";

/**
 * Tries rules on a thread of its own, so that a busy sensor holds up nobody. The columns of the series are handed over: the caller's are empty
 * afterwards. Rejects with the signal's reason once it is aborted.
 */
export async function backtestOffThread(question: BacktestQuestion, signal?: AbortSignal): Promise<BacktestAnswer> {
  signal?.throwIfAborted();
  const workerData: TesterData = { hasCompileCache: module.getCompileCacheDir() !== undefined };
  const worker = new Worker(moduleUrl(import.meta.url, "./backtest-worker"), { name: "home-backtest", workerData });
  const { promise, resolve, reject } = Promise.withResolvers<BacktestAnswer>();
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) =>
    reject(new MillraceError("INTERNAL", `The thread that tries rules ended early, with code ${code}.`)),
  );
  const { at, entity, state, cause } = question.series;
  const columns = [at, entity, state, cause].map(({ buffer }) => buffer);
  try {
    worker.postMessage(
      question,
      columns.filter((buffer) => buffer instanceof ArrayBuffer),
    );
    return await promise;
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
