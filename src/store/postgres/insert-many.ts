import { MillraceError } from "../../core/errors.ts";
import { rowRefusal } from "../sqlite/database.ts";
import { quoteIdentifier } from "../sqlite/statement-text.ts";
import type { InsertManyParams, InsertManyResult, SqlValue } from "../store.ts";
import type { Connection } from "./connections.ts";
import { toParameter, typeOf } from "./placed-statement.ts";
import { isBadValue, statementFailed } from "./postgres-error.ts";
import type { Transactions } from "./transactions.ts";

/** Rows that travel in one statement. */
const ROWS_AT_ONCE = 500;
/** The protocol counts parameters in 16 bits. */
const MOST_PARAMETERS = 32_000;

type NumberedRow = readonly [index: number, row: readonly SqlValue[]];

/** Inserts rows in one transaction, many a statement. Where one is refused its statement is halved until the bad row stands alone. */
export async function insertMany(transactions: Transactions, params: InsertManyParams): Promise<InsertManyResult> {
  const { into, columns, rows, onConflict } = params;
  if (columns.length === 0 || new Set(columns).size < columns.length) {
    throw new MillraceError("INPUT_INVALID", `The columns of ${into} must be some, each once: ${columns.join(", ")}.`);
  }
  const head = `insert into ${quoteIdentifier(into)} (${columns.map(quoteIdentifier).join(", ")}) values `;
  const ending = onConflict === "ignore" ? " on conflict do nothing" : "";
  const rejected: { index: number; reason: string }[] = [];
  const fit: NumberedRow[] = [];
  for (const [index, row] of rows.entries()) {
    const reason = rowRefusal(columns, row);
    if (reason === undefined) fit.push([index, row]);
    else rejected.push({ index, reason });
  }
  if (fit.length === 0) return { inserted: 0, ignored: 0, rejected };

  let inserted = 0;
  async function insert(connection: Connection, part: readonly NumberedRow[]): Promise<void> {
    const statement = { ...valuesOf(part), name: undefined, sql: head };
    const marked = connection.control("savepoint part");
    const ran = connection.run({ ...statement, text: head + statement.text + ending });
    try {
      await marked;
      inserted += (await ran).changes;
      return;
    } catch (error) {
      ran.catch(() => undefined);
      if (!isBadValue(error)) throw statementFailed(error, statement);
      await connection.control("rollback to savepoint part");
      if (part.length === 1) {
        rejected.push({ index: part[0]?.[0] ?? 0, reason: error instanceof Error ? error.message : String(error) });
        return;
      }
    }
    const half = Math.ceil(part.length / 2);
    await insert(connection, part.slice(0, half));
    await insert(connection, part.slice(half));
  }

  await transactions.transact(async (connection) => {
    const size = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(MOST_PARAMETERS / columns.length)));
    for (let start = 0; start < fit.length; start += size) await insert(connection, fit.slice(start, start + size));
  });
  rejected.sort((a, b) => a.index - b.index);
  return { inserted, ignored: rows.length - inserted - rejected.length, rejected };
}

function valuesOf(part: readonly NumberedRow[]): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const text = part
    .map(([, row]) => {
      const places = row.map((value) =>
        value === null ? "null" : `$${values.push(toParameter(value))}::${typeOf(value)}`,
      );
      return `(${places.join(", ")})`;
    })
    .join(", ");
  return { text, values };
}
