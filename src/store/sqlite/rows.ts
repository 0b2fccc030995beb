import type { Row, SqlValue } from "../store.ts";

/** Makes plain objects of rows that came as arrays: cheaper to carry, and they compare and print like any other object. */
export function toRows(columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Row[] {
  return rows.map((values) => toRow(columns, values));
}

export function toRow(columns: readonly string[], values: readonly SqlValue[]): Row {
  const row: Record<string, SqlValue> = {};
  for (let index = 0; index < columns.length; index++) row[columns[index] ?? ""] = toPlain(values[index] ?? null);
  return row;
}

/** Integers that were read as bigint become numbers again, unless they are beyond 2^53. */
export function toPlain(value: SqlValue): SqlValue {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
