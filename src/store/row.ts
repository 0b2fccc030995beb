import { MillraceError } from "../core/errors.ts";
import type { Row } from "./store.ts";

/** Reads a text column; throws STORE_FAILED when it holds anything else. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw mismatch(column, "text", value);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** Reads a column of integers or reals. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw mismatch(column, "a number", value);
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}

/** Reads a column of JSON text. The caller names the type: rows are written by this program alone. */
export function json<T>(row: Row, column: string): T {
  return JSON.parse(text(row, column)) as T;
}

export function jsonOrNull<T>(row: Row, column: string): T | null {
  return row[column] === null ? null : json<T>(row, column);
}

function mismatch(column: string, wanted: string, value: unknown): MillraceError {
  return new MillraceError(
    "STORE_FAILED",
    `Column ${column} should hold ${wanted} and holds ${value === undefined ? "nothing" : typeof value}.`,
  );
}
