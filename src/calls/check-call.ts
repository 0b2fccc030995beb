import { MillraceError } from "../core/errors.ts";
import type { CallOptions, Packing } from "./ai.ts";
import { DEFAULT_MAX_OUTPUT_TOKENS, timeoutOf, toPacking } from "./to-question.ts";

/** Checks the options of a call beyond their types: callers may be plain JavaScript, and numbers may be none. Throws INPUT_INVALID. */
export function checkCall(options: CallOptions & { readonly pack?: boolean | Packing | undefined }): void {
  const { prompt, system, history = [], tags = [], pack = false } = options;
  const { maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, maxInputTokens = 1, priority = 0 } = options;
  const { most, waitMs } = toPacking(pack === false ? true : pack);
  check("prompt", prompt, isText(prompt), "a text");
  check("system", system, system === undefined || isText(system), "a text");
  check("history", history, Array.isArray(history) && history.every(isTurn), "a list of turns with role and text");
  check("tags", tags, Array.isArray(tags) && tags.every(isText), "a list of texts");
  checkTime("timeoutMs", timeoutOf(options));
  checkCount("maxOutputTokens", maxOutputTokens);
  checkCount("maxInputTokens", maxInputTokens);
  check("priority", priority, priority >= -10 && priority <= 10, "a number from -10 to 10");
  check("pack.most", most, Number.isInteger(most) && most >= 2 && most <= 10, "a whole number from 2 to 10");
  check("pack.waitMs", waitMs, waitMs > 0 && waitMs <= 10_000, "a number above 0, up to 10 000");
}

/** Checks a time in milliseconds. Throws INPUT_INVALID. */
export function checkTime(field: string, value: number): void {
  check(field, value, value > 0 && Number.isFinite(value), "a positive number");
}

/** Throws INPUT_INVALID. */
export function checkCount(field: string, value: number): void {
  check(field, value, Number.isInteger(value) && value > 0, "a positive whole number");
}

/** Throws INPUT_INVALID that names the field, unless it holds. */
export function check(field: string, value: unknown, holds: boolean, wanted: string): void {
  if (!holds) throw new MillraceError("INPUT_INVALID", `${field} must be ${wanted}, got ${String(value)}.`);
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTurn(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { role, text } = value as Readonly<Record<string, unknown>>;
  return (role === "user" || role === "assistant") && isText(text);
}
