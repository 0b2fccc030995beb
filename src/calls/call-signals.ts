import { MillraceError } from "../core/errors.ts";
import type { CallOptions } from "./ai.ts";
import type { AiRun } from "./ai-run.ts";

/** Whoever may end a call: its run, the closing of all, and the call's own signal. */
export function signalsOf(
  run: Pick<AiRun, "signal">,
  { signal }: Pick<CallOptions, "signal">,
  closing: AbortSignal,
): readonly AbortSignal[] {
  return [run.signal, closing, ...(signal === undefined ? [] : [signal])];
}

/** Throws CALL_ABORTED. */
export function throwIfAborted(signals: readonly AbortSignal[]): void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined)
    throw new MillraceError("CALL_ABORTED", "The call was aborted.", { cause: aborted.reason });
}
