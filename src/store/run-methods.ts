import { MillraceError, toErrorRecord } from "../core/errors.ts";
import { number, text } from "./row.ts";
import type { Admission } from "./sqlite/admission.ts";
import { toCount, toEvent, toRun, toSchedule } from "./sqlite/run-rows.ts";
import * as shared from "./sqlite/run-sql.ts";
import type { AdmitParams, Row, RunRecord, RunStore, SqlParams, Statement, StatementResult } from "./store.ts";

/** Rows that go in one transaction of retention. */
const FORGET_BITE = 500;
/** Sorts behind every id. */
const AFTER_ALL = "\u{10FFFF}";

type Read<T> = T | Promise<T>;

export interface RunReads {
  get(sql: string, params?: SqlParams): Read<Row | undefined>;
  all(sql: string, params?: SqlParams): Read<readonly Row[]>;
}

/** The statements of which a database has its own form. */
export type RunDialect = Readonly<
  Record<
    | "RETRY"
    | "RETRY_FROM"
    | "QUEUE_CRASHED"
    | "FREE_BLOCKED"
    | "RELEASE"
    | "WAKE_PARENT"
    | "IDS_WITH"
    | "FIND_UNFINISHED"
    | "FORGET_STATUS",
    string
  >
> & { readonly LISTS: Readonly<Record<keyof typeof shared.LISTS, { readonly page: string; readonly total: string }>> };

/** What a store of runs needs of its database to answer and write what every database does alike. */
export interface RunMethodsParams {
  readonly dialect: RunDialect;
  readonly reads: RunReads;
  /** Reads that may lag behind what was written. */
  readonly lagging: RunReads;
  /** All in one transaction; undefined: a statement changed fewer rows than it must, and nothing was written. */
  readonly write: (statements: readonly Statement[]) => Promise<readonly StatementResult[] | undefined>;
  /** How many rows a statement changed. */
  readonly change: (statement: Statement) => Promise<number>;
  readonly admission: (params: AdmitParams) => Admission;
}

/** The methods that differ between databases by their statements at most. */
export type RunMethods = Pick<
  RunStore,
  | "undo"
  | "retry"
  | "events"
  | "holders"
  | "recover"
  | "counts"
  | "idsWith"
  | "list"
  | "findUnfinished"
  | "putSchedule"
  | "dropSchedule"
  | "schedules"
  | "fire"
  | "forget"
  | "forgetEvents"
>;

export function createRunMethods(params: RunMethodsParams): RunMethods {
  const { dialect, reads, lagging, write, change, admission } = params;

  /** Deletes in small transactions, so that nobody waits long. */
  async function inBites(statement: Statement): Promise<number> {
    for (let gone = 0; ;) {
      const bite = await change(statement);
      gone += bite;
      if (bite < FORGET_BITE) return gone;
    }
  }

  return {
    async undo({ runId, epoch, ending }) {
      return (await change({ sql: shared.UNDO, params: { run: runId, epoch, ending: JSON.stringify(ending) } })) > 0;
    },

    async retry({ runId, now, from, version = null, beside = [] }) {
      const run = { run: runId };
      const again = {
        sql: from === undefined ? dialect.RETRY : dialect.RETRY_FROM,
        params: { ...run, now, version },
        atLeast: 1,
      };
      const since = from === undefined ? [] : [{ sql: shared.CLEAR_SINCE, params: { ...run, from } }];
      const clear = [shared.CLEAR_UNDONE, shared.CLEAR_STEPS].map((sql) => ({ sql, params: run }));
      return (await write([again, ...since, ...clear, ...beside])) !== undefined;
    },

    async events({ name, match, after, limit }) {
      return (await reads.all(shared.EVENTS, { name, match, after, limit })).map(toEvent);
    },

    async holders({ automation, key }) {
      return (await reads.all(shared.HOLDERS, { automation, key })).map((row) => text(row, "id"));
    },

    async recover({ now, crashLimit }) {
      const results = await write([
        { sql: shared.FAIL_CRASHED, params: { now, crashLimit, error: crashedError(crashLimit) } },
        { sql: dialect.QUEUE_CRASHED },
        { sql: dialect.FREE_BLOCKED },
      ]);
      return { failed: (results?.[0]?.rows ?? []).map(toRun), queued: results?.[1]?.changes ?? 0 };
    },

    async counts() {
      return (await lagging.all(shared.COUNTS)).map(toCount);
    },

    async idsWith(part) {
      return (await reads.all(dialect.IDS_WITH, { part })).map((row) => text(row, "id"));
    },

    async list({ automation, status, before = AFTER_ALL, limit }) {
      const filter: SqlParams = {
        ...(automation === undefined ? {} : { automation }),
        ...(status === undefined ? {} : { status }),
      };
      const { page, total } = dialect.LISTS[listName(automation, status)];
      // One more than asked for tells whether there is a next page.
      const [found, counted] = await Promise.all([
        lagging.all(page, { ...filter, before, limit: limit + 1 }),
        lagging.get(total, filter),
      ]);
      const rows = found.map(toRun);
      const runs = rows.slice(0, limit);
      return {
        runs,
        total: counted === undefined ? 0 : number(counted, "total"),
        next: rows.length > limit ? runs.at(-1)?.id : undefined,
      };
    },

    async findUnfinished({ automation, event }) {
      const row = await reads.get(dialect.FIND_UNFINISHED, { automation, event });
      return row && toRun(row);
    },

    async putSchedule({ id, automation, expression, zone, nextAt, isAnew = false }) {
      const results = await write([
        { sql: shared.PUT_SCHEDULE, params: { id, automation, expression, zone, nextAt, isAnew: isAnew ? 1 : 0 } },
        { sql: shared.SCHEDULE, params: { id } },
      ]);
      const row = results?.[1]?.rows[0];
      if (row === undefined) throw new MillraceError("STORE_FAILED", `The schedule ${id} was not stored.`);
      return toSchedule(row);
    },

    async dropSchedule({ id, named }) {
      await change({ sql: shared.DROP_SCHEDULE, params: { id, named } });
    },

    async schedules() {
      return (await reads.all(shared.SCHEDULES)).map(toSchedule);
    },

    async fire({ scheduleId, seenAt, nextAt, run }) {
      const { statements, read } = admission(run);
      const results = await write([
        { sql: shared.FIRE, params: { id: scheduleId, seenAt, nextAt }, atLeast: 1 },
        ...statements,
      ]);
      return results && read(results.slice(1));
    },

    forget({ endedBefore, status }) {
      const bounds = { endedBefore, bornBefore: firstIdAt(endedBefore), limit: FORGET_BITE };
      if (status === undefined) return inBites({ sql: shared.FORGET, params: bounds });
      return inBites({ sql: dialect.FORGET_STATUS, params: { ...bounds, status } });
    },

    async forgetEvents({ before, now }) {
      await change({ sql: shared.FORGET_RATES, params: { now } });
      return inBites({ sql: shared.FORGET_EVENTS, params: { before, limit: FORGET_BITE } });
    },
  };
}

/** What an end does for others. */
export function afterEnd(
  { RELEASE, WAKE_PARENT }: Pick<RunDialect, "RELEASE" | "WAKE_PARENT">,
  { runId, now }: { readonly runId: string; readonly now: number },
): readonly Statement[] {
  return [
    { sql: RELEASE, params: { run: runId } },
    { sql: WAKE_PARENT, params: { run: runId, now } },
  ];
}

/** Highest priority first, then oldest: rows of a `returning` come in no promised order. */
export function byTurn(a: RunRecord, b: RunRecord): number {
  return b.priority - a.priority || a.availableAt - b.availableAt || (a.id < b.id ? -1 : 1);
}

/** The error of a run that is given up, as its column holds it. */
export function crashedError(crashLimit: number): string {
  const message = `The process died ${crashLimit} times while it executed this run, without a step stored in between.`;
  return JSON.stringify(toErrorRecord(new MillraceError("RUN_CRASHED", message)));
}

function listName(automation: string | undefined, status: string | undefined): keyof typeof shared.LISTS {
  if (automation !== undefined && status !== undefined) return "both";
  if (automation !== undefined) return "automation";
  return status === undefined ? "all" : "status";
}

/** The smallest UUID of version 7 that can be born at this time. */
function firstIdAt(at: number): string {
  const hex = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
