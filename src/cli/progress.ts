import type { EventMap, Events } from "../core/events.ts";
import { say, toTime } from "./output.ts";

export interface ProgressOptions {
  readonly events: Events;
  /** Which run to show; asked at each event, as it is known only after the run was admitted. */
  readonly runId: () => string | undefined;
  /** Default: the standard error. */
  readonly stream?: NodeJS.WriteStream;
}

const BAR_CELLS = 24;
const CLEAR_LINE = "\r\u001b[2K";

/** Shows how a run goes: a bar on a terminal, a line for each step elsewhere. Call what it returns to end it. */
export function showProgress({ events, runId, stream = process.stderr }: ProgressOptions): () => void {
  const isTerminal = stream.isTTY;
  const maps = new Set<string>();

  function onProgress(event: EventMap["step-progress"]): void {
    if (event.runId !== runId()) return;
    maps.add(event.step);
    const isOver = event.done + event.failed >= event.total;
    if (isTerminal) stream.write(`${CLEAR_LINE}${toBar(event)}${isOver ? "\n" : ""}`);
    else if (isOver) say(toCount(event));
  }
  function onStep({ runId: of, step, state, ms, error }: EventMap["step-end"]): void {
    if (of !== runId() || (isItem(step) && state === "done")) return;
    const why = error === undefined ? "" : `: ${error.message} (${error.code})`;
    const line = `${step}: ${state} in ${toTime(ms)}${isItem(step) ? why : ""}`;
    if (isTerminal) stream.write(`${CLEAR_LINE}${line}\n`);
    else say(line);
  }
  /** An item of a map that shows its own progress. */
  function isItem(step: string): boolean {
    return maps.has(step.split(":", 1)[0] ?? "");
  }

  const stops = [events.on("step-progress", onProgress), events.on("step-end", onStep)];
  return () => {
    for (const stop of stops) stop();
    if (isTerminal) stream.write(CLEAR_LINE);
  };
}

function toBar(event: EventMap["step-progress"]): string {
  const filled = event.total === 0 ? BAR_CELLS : Math.round((BAR_CELLS * (event.done + event.failed)) / event.total);
  return `${event.step} ${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} ${toCount(event).slice(event.step.length + 2)}`;
}

function toCount({ step, done, failed, total }: EventMap["step-progress"]): string {
  return `${step}: ${done} of ${total}${failed === 0 ? "" : `, ${failed} failed`}`;
}
