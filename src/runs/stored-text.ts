import { MillraceError } from "../core/errors.ts";

/** The longest result that is stored, in bytes of UTF-8: 1 MiB. */
export const MAX_RESULT_BYTES = 1_048_576;

/**
 * Writes a result as JSON text; `undefined` is `null`. Throws STEP_OUTPUT, which ends the attempts, for what JSON would lose or
 * cannot hold: functions, symbols, BigInt, Map, Set, typed arrays, cycles, and more than 1 MiB.
 */
export function toStoredText(value: unknown, what: string): string {
  const text = stringify(value, what);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return text;
  throw new MillraceError("STEP_OUTPUT", `${what} is ${bytes} bytes long, more than ${MAX_RESULT_BYTES}.`, {
    facts: { bytes, limit: MAX_RESULT_BYTES },
    isRetryable: false,
  });
}

function stringify(value: unknown, what: string): string {
  try {
    return JSON.stringify(value, refuseWhatJsonLoses) ?? "null";
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new MillraceError("STEP_OUTPUT", `${what} cannot be stored as JSON: ${reason}.`, {
      cause,
      isRetryable: false,
    });
  }
}

function refuseWhatJsonLoses(field: string, value: unknown): unknown {
  const lost = nameOfLost(value);
  if (lost === undefined) return value;
  throw new TypeError(field === "" ? `it is ${lost}` : `"${field}" is ${lost}`);
}

function nameOfLost(value: unknown): string | undefined {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return `a ${typeof value}`;
  if (value instanceof Map) return "a Map";
  if (value instanceof Set) return "a Set";
  return ArrayBuffer.isView(value) ? "a typed array" : undefined;
}
