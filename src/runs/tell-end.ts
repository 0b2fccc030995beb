import type { EventMap, Events } from "../core/events.ts";
import type { RunRecord } from "../store/store.ts";

/** Tells everybody that a run has ended. */
export function tellEnd(
  events: Events,
  { id: runId, automation, startedAt, createdAt }: RunRecord,
  ending: Pick<EventMap["run-end"], "status" | "error" | "at">,
): void {
  events.emit("run-end", { runId, automation, ms: Math.max(0, ending.at - (startedAt ?? createdAt)), ...ending });
}
