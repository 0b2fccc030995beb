import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import { number, numberOrNull, text } from "../row.ts";
import type {
  EmitResult,
  PutResult,
  RunRecord,
  RunsPage,
  RunStore,
  SqlParams,
  Statement,
  StatementResult,
  StepRecord,
} from "../store.ts";
import { admission } from "./admission.ts";
import type { Reader } from "./reader.ts";
import { toCount, toErrorColumn, toEvent, toRun, toSchedule, toStep } from "./run-rows.ts";
import * as sql from "./run-sql.ts";
import type { Writer } from "./writer.ts";

/** Rows that go in one transaction of retention. */
const FORGET_BITE = 500;
/** Sorts behind every id. */
const AFTER_ALL = "\u{10FFFF}";

export interface RunStoreParams {
  readonly reader: Pick<Reader, "get" | "all">;
  readonly writer: Pick<Writer, "write">;
}

export function createRunStore({ reader, writer }: RunStoreParams): RunStore {
  /** Runs one conditional statement; whether it changed something. */
  async function change(statement: string, params: SqlParams): Promise<boolean> {
    const results = await writer.write([{ sql: statement, params }]);
    return changesAt(results, 0) > 0;
  }

  /** Runs statements of which the first decides: whether it did not find that somebody else was faster. */
  async function passes(statements: readonly Statement[]): Promise<boolean> {
    return (await writer.write(statements)) !== undefined;
  }

  /** Deletes in small transactions, so that nobody waits long. */
  async function inBites(statement: Statement): Promise<number> {
    for (let gone = 0; ;) {
      const bite = changesAt(await writer.write([statement]), 0);
      gone += bite;
      if (bite < FORGET_BITE) return gone;
    }
  }

  return {
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

    undo: ({ runId, epoch, ending }) => change(sql.UNDO, { run: runId, epoch, ending: JSON.stringify(ending) }),

    async finish({ runId, epoch, ending, now, isAlone = false }) {
      const output = ending.status === "done" ? ending.output : null;
      const error = ending.status === "failed" ? JSON.stringify(ending.error) : null;
      const params = { run: runId, epoch, status: ending.status, output, error, now };
      return passes([{ sql: sql.FINISH, params, atLeast: 1 }, ...(isAlone ? [] : afterEnd(runId, now))]);
    },

    cancel: ({ runId, now, beside = [] }) =>
      passes([{ sql: sql.CANCEL, params: { run: runId, now }, atLeast: 1 }, ...afterEnd(runId, now), ...beside]),

    retry({ runId, now, from, version = null, beside = [] }) {
      const run = { run: runId };
      const again = {
        sql: from === undefined ? sql.RETRY : sql.RETRY_FROM,
        params: { ...run, now, version },
        atLeast: 1,
      };
      const since = from === undefined ? [] : [{ sql: sql.CLEAR_SINCE, params: { ...run, from } }];
      const clear = [sql.CLEAR_UNDONE, sql.CLEAR_STEPS].map((statement) => ({ sql: statement, params: run }));
      return passes([again, ...since, ...clear, ...beside]);
    },

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

    async events({ name, match, after, limit }) {
      return reader.all(sql.EVENTS, { name, match, after, limit }).map(toEvent);
    },

    async holders({ automation, key }) {
      return reader.all(sql.HOLDERS, { automation, key }).map((row) => text(row, "id"));
    },

    async recover({ now, crashLimit }) {
      const results = await writer.write([
        { sql: sql.FAIL_CRASHED, params: { now, crashLimit, error: crashedError(crashLimit) } },
        { sql: sql.QUEUE_CRASHED },
        { sql: sql.FREE_BLOCKED },
      ]);
      return { failed: (results?.[0]?.rows ?? []).map(toRun), queued: changesAt(results, 1) };
    },

    async lostClaims(claims) {
      if (claims.length === 0) return [];
      return reader.all(sql.LOST, { claims: JSON.stringify(claims) }).map((row) => text(row, "id"));
    },

    async get(runId) {
      const row = reader.get(sql.GET, { id: runId });
      return row && toRun(row);
    },

    async counts() {
      return reader.all(sql.COUNTS).map(toCount);
    },

    async idsWith(part) {
      return reader.all(sql.IDS_WITH, { part }).map((row) => text(row, "id"));
    },

    async list({ automation, status, before = AFTER_ALL, limit }): Promise<RunsPage> {
      const filter: SqlParams = {
        ...(automation === undefined ? {} : { automation }),
        ...(status === undefined ? {} : { status }),
      };
      const { page, total } = sql.LISTS[listName(automation, status)];
      // One more than asked for tells whether there is a next page.
      const rows = reader.all(page, { ...filter, before, limit: limit + 1 }).map(toRun);
      const runs = rows.slice(0, limit);
      const counted = reader.get(total, filter);
      return {
        runs,
        total: counted === undefined ? 0 : number(counted, "total"),
        next: rows.length > limit ? runs.at(-1)?.id : undefined,
      };
    },

    async findUnfinished({ automation, event }) {
      const row = reader.get(sql.FIND_UNFINISHED, { automation, event });
      return row && toRun(row);
    },

    async putSchedule({ id, automation, expression, zone, nextAt }) {
      const results = await writer.write([
        { sql: sql.PUT_SCHEDULE, params: { id, automation, expression, zone, nextAt } },
        { sql: sql.SCHEDULE, params: { id } },
      ]);
      const row = results?.[1]?.rows[0];
      if (row === undefined) throw new MillraceError("STORE_FAILED", `The schedule ${id} was not stored.`);
      return toSchedule(row);
    },

    async keepSchedules(ids) {
      await writer.write([{ sql: sql.KEEP_SCHEDULES, params: { ids: JSON.stringify(ids) } }]);
    },

    async schedules() {
      return reader.all(sql.SCHEDULES).map(toSchedule);
    },

    async fire({ scheduleId, seenAt, nextAt, run }) {
      const { statements, read } = admission(run);
      const results = await writer.write([
        { sql: sql.FIRE, params: { id: scheduleId, seenAt, nextAt }, atLeast: 1 },
        ...statements,
      ]);
      return results && read(results.slice(1));
    },

    forget({ endedBefore, status }) {
      const params = { endedBefore, bornBefore: firstIdAt(endedBefore), limit: FORGET_BITE };
      if (status === undefined) return inBites({ sql: sql.FORGET, params });
      return inBites({ sql: sql.FORGET_STATUS, params: { ...params, status } });
    },

    async forgetEvents({ before, now }) {
      await writer.write([{ sql: sql.FORGET_RATES, params: { now } }]);
      return inBites({ sql: sql.FORGET_EVENTS, params: { before, limit: FORGET_BITE } });
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

/** What an end does for others. */
function afterEnd(runId: string, now: number): Statement[] {
  return [
    { sql: sql.RELEASE, params: { run: runId } },
    { sql: sql.WAKE_PARENT, params: { run: runId, now } },
  ];
}

function changesAt(results: readonly StatementResult[] | undefined, index: number): number {
  return results?.[index]?.changes ?? 0;
}

/** Highest priority first, then oldest: rows of a `returning` come in no promised order. */
function byTurn(a: RunRecord, b: RunRecord): number {
  return b.priority - a.priority || a.availableAt - b.availableAt || (a.id < b.id ? -1 : 1);
}

function listName(automation: string | undefined, status: string | undefined): keyof typeof sql.LISTS {
  if (automation !== undefined && status !== undefined) return "both";
  if (automation !== undefined) return "automation";
  return status === undefined ? "all" : "status";
}

function crashedError(crashLimit: number): string {
  const message = `The process died ${crashLimit} times while it executed this run, without a step stored in between.`;
  return JSON.stringify(toErrorRecord(new MillraceError("RUN_CRASHED", message)));
}

/** The smallest UUID of version 7 that can be born at this time. */
function firstIdAt(at: number): string {
  const hex = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
