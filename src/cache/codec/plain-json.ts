import { inspect } from "node:util";

/** Deepest nesting that is kept: what lies deeper is taken for a cycle or a mistake. */
export const MOST_DEPTH = 1_000;

/** The field that marks a tagged value. A plain object that has it is tagged itself. */
export const TAG = "$";

/**
 * Whether `JSON.stringify` and `JSON.parse` give a value back exactly. It only looks: nothing is copied. False also for what cannot be kept
 * at all; whoever writes the tags finds out.
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      if (value === null) return true;
      if (depth > MOST_DEPTH) return false;
      return Array.isArray(value) ? isPlainArray(value, depth + 1) : isPlainObject(value, depth + 1);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      return false;
  }
}

function isPlainArray(values: readonly unknown[], depth: number): boolean {
  // A hole reads as undefined, which is not plain either.
  for (let index = 0; index < values.length; index++) if (!isPlainJson(values[index], depth)) return false;
  return (
    Object.getPrototypeOf(values) === Array.prototype && typeof (values as { toJSON?: unknown }).toJSON !== "function"
  );
}

function isPlainObject(value: object, depth: number): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  for (const key in value) {
    if (!isPlainJson((value as Record<string, unknown>)[key], depth)) return false;
  }
  return typeof (value as { toJSON?: unknown }).toJSON !== "function";
}

/** A short name of a value for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return inspect(value);
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object of an unknown class";
}
