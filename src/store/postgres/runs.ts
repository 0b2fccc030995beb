import { numberOrNull, text } from "../row.ts";
import { afterEnd, byTurn, createRunMethods } from "../run-methods.ts";
import { toErrorColumn, toRun, toStep } from "../sqlite/run-rows.ts";
import * as shared from "../sqlite/run-sql.ts";
import type {
  AdmitParams,
  EmitResult,
  PutResult,
  Row,
  RunRecord,
  RunStore,
  SqlParams,
  Statement,
  StatementResult,
  StepRecord,
} from "../store.ts";
import { admission, plainFacts } from "./admission.ts";
import { toArray } from "./array-literal.ts";
import { createBatch } from "./batches.ts";
import { claimTaken } from "./claim-taken.ts";
import { type Dispatch, startable } from "./dispatch.ts";
import type { Placing } from "./placed-statement.ts";
import type { Reading } from "./reading.ts";
import * as sql from "./run-sql.ts";
import type { BeforeCommit, Transactions } from "./transactions.ts";

/** First claims that are remembered until somebody asks for their steps. */
const MOST_FRESH = 10_000;

export interface RunStoreParams {
  readonly transactions: Transactions;
  readonly reading: Reading;
  /** Reads that may lag behind what was written: pages of runs. */
  readonly lagging: Reading;
  /** A claim holds so long without a beat, in milliseconds of the database's clock. */
  readonly leaseMs: number;
  readonly placing: Placing;
  /** Undefined: the table of runs is the queue. */
  readonly dispatch: Dispatch | undefined;
}

export interface PostgresRuns {
  readonly runs: RunStore;
  /** Writes, and has jobs made for the runs that may start now. */
  write(statements: readonly Statement[]): Promise<readonly StatementResult[] | undefined>;
  /** Resolves when what was asked is on its way. */
  idle(): Promise<void>;
}

export function createRunStore(params: RunStoreParams): PostgresRuns {
  const { transactions, reading, lagging, leaseMs, placing, dispatch } = params;
  const enqueueNew = dispatch && jobsBy(dispatch, { isMoved: false });
  const enqueueMoved = dispatch && jobsBy(dispatch, { isMoved: true });
  /** Claimed for the first time, and not looked at since: they have no steps. */
  const fresh = new Set<string>();

  function write(
    statements: readonly Statement[],
    enqueue = enqueueMoved,
  ): Promise<readonly StatementResult[] | undefined> {
    return transactions.write(statements, "statement", enqueue);
  }

  /** Runs one conditional statement; whether it changed something. */
  async function change(statement: string, params: SqlParams): Promise<boolean> {
    return (await transactions.one({ sql: statement, params })).changes > 0;
  }

  /** Runs statements of which one decides: whether it did not find that somebody else was faster. */
  async function passes(statements: readonly Statement[]): Promise<boolean> {
    return (await write(statements)) !== undefined;
  }

  async function claimFromTable(claim: SqlParams, regate: readonly Statement[]): Promise<readonly Row[]> {
    const results = await transactions.write([
      ...(regate.length === 0 ? [] : [{ sql: sql.LOCK_GATES }]),
      { sql: sql.WAKE, params: { now: claim["now"] ?? null } },
      ...regate,
      { sql: sql.CLAIM, params: claim },
    ]);
    return results?.at(-1)?.rows ?? [];
  }

  async function isHeld(runId: string, epoch: number): Promise<boolean> {
    return (await reading.get(shared.HELD, { run: runId, epoch })) !== undefined;
  }

  const admits = createBatch<AdmitParams, boolean>({
    keyOf: ({ id }) => id,
    none: false,
    async many(all) {
      const [result] = (await write([{ sql: sql.ADMIT_MANY, params: asRows(all.map(plainFacts)) }], enqueueNew)) ?? [];
      return new Map(result?.rows.map((row) => [text(row, "id"), true]));
    },
    one: async (params) => (await write([{ sql: sql.ADMIT, params: plainFacts(params) }], enqueueNew)) !== undefined,
  });
  const memos = createBatch<string, readonly StepRecord[]>({
    keyOf: (runId) => runId,
    none: [],
    async many(runIds) {
      const rows = await reading.all(sql.STEPS_MANY, { runs: toArray(runIds) });
      return new Map([...Map.groupBy(rows, (row) => text(row, "run"))].map(([run, steps]) => [run, steps.map(toStep)]));
    },
    one: async (runId) => (await reading.all(shared.STEPS, { run: runId })).map(toStep),
  });
  const gets = createBatch<string, RunRecord | undefined>({
    keyOf: (runId) => runId,
    none: undefined,
    async many(ids) {
      const rows = await reading.all(sql.GET_MANY, { ids: toArray(ids) });
      return new Map(rows.map(toRun).map((run) => [run.id, run]));
    },
    async one(id) {
      const row = await reading.get(shared.GET, { id });
      return row && toRun(row);
    },
  });
  const puts = createBatch<SqlParams, boolean>({
    keyOf: ({ run, id }) => JSON.stringify([run, id]),
    none: false,
    async many(all) {
      const { rows } = await transactions.one({ sql: sql.PUT_MANY, params: asRows(all) });
      return new Map(rows.map((row) => [JSON.stringify([row["run"], row["id"]]), true]));
    },
    one: async (params) => await change(params["state"] === "done" ? sql.PUT_CALMING : sql.PUT, params),
  });
  const finishes = createBatch<SqlParams, boolean>({
    keyOf: ({ run }) => String(run),
    none: false,
    async many(all) {
      const { rows } = await transactions.one({ sql: sql.FINISH_MANY, params: asRows(all) });
      return new Map(rows.map((row) => [text(row, "id"), true]));
    },
    one: async (params) => await change(shared.FINISH, params),
  });

  const dialect = { ...shared, ...sql };
  const methods = createRunMethods({
    dialect,
    reads: reading,
    lagging,
    write,
    change: async (statement) => (await transactions.one(statement)).changes,
    admission,
  });

  const runs: RunStore = {
    ...methods,

    async admit(params) {
      const { id, key, rate, merge } = params;
      if (key === undefined && rate === undefined && merge === undefined) {
        await admits.add(params);
        return { runId: id, isNew: true, isDropped: false };
      }
      const { statements, read } = admission(params);
      return read((await write(statements, merge === undefined ? enqueueNew : enqueueMoved)) ?? []);
    },

    async claim({ workerId, automations, gates = [], limit, now }) {
      const regate: Statement[] =
        gates.length === 0
          ? []
          : [
              {
                sql: sql.REGATE,
                params: {
                  automations: toArray(gates.map(({ automation }) => automation)),
                  limits: toArray(gates.map((gate) => gate.limit)),
                },
              },
            ];
      const claim = { workerId, automations: toArray(automations), limit, now, leaseMs };
      const rows =
        dispatch === undefined
          ? await claimFromTable(claim, regate)
          : await claimTaken({ dispatch, transactions, placing, automations, claim, regate });
      const claimed = rows.map(toRun).sort(byTurn);
      for (const { id, epoch } of claimed) {
        if (epoch === 1 && fresh.size < MOST_FRESH) fresh.add(id);
        else fresh.delete(id);
      }
      return claimed;
    },

    async nextDueAt({ now }) {
      const row = await reading.get(shared.NEXT_DUE, { now });
      return (row && numberOrNull(row, "due")) ?? undefined;
    },

    steps: async (runId) => (fresh.delete(runId) ? [] : await memos.add(runId)),

    async put({ runId, epoch, step, beside = [] }): Promise<PutResult> {
      fresh.delete(runId);
      const { error, isUndoable, ...facts } = step;
      const params = { run: runId, epoch, ...facts, error: toErrorColumn(error), isUndoable: isUndoable ? 1 : 0 };
      const put: Statement = { sql: step.state === "done" ? sql.PUT_CALMING : sql.PUT, params, atLeast: 1 };
      const isStored = beside.length === 0 ? await puts.add(params) : await passes([put, ...beside]);
      if (isStored) return "stored";
      if (!(await isHeld(runId, epoch))) return "fenced";
      return (await reading.get(shared.IS_FINAL, { run: runId, id: step.id })) === undefined ? "refused" : "kept";
    },

    async park({ runId, epoch, status = "queued", availableAt, attempt, error, isAlone = false }) {
      const run = { run: runId };
      const isWaiting = status === "waiting";
      const params = { ...run, epoch, status, availableAt, attempt, error: toErrorColumn(error) };
      const locks = isWaiting ? [{ sql: sql.SHARE_EVENTS }, { sql: sql.LOCK_CALLED, params: run }] : [];
      const release = isAlone ? [] : [{ sql: sql.RELEASE, params: run }];
      const park = { sql: isWaiting ? sql.PARK_WAITING : sql.PARK, params, atLeast: 1 };
      if (await passes([...locks, park, ...release])) return "parked";
      return (await isHeld(runId, epoch)) ? "unseen" : "fenced";
    },

    async finish({ runId, epoch, ending, now, isAlone = false }) {
      const output = ending.status === "done" ? ending.output : null;
      const error = ending.status === "failed" ? JSON.stringify(ending.error) : null;
      const params = { run: runId, epoch, status: ending.status, output, error, now };
      if (isAlone) return finishes.add(params);
      return passes([{ sql: shared.FINISH, params, atLeast: 1 }, ...afterEnd(dialect, { runId, now })]);
    },

    cancel: ({ runId, now, beside = [] }) =>
      passes([
        { sql: sql.LOCK_RUN, params: { run: runId } },
        { sql: sql.CANCEL, params: { run: runId, now }, atLeast: 1 },
        ...afterEnd(dialect, { runId, now }),
        ...beside,
      ]),

    async emit({ id, name, match, data, now, runs }): Promise<EmitResult> {
      const admissions = runs.map(admission);
      const results = await write([
        { sql: sql.LOCK_EVENTS },
        { sql: sql.EVENT_IS_NEW, params: { id, name, match, data, now }, atLeast: 1 },
        { sql: sql.WAKE_WAITS, params: { name, match, now } },
        ...admissions.flatMap(({ statements }) => statements),
      ]);
      if (results === undefined) return { isNew: false, admitted: [] };
      let read = 3;
      const admitted = admissions.map((one) => one.read(results.slice(read, (read += one.statements.length))));
      return { isNew: true, admitted };
    },

    async lostClaims(claims) {
      if (claims.length === 0) return [];
      return (await reading.all(sql.LOST, toClaims(claims))).map((row) => text(row, "id"));
    },

    get: (runId) => gets.add(runId),
  };
  return {
    runs,
    write,
    idle: async () => void (await Promise.all([admits, memos, gets, puts, finishes].map((batch) => batch.idle()))),
  };
}

/** Makes the jobs of all runs that statements say may start. */
function jobsBy(dispatch: Dispatch, how: { readonly isMoved: boolean }): BeforeCommit {
  return async (connection, results) =>
    void (await dispatch.enqueue(connection, startable(results.flatMap(({ rows }) => rows)), how));
}

function asRows(rows: readonly SqlParams[]): SqlParams {
  return { rows: JSON.stringify(rows) };
}

/** Claims as a statement takes them. */
export function toClaims(claims: readonly { readonly runId: string; readonly epoch: number }[]): SqlParams {
  return { ids: toArray(claims.map(({ runId }) => runId)), epochs: toArray(claims.map(({ epoch }) => epoch)) };
}
