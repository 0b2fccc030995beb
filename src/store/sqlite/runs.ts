import { numberOrNull, text } from "../row.ts";
import { afterEnd, byTurn, createRunMethods } from "../run-methods.ts";
import type { EmitResult, PutResult, RunStore, Statement, StatementResult, StepRecord } from "../store.ts";
import { admission } from "./admission.ts";
import type { Reader } from "./reader.ts";
import { toErrorColumn, toRun, toStep } from "./run-rows.ts";
import * as sql from "./run-sql.ts";
import type { Writer } from "./writer.ts";

export interface RunStoreParams {
  readonly reader: Pick<Reader, "get" | "all">;
  readonly writer: Pick<Writer, "write">;
}

export function createRunStore({ reader, writer }: RunStoreParams): RunStore {
  /** Runs statements of which the first decides: whether it did not find that somebody else was faster. */
  async function passes(statements: readonly Statement[]): Promise<boolean> {
    return (await writer.write(statements)) !== undefined;
  }

  const methods = createRunMethods({
    dialect: sql,
    reads: reader,
    lagging: reader,
    write: (statements) => writer.write(statements),
    change: async (statement) => changesAt(await writer.write([statement]), 0),
    admission,
  });

  return {
    ...methods,

    async admit(params) {
      const { statements, read } = admission(params);
      return read((await writer.write(statements)) ?? []);
    },

    async claim({ workerId, automations, gates = [], limit, now }) {
      const block = gates.length === 0 ? [] : [{ sql: sql.BLOCK, params: { gates: JSON.stringify(gates) } }];
      const results = await writer.write([
        { sql: sql.WAKE, params: { now } },
        ...block,
        { sql: sql.CLAIM, params: { workerId, automations: JSON.stringify(automations), limit, now } },
      ]);
      return (results?.at(-1)?.rows ?? []).map(toRun).sort(byTurn);
    },

    async nextDueAt({ now }) {
      const row = reader.get(sql.NEXT_DUE, { now });
      return (row && numberOrNull(row, "due")) ?? undefined;
    },

    async steps(runId) {
      return reader.all(sql.STEPS, { run: runId }).map(toStep);
    },

    async put({ runId, epoch, step, beside = [], isCalm = false }): Promise<PutResult> {
      const put = putStatement(runId, epoch, step);
      const calm: Statement[] = step.state === "done" && !isCalm ? [{ sql: sql.CALM, params: { run: runId } }] : [];
      if ((await writer.write([put, ...beside, ...calm])) !== undefined) return "stored";
      if (reader.get(sql.HELD, { run: runId, epoch }) === undefined) return "fenced";
      return reader.get(sql.IS_FINAL, { run: runId, id: step.id }) === undefined ? "refused" : "kept";
    },

    async park({ runId, epoch, status = "queued", availableAt, attempt, error, isAlone = false }) {
      const params = { run: runId, epoch, status, availableAt, attempt, error: toErrorColumn(error) };
      const park = { sql: status === "waiting" ? sql.PARK_WAITING : sql.PARK, params, atLeast: 1 };
      const release = isAlone ? [] : [{ sql: sql.RELEASE, params: { run: runId } }];
      if ((await writer.write([park, ...release])) !== undefined) return "parked";
      return reader.get(sql.HELD, { run: runId, epoch }) === undefined ? "fenced" : "unseen";
    },

    async finish({ runId, epoch, ending, now, isAlone = false }) {
      const output = ending.status === "done" ? ending.output : null;
      const error = ending.status === "failed" ? JSON.stringify(ending.error) : null;
      const params = { run: runId, epoch, status: ending.status, output, error, now };
      return passes([{ sql: sql.FINISH, params, atLeast: 1 }, ...(isAlone ? [] : afterEnd(sql, { runId, now }))]);
    },

    cancel: ({ runId, now, beside = [] }) =>
      passes([
        { sql: sql.CANCEL, params: { run: runId, now }, atLeast: 1 },
        ...afterEnd(sql, { runId, now }),
        ...beside,
      ]),

    async emit({ id, name, match, data, now, runs }): Promise<EmitResult> {
      const admissions = runs.map(admission);
      const results = await writer.write([
        { sql: sql.EMIT, params: { id, name, match, data, now }, atLeast: 1 },
        { sql: sql.WAKE_WAITS, params: { name, match, now } },
        ...admissions.flatMap(({ statements }) => statements),
      ]);
      if (results === undefined) return { isNew: false, admitted: [] };
      let read = 2;
      const admitted = admissions.map((one) => one.read(results.slice(read, (read += one.statements.length))));
      return { isNew: true, admitted };
    },

    async lostClaims(claims) {
      if (claims.length === 0) return [];
      return reader.all(sql.LOST, { claims: JSON.stringify(claims) }).map((row) => text(row, "id"));
    },

    async get(runId) {
      const row = reader.get(sql.GET, { id: runId });
      return row && toRun(row);
    },
  };
}

function putStatement(run: string, epoch: number, step: StepRecord): Statement {
  const isUndoable = step.isUndoable ? 1 : 0;
  if (step.kind === "run" && step.state === "done") {
    const { id, output, attempt, startedAt, endedAt } = step;
    const params = { run, epoch, id, output, attempt, startedAt, endedAt, isUndoable };
    return { sql: sql.PUT_DONE, params, atLeast: 1 };
  }
  const params = { run, epoch, ...step, error: toErrorColumn(step.error), isUndoable };
  return { sql: sql.PUT, params, atLeast: 1 };
}

function changesAt(results: readonly StatementResult[] | undefined, index: number): number {
  return results?.[index]?.changes ?? 0;
}
