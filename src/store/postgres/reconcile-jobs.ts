import type { Clock } from "../../core/clock.ts";
import { type Dispatch, startable } from "./dispatch.ts";
import type { Placing } from "./placed-statement.ts";
import * as sql from "./run-sql.ts";
import type { Transactions } from "./transactions.ts";

export interface ReconcileJobsParams {
  readonly dispatch: Dispatch;
  readonly transactions: Transactions;
  readonly placing: Placing;
  readonly clock: Clock;
}

/** Runs that could have started so long ago are looked at, in milliseconds. */
const OVERDUE_MS = 10_000;
/** So many at once, those first whose turn it is. */
const MOST = 1_000;

/**
 * Gives a job to each run that should have one and has none: it was lost, a backup was restored, or another process works without jobs.
 * Says to how many. Runs that wait for their time need none: a claim finds them.
 */
export async function reconcileJobs(params: ReconcileJobsParams): Promise<number> {
  const { dispatch, transactions, placing, clock } = params;
  return await transactions.transactAgain(
    async (connection) => {
      const before = clock.now() - OVERDUE_MS;
      const { rows } = await connection.run(placing.place(sql.OVERDUE, { before, limit: MOST }));
      return await dispatch.enqueue(connection, startable(rows), { isMoved: false });
    },
    (count) => count > 0,
  );
}
