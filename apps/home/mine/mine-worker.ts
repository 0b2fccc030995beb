import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { EventSeries } from "../domain/series.ts";
import type { MineOptions, MineResult } from "./mine.ts";

/* The thread of `mineOffThread`: one question, one answer. */

export interface MinerData {
  /** Whether the process keeps its compiled modules: a thread does not take that over by itself, and compiling costs it more than all else before it mines. */
  readonly hasCompileCache: boolean;
}

if ((workerData as MinerData).hasCompileCache) module.enableCompileCache();
const { mine } = await import("./mine.ts");
// It is ended once it has answered, and would keep nothing then.
module.flushCompileCache();

export interface MineQuestion {
  readonly series: EventSeries;
  readonly options: MineOptions;
}

export type MineAnswer =
  | { readonly kind: "mined"; readonly result: MineResult }
  | { readonly kind: "refused"; readonly message: string };

parentPort?.once("message", ({ series, options }: MineQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(answer(series, options));
});

function answer(series: EventSeries, options: MineOptions): MineAnswer {
  try {
    return { kind: "mined", result: mine(series, options) };
  } catch (error) {
    // What `mine` refuses, such as an unknown time zone, is a RangeError; anything else is a fault and ends the thread.
    if (error instanceof RangeError) return { kind: "refused", message: error.message };
    throw error;
  }
}
