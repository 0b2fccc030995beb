import type { AnyAutomation, RunEvent } from "./automation.ts";
import { flowKey } from "./flow-rules.ts";

/** The idempotency key that an automation gives to an event; undefined when it has none. Throws INPUT_INVALID when its `key` throws or gives no text. */
export function runKey({ name, options }: AnyAutomation, event: RunEvent): string | undefined {
  const { key } = options;
  return key === undefined ? undefined : flowKey(`The key of ${name}`, () => key(event));
}
