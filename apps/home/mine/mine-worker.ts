import type { EventSeries } from "../domain/series.ts";
import { answerOnce } from "./answer-once.ts";
import type { MineOptions, MineResult } from "./mine.ts";

/* The thread of `mineOffThread`. */

export interface MineQuestion {
  readonly series: EventSeries;
  readonly options: MineOptions;
}

export type MineAnswer =
  | { readonly kind: "mined"; readonly result: MineResult }
  | { readonly kind: "refused"; readonly message: string };

await answerOnce(async () => {
  const { mine } = await import("./mine.ts");
  return ({ series, options }: MineQuestion): MineAnswer => {
    try {
      return { kind: "mined", result: mine(series, options) };
    } catch (error) {
      // What `mine` refuses, such as an unknown time zone, is a RangeError; anything else is a fault and ends the thread.
      if (error instanceof RangeError) return { kind: "refused", message: error.message };
      throw error;
    }
  };
});
