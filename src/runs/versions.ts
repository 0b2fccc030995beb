import { MillraceError } from "../core/errors.ts";
import type { RunRecord } from "../store/store.ts";
import type { AnyAutomation } from "./automation.ts";
import { storedError } from "./error-record.ts";
import type { Execution } from "./execution.ts";

/** How long a run is left alone that this process cannot go on with, in milliseconds: another one may take it. */
const LEFT_MS = 5_000;

/**
 * The execution of a run that this process's code must not go on with: it is given back untouched, saying why. Undefined: it may go on.
 * An older run goes on with newer code by the names of its steps, unless the automation is pinned; a newer one waits for newer code.
 */
export function otherVersion(run: RunRecord, automation: AnyAutomation, now: number): Execution | undefined {
  const { version = 1, pin = false } = automation.options;
  if (run.version === version || (run.version < version && !pin)) return undefined;
  const message = `The run belongs to version ${run.version} of ${run.automation}, and this process has version ${version}${pin ? ", pinned" : ""}.`;
  const error = storedError(new MillraceError("RUN_VERSION", message));
  return {
    run,
    outcome: Promise.resolve({
      kind: "parked",
      status: "queued",
      availableAt: now + LEFT_MS,
      attempt: run.attempt,
      error,
    }),
    progress: () => [],
    drain: () => undefined,
    abandon: () => undefined,
  };
}
