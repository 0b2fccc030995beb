import { parentPort } from "node:worker_threads";
import type { EventSeries } from "../domain/series.ts";
import { mine, type MineOptions, type MineResult } from "./mine.ts";

/* The thread of `mineOffThread`: one question, one answer. */

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
