import { MillraceError } from "../core/errors.ts";

/** The longest result that is stored, in bytes of UTF-8: 1 MiB. */
export const MAX_RESULT_BYTES = 1_048_576;

/**
 * Writes a result as JSON text; `undefined` is `null`. Throws STEP_OUTPUT, which ends the attempts, for what JSON would lose or
 * cannot hold: functions, symbols, BigInt, Map, Set, Promise, Error, RegExp, ArrayBuffer and its views, cycles, more than 1 MiB.
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

/** What JSON makes `{}` of, without a word. */
const LOST = [
  [Map, "a Map"],
  [Set, "a Set"],
  [Promise, "a Promise that was not awaited"],
  [Error, "an Error"],
  [RegExp, "a RegExp"],
  [ArrayBuffer, "an ArrayBuffer"],
] as const;

function nameOfLost(value: unknown): string | undefined {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return `a ${typeof value}`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (ArrayBuffer.isView(value)) return "a typed array";
  return LOST.find(([kind]) => value instanceof kind)?.[1];
}
