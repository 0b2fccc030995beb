import type { Row, SqlParams, Statement } from "../store.ts";
import { text } from "../row.ts";
import { toArray } from "./array-literal.ts";
import { type Dispatch, startable } from "./dispatch.ts";
import type { Placing } from "./placed-statement.ts";
import * as sql from "./run-sql.ts";
import type { Transactions } from "./transactions.ts";

export interface ClaimTakenParams {
  readonly dispatch: Dispatch;
  readonly transactions: Transactions;
  readonly placing: Placing;
  readonly automations: readonly string[];
  /** Of the statement that claims; `limit` at most. */
  readonly claim: SqlParams & { readonly limit: number; readonly now: number };
  /** Finds anew who has a place under a limit; empty where there are none. */
  readonly regate: readonly Statement[];
}

interface Claim {
  readonly rows: readonly Row[];
  readonly isWritten: boolean;
}

/**
 * Claims as many runs as jobs were taken, those whose turn it is by the table. All in one transaction: jobs that were taken without their
 * run give it a new one. A run whose time has come by the clock of this process needs no job: clocks differ.
 */
export async function claimTaken(params: ClaimTakenParams): Promise<readonly Row[]> {
  const { dispatch, transactions, placing, automations, claim, regate } = params;
  const { rows } = await transactions.transactAgain<Claim>(
    async (connection) => {
      const run = (statement: string, values?: SqlParams) => connection.run(placing.place(statement, values));
      const [, woken, taken] = await Promise.all([
        regate.length === 0 ? undefined : run(sql.LOCK_GATES),
        run(sql.WAKE, { now: claim.now }),
        dispatch.take(connection, { limit: claim.limit, automations }),
      ]);
      const limit = Math.min(claim.limit, woken.changes + taken.runIds.length);
      if (limit === 0) return { rows: [], isWritten: false };
      const [regated, claimed, left] = await Promise.all([
        Promise.all(regate.map((statement) => run(statement.sql, statement.params))),
        run(sql.CLAIM, { ...claim, limit }),
        run(sql.LEFT, { ids: toArray(taken.runIds) }),
        taken.gone,
      ]);
      const stand = new Map<string, Row>();
      for (const { rows } of [woken, ...regated, left]) for (const row of rows) stand.set(text(row, "id"), row);
      for (const row of claimed.rows) stand.delete(text(row, "id"));
      await dispatch.enqueue(connection, startable([...stand.values()]), { isMoved: true });
      return { rows: claimed.rows, isWritten: true };
    },
    ({ isWritten }) => isWritten,
  );
  return rows;
}
