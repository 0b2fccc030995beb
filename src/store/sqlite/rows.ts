import type { Row, SqlValue } from "../store.ts";

/** Makes plain objects of rows that came as arrays: cheaper to carry, and they compare and print like any other object. */
export function toRows(columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Row[] {
  return rows.map((values) => toRow(columns, values));
}

export function toRow(columns: readonly string[], values: readonly SqlValue[]): Row {
  const row: Record<string, SqlValue> = {};
  for (let index = 0; index < columns.length; index++) row[columns[index] ?? ""] = values[index] ?? null;
  return row;
}
