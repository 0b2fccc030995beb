import type { QueryArrayResult } from "pg";
import { toRows } from "../sqlite/rows.ts";
import type { SqlValue, StatementResult } from "../store.ts";

/** Object ids of types, see `pg_type.dat` of Postgres. */
const BOOLEAN = 16;
const BYTES = 17;
const INTEGERS = new Set([20, 21, 23, 26]);
const REALS = new Set([700, 701, 1700]);

/** Reads values as SQLite gives them: integers beyond 2^53 as bigint, numerics as numbers, booleans as 0 and 1, all else as text. */
export const VALUE_TYPES = {
  getTypeParser(type: number): (value: string) => SqlValue {
    if (INTEGERS.has(type)) return toInteger;
    if (REALS.has(type)) return Number;
    if (type === BOOLEAN) return (value) => (value === "t" ? 1 : 0);
    if (type === BYTES) return toBytes;
    return String;
  },
};

function toInteger(value: string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function toBytes(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value.slice(2), "hex"));
}

export function toResult({ command, rowCount, fields, rows }: QueryArrayResult): StatementResult {
  const isChanging = command === "INSERT" || command === "UPDATE" || command === "DELETE" || command === "MERGE";
  return {
    changes: isChanging ? (rowCount ?? 0) : 0,
    rows: toRows(
      fields.map(({ name }) => name),
      rows as SqlValue[][],
    ),
  };
}
