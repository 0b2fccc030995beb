import { type ReadonlySignal, signal } from "@preact/signals";
import { watchLive } from "../live/live.ts";

export interface RunChanges {
  /** Grows whenever something about the run was stored. */
  readonly changed: ReadonlySignal<number>;
  /** Begins to listen; call what it returns to stop. */
  start(): () => void;
}

const STORING = new Set(["run-queued", "run-start", "run-end", "step-end", "step-progress"]);

/** Watches the live events for one run. */
export function createRunChanges(runId: string): RunChanges {
  const changed = signal(0);
  return {
    changed,
    start: () =>
      watchLive((event) => {
        const concerns = event === "resync" || (STORING.has(event.name) && event.data.runId === runId);
        if (concerns) changed.value += 1;
      }),
  };
}
