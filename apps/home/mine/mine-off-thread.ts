import { moduleUrl } from "millrace";
import type { EventSeries } from "../domain/series.ts";
import { askThread } from "./ask-thread.ts";
import { columnsOf } from "./columns.ts";
import type { MineOptions, MineResult } from "./mine.ts";
import type { MineAnswer, MineQuestion } from "./mine-worker.ts";

/**
 * Mines on a thread of its own, so that a long history holds up nobody; the thread starts while the series is still on its way. The
 * series' columns are copied and handed over; the caller's stay usable. Rejects with the signal's reason once it is aborted, after the thread has ended.
 */
export async function mineOffThread(
  series: EventSeries | Promise<EventSeries>,
  options: MineOptions,
  signal?: AbortSignal,
): Promise<MineResult> {
  const answer = await askThread<MineQuestion, MineAnswer>({
    url: moduleUrl(import.meta.url, "./mine-worker"),
    name: "home-miner",
    question: async () => toQuestion(await series, options),
    transfer: ({ series: copied }) => columnsOf(copied),
    signal,
  });
  if (answer.kind === "refused") throw new RangeError(answer.message);
  return answer.result;
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
