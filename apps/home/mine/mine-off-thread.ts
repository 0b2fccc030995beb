import module from "node:module";
import { Worker } from "node:worker_threads";
import { MillraceError, moduleUrl } from "millrace";
import type { EventSeries } from "../domain/series.ts";
import type { MineOptions, MineResult } from "./mine.ts";
import type { MineAnswer, MineQuestion, MinerData } from "./mine-worker.ts";

/**
 * Mines on a thread of its own, so that a long history holds up nobody; the thread starts while the series is still on its way. The
 * series' columns are copied and handed over; the caller's stay usable. Rejects with the signal's reason once it is aborted, after the thread has ended.
 */
export async function mineOffThread(
  series: EventSeries | Promise<EventSeries>,
  options: MineOptions,
  signal?: AbortSignal,
): Promise<MineResult> {
  signal?.throwIfAborted();
  const workerData: MinerData = { hasCompileCache: module.getCompileCacheDir() !== undefined };
  const worker = new Worker(moduleUrl(import.meta.url, "./mine-worker"), { name: "home-miner", workerData });
  const { promise, resolve, reject } = Promise.withResolvers<MineResult>();
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  worker.once("message", (answer: MineAnswer) => {
    if (answer.kind === "mined") resolve(answer.result);
    else reject(new RangeError(answer.message));
  });
  worker.once("error", reject);
  worker.once("exit", (code) =>
    reject(new MillraceError("INTERNAL", `The miner's thread ended early, with code ${code}.`)),
  );
  async function ask(): Promise<void> {
    const question = toQuestion(await series, options);
    worker.postMessage(question, columnsOf(question.series));
  }
  ask().catch(reject);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function toQuestion(series: EventSeries, options: MineOptions): MineQuestion {
  const columns = {
    at: series.at.slice(),
    entity: series.entity.slice(),
    state: series.state.slice(),
    cause: series.cause.slice(),
  };
  return { series: { ...series, ...columns }, options };
}

function columnsOf({ at, entity, state, cause }: EventSeries): ArrayBuffer[] {
  return [at, entity, state, cause].map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}
