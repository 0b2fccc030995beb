import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import { number, numberOrNull, text } from "../row.ts";
import type {
  AdmitParams,
  AdmitResult,
  RunRecord,
  RunsPage,
  RunStore,
  SqlParams,
  Statement,
  StatementResult,
} from "../store.ts";
import type { Reader } from "./reader.ts";
import { toErrorColumn, toRun, toSchedule, toStep } from "./run-rows.ts";
import * as sql from "./run-sql.ts";
import type { Writer } from "./writer.ts";

/** Rows that go in one transaction of retention. */
const FORGET_BITE = 500;
/** Sorts behind every id. */
const AFTER_ALL = "\u{10FFFF}";

export function createRunStore({ reader, writer }: { readonly reader: Reader; readonly writer: Writer }): RunStore {
  /** Runs one conditional statement; whether it changed something. */
  async function change(statement: string, params: SqlParams): Promise<boolean> {
    const results = await writer.write([{ sql: statement, params }]);
    return changesAt(results, 0) > 0;
  }

  return {
    async admit(params) {
      return toAdmitResult(params, await writer.write(admission(params)));
    },

    async claim({ workerId, automations, limit, now }) {
      const results = await writer.write([
        { sql: sql.WAKE, params: { now } },
        { sql: sql.CLAIM, params: { workerId, automations: JSON.stringify(automations), limit, now } },
      ]);
      return (results?.[1]?.rows ?? []).map(toRun).sort(byTurn);
    },

    async nextDueAt({ now }) {
      const row = reader.get(sql.NEXT_DUE, { now });
      return (row && numberOrNull(row, "due")) ?? undefined;
    },

    async steps(runId) {
      return reader.all(sql.STEPS, { run: runId }).map(toStep);
    },

    async put({ runId, epoch, step }) {
      const { id, state, output, attempt, startedAt, endedAt } = step;
      const error = toErrorColumn(step.error);
      const params = { run: runId, epoch, id, state, output, error, attempt, startedAt, endedAt };
      const put: Statement = { sql: sql.PUT, params, atLeast: 1 };
      const calm: Statement[] = state === "done" ? [{ sql: sql.CALM, params: { run: runId } }] : [];
      if ((await writer.write([put, ...calm])) !== undefined) return "stored";
      return reader.get(sql.HELD, { run: runId, epoch }) === undefined ? "fenced" : "kept";
    },

    park({ runId, epoch, availableAt, attempt, error }) {
      return change(sql.PARK, { run: runId, epoch, availableAt, attempt, error: toErrorColumn(error) });
    },

    finish({ runId, epoch, ending, now }) {
      const output = ending.status === "done" ? ending.output : null;
      const error = ending.status === "failed" ? JSON.stringify(ending.error) : null;
      return change(sql.FINISH, { run: runId, epoch, status: ending.status, output, error, now });
    },

    cancel: ({ runId, now }) => change(sql.CANCEL, { run: runId, now }),

    async retry({ runId, now }) {
      const results = await writer.write([
        { sql: sql.RETRY, params: { run: runId, now }, atLeast: 1 },
        { sql: sql.CLEAR_STEPS, params: { run: runId } },
      ]);
      return results !== undefined;
    },

    async recover({ now, crashLimit }) {
      const results = await writer.write([
        { sql: sql.FAIL_CRASHED, params: { now, crashLimit, error: crashedError(crashLimit) } },
        { sql: sql.QUEUE_CRASHED },
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
      const results = await writer.write([
        { sql: sql.FIRE, params: { id: scheduleId, seenAt, nextAt }, atLeast: 1 },
        ...admission(run),
      ]);
      return results && toAdmitResult(run, results.slice(1));
    },

    async forget({ endedBefore }) {
      const params = { endedBefore, bornBefore: firstIdAt(endedBefore), limit: FORGET_BITE };
      for (let gone = 0; ;) {
        const bite = changesAt(await writer.write([{ sql: sql.FORGET, params }]), 0);
        gone += bite;
        if (bite < FORGET_BITE) return gone;
      }
    },
  };
}

/** The statements of an admission; with a key, the last one tells who holds it. */
function admission({ id, automation, event, key, priority = 0, now, availableAt = now }: AdmitParams): Statement[] {
  const lane = availableAt > now ? "later" : "ready";
  const params = { id, automation, event, lane, priority, availableAt, now };
  if (key === undefined) return [{ sql: sql.ADMIT, params }];
  return [
    { sql: sql.TAKE_KEY, params: { automation, key, id } },
    { sql: sql.ADMIT_KEYED, params },
    { sql: sql.HOLDER_OF_KEY, params: { automation, key } },
  ];
}

function toAdmitResult({ id, key }: AdmitParams, results: readonly StatementResult[] | undefined): AdmitResult {
  if (key === undefined) return { runId: id, isNew: true };
  const holder = results?.[2]?.rows[0];
  return { runId: holder === undefined ? id : text(holder, "run"), isNew: changesAt(results, 0) === 1 };
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
