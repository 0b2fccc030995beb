import type { Events } from "./core/events.ts";
import type { Log } from "./core/log.ts";

/** Logs steps and runs that failed for good, where nobody waits for them who would hear of it otherwise. */
export function logFailures(events: Events, log: Log): void {
  events.on("step-end", ({ runId, step, state, error }) => {
    if (state === "failed") log.warn({ run: runId, step, error }, "a step failed");
  });
  events.on("run-end", ({ runId, automation, status, error }) => {
    if (status === "failed") log.warn({ run: runId, automation, error }, "a run failed");
  });
}
