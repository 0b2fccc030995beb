import { type ErrorRecord, toErrorRecord } from "../core/errors.ts";
import { redactText } from "../core/log.ts";

/** The longest message that is stored with a step or a run, in UTF-16 units. */
const MAX_MESSAGE = 4_000;

/** An error as it is stored with a step or a run: bounded, and without what looks like a secret. */
export function storedError(error: unknown): ErrorRecord {
  const record = toErrorRecord(error);
  return { ...record, message: redactText(record.message).slice(0, MAX_MESSAGE) };
}
