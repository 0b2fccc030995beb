import type { BatchStore } from "./calls/batch/batch-store.ts";
import { number, text } from "./store/row.ts";
import type { Database } from "./store/store.ts";

const FIND = "select * from call_batches where run_id = :runId and name = :name";
const PUT = `
  insert into call_batches (run_id, name, model, batch_id, submitted_at)
  values (:runId, :name, :model, :batchId, :submittedAt)
  on conflict (run_id, name) do update set
    model = excluded.model, batch_id = excluded.batch_id, submitted_at = excluded.submitted_at`;
/** Providers keep results for about a month; what no run came for by then is of no use. */
const FORGET = "delete from call_batches where submitted_at < :submittedAt - 30 * 86400000";
const DELETE = "delete from call_batches where run_id = :runId and name = :name";

/** Stands for an id that the provider has not told yet. */
const NOT_KNOWN = "";

/** Remembers batches in the store's database. */
export function createBatchStore(db: Database): BatchStore {
  return {
    async find(runId, name) {
      const row = await db.get(FIND, { runId, name });
      if (row === undefined) return undefined;
      const model = text(row, "model");
      const batchId = text(row, "batch_id");
      const submittedAt = number(row, "submitted_at");
      return { runId, name, model, batchId: batchId === NOT_KNOWN ? null : batchId, submittedAt };
    },
    async put(batch) {
      const { submittedAt } = batch;
      await db.write([
        { sql: PUT, params: { ...batch, batchId: batch.batchId ?? NOT_KNOWN } },
        { sql: FORGET, params: { submittedAt } },
      ]);
    },
    async delete(runId, name) {
      await db.write([{ sql: DELETE, params: { runId, name } }]);
    },
  };
}
