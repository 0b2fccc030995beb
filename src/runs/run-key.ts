import { MillraceError } from "../core/errors.ts";
import { storedError } from "./error-record.ts";
import type { AnyAutomation, RunEvent } from "./automation.ts";

/** The idempotency key that an automation gives to an event; undefined when it has none. Throws INPUT_INVALID when its `key` throws or gives no text. */
export function runKey({ name, options }: AnyAutomation, event: RunEvent): string | undefined {
  if (options.key === undefined) return undefined;
  const key = callKey(name, () => options.key?.(event as never));
  if (typeof key === "string" && key.isWellFormed()) return key;
  throw new MillraceError("INPUT_INVALID", `The key of ${name} must be a text that can be stored, not ${typeof key}.`);
}

function callKey(name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (cause) {
    const reason = storedError(cause).message;
    throw new MillraceError("INPUT_INVALID", `The key of ${name} could not be made: ${reason}`, { cause });
  }
}
