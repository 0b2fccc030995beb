import { MillraceError } from "../../core/errors.ts";
import type { SqlParams, SqlValue } from "../store.ts";
import type { StatementText } from "./statement-text.ts";

const SMALLEST_INTEGER = -(2n ** 63n);
const LARGEST_INTEGER = 2n ** 63n - 1n;

/**
 * Says why a value cannot be stored as it is, or undefined when it can. SQLite itself would store NULL for a Date, undefined or
 * NaN, 1 for true, and a replacement character for half of a surrogate pair, each without a word.
 */
export function refusal(value: unknown): string | undefined {
  if (value === null) return undefined;
  switch (typeof value) {
    case "string":
      return value.isWellFormed()
        ? undefined
        : "is a text with half of a surrogate pair: call toWellFormed(), or store it as JSON";
    case "number":
      return Number.isNaN(value) ? "is NaN: give a number or null" : undefined;
    case "bigint":
      return value >= SMALLEST_INTEGER && value <= LARGEST_INTEGER ? undefined : "is an integer of more than 64 bits";
    case "undefined":
      return "is undefined: give a value or null";
    case "boolean":
      return "is a boolean: give 0 or 1";
    case "object":
      return objectRefusal(value);
    case "function":
    case "symbol":
      return `is a ${typeof value}: give JSON text`;
  }
  return undefined;
}

function objectRefusal(value: object): string | undefined {
  if (value instanceof Uint8Array) return undefined;
  if (value instanceof Date) return "is a Date: give getTime() or toISOString()";
  return `is an ${Array.isArray(value) ? "array" : "object"}: give JSON text`;
}

/** Puts named parameters into the order of the statement. Throws INPUT_INVALID for a missing, unknown or unfit one. */
export function toValues({ sql, slots, parameters }: StatementText, params: SqlParams): SqlValue[] {
  const values: SqlValue[] = [];
  for (const name of slots) {
    const value = params[name];
    const reason = refusal(value);
    if (value === undefined || reason !== undefined) throw unfit(`Parameter :${name} ${reason}.`, sql);
    values.push(value);
  }
  const names = Object.keys(params);
  if (names.length === parameters.size) return values;
  const unknown = names.find((name) => !parameters.has(name));
  throw unfit(`The statement has no parameter :${unknown}.`, sql);
}

function unfit(message: string, sql: string): MillraceError {
  return new MillraceError("INPUT_INVALID", message, {
    facts: { sql },
    advice: "Convert values in the row mapper before they are given to the store.",
  });
}
