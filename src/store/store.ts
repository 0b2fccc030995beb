import type { ErrorRecord } from "../core/errors.ts";

/* Words: a *run* is one execution of an automation for one event; a *step* a named part of it whose result is stored
   once; a *claim* gives a run to a worker under a new *epoch*, and every write of the worker names the epoch it holds,
   so that a worker that lost its run is refused (fenced). Instants are milliseconds since the epoch, UTC. */

/** What a column can hold. Booleans are 0 or 1, instants are integers, JSON is text: converted in the row mapper only. */
export type SqlValue = string | number | bigint | Uint8Array | null;
/** Named parameters, without the colon: `{ id: "…" }` for `where id = :id`. */
export type SqlParams = Readonly<Record<string, SqlValue>>;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Statement {
  readonly sql: string;
  readonly params?: SqlParams;
  /** Fewer changed rows than this roll the whole write back: `write` then gives `undefined`. Default 0. */
  readonly atLeast?: number;
}

export interface StatementResult {
  readonly changes: number;
  /** Rows of a `returning` clause, in no promised order. */
  readonly rows: readonly Row[];
}

export interface InsertManyParams {
  readonly into: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** What a row does that clashes with a unique index: be left out and counted (`ignore`), or be rejected. Default reject. */
  readonly onConflict?: "ignore" | "reject";
}

export interface InsertManyResult {
  readonly inserted: number;
  readonly ignored: number;
  /** Rows the database refused; the others stand. */
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/** SQL for the tables of apps. The same statements must run on SQLite and on Postgres. */
export interface Database {
  /** Changes whenever anything in the database was written, by any process: what was read under the same version is as it was. */
  version(): number;
  /** Reads one row, or undefined. */
  get(sql: string, params?: SqlParams): Promise<Row | undefined>;
  /** Reads all rows. */
  all(sql: string, params?: SqlParams): Promise<readonly Row[]>;
  /**
   * Runs statements in one transaction: all or nothing. Undefined when a statement changed fewer rows than its `atLeast`.
   * Throws STORE_FAILED with the statement's number and the database's reason, STORE_COMMIT_FAILED when the commit
   * itself failed; in both cases nothing of it is stored.
   */
  write(statements: readonly Statement[]): Promise<readonly StatementResult[] | undefined>;
  /**
   * Inserts rows in one transaction. A bad row is reported and the others stand; a failed commit rolls back all and
   * throws STORE_COMMIT_FAILED.
   */
  insertMany(params: InsertManyParams): Promise<InsertManyResult>;
  /**
   * Brings the tables of one owner (an app, or "millrace" itself) up to date: runs the `NNNN-name.sql` files of the folder that
   * were not run yet, in order, each in a transaction. Throws STORE_NEWER when the database has seen a file that this
   * folder does not have.
   */
  migrate(params: { readonly owner: string; readonly directory: URL }): Promise<void>;
}

export type RunStatus = "queued" | "running" | "waiting" | "done" | "failed" | "canceled";

/** A run as it stands. JSON columns are text: parse them where they are used. */
export interface RunRecord {
  readonly id: string;
  readonly automation: string;
  readonly status: RunStatus;
  /** The event that started it, as JSON text. */
  readonly event: string;
  readonly priority: number;
  readonly epoch: number;
  /** Attempts of the whole run that ended in an error outside of steps. */
  readonly attempt: number;
  /** Times the process died while it ran, without a step stored in between. */
  readonly crashes: number;
  /** What the automation returned, as JSON text; null until done. */
  readonly output: string | null;
  readonly error: ErrorRecord | null;
  readonly createdAt: number;
  /** Earliest start, or end of a backoff. */
  readonly availableAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** `open`: an attempt failed and another is due; `done` and `failed` are final. */
export type StepState = "open" | "done" | "failed";

export interface StepRecord {
  /** The step's name, `name#1` for its second use in a run, `name:key` for an item of a map. */
  readonly id: string;
  readonly state: StepState;
  /** JSON text; null unless done. */
  readonly output: string | null;
  readonly error: ErrorRecord | null;
  readonly attempt: number;
  readonly startedAt: number;
  /** For an open step: when its next attempt is due. */
  readonly endedAt: number | null;
}

export interface AdmitParams {
  /** A UUID of version 7: lists and retention go by order of birth. */
  readonly id: string;
  readonly automation: string;
  /** JSON text. */
  readonly event: string;
  /** Idempotency key: a second admission under it answers with the first run. Kept as long as the run. */
  readonly key?: string;
  readonly priority?: number;
  readonly availableAt?: number;
  readonly now: number;
}

export interface AdmitResult {
  readonly runId: string;
  /** False: the key was known, nothing was stored. */
  readonly isNew: boolean;
}

export interface PutStepParams {
  readonly runId: string;
  readonly epoch: number;
  readonly step: StepRecord;
}

/** `stored`; `fenced`: the run is no longer held under this epoch; `kept`: a final result under this id stands already. */
export type PutResult = "stored" | "fenced" | "kept";

export type Ending =
  | { readonly status: "done"; readonly output: string }
  | { readonly status: "failed"; readonly error: ErrorRecord };

export interface RunsPage {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** All that match the filter, not only this page. */
  readonly total: number;
  /** Give it as `before` for the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** A schedule: cron expression in a zone, and when it fires next. */
export interface ScheduleRecord {
  readonly id: string;
  readonly automation: string;
  readonly expression: string;
  readonly zone: string;
  readonly nextAt: number;
  readonly lastAt: number | null;
}

/** What the engine of runs needs of a database; one method a fact. Every implementation passes `runStoreContract`. */
export interface RunStore {
  /** Stores a queued run, unless its key is known. */
  admit(params: AdmitParams): Promise<AdmitResult>;
  /** Gives runs that are due to a worker, at most `limit`, highest priority first, then oldest; raises their epochs. */
  claim(params: {
    readonly workerId: string;
    readonly automations: readonly string[];
    readonly limit: number;
    readonly now: number;
  }): Promise<readonly RunRecord[]>;
  /** The earliest `availableAt` of queued runs that are not due yet; undefined when there are none. */
  nextDueAt(params: { readonly now: number }): Promise<number | undefined>;
  /** All steps of a run, in order of their ids. */
  steps(runId: string): Promise<readonly StepRecord[]>;
  /** Stores the outcome of a step. A final result is stored once: first write wins. A `done` one resets `crashes`. */
  put(params: PutStepParams): Promise<PutResult>;
  /** Gives a running run back to the queue until `availableAt`. False: fenced. */
  park(params: {
    readonly runId: string;
    readonly epoch: number;
    readonly availableAt: number;
    readonly attempt: number;
    readonly error: ErrorRecord | null;
  }): Promise<boolean>;
  /** Ends a run. False: fenced, nothing was changed. */
  finish(params: {
    readonly runId: string;
    readonly epoch: number;
    readonly ending: Ending;
    readonly now: number;
  }): Promise<boolean>;
  /** Cancels a run that has not ended; raises its epoch, so that the step in flight is fenced. False: it had ended. */
  cancel(params: { readonly runId: string; readonly now: number }): Promise<boolean>;
  /** Queues a failed or canceled run again, keeping its finished steps; failed steps and counters are cleared. False: wrong status. */
  retry(params: { readonly runId: string; readonly now: number }): Promise<boolean>;
  /**
   * Embedded recovery, by the owner before its first claim: whatever is `running` belonged to a process that is gone, so it is
   * queued again; one that crashed `crashLimit` times without a step in between fails with RUN_CRASHED, and is given back.
   */
  recover(params: {
    readonly now: number;
    readonly crashLimit: number;
  }): Promise<{ readonly queued: number; readonly failed: readonly RunRecord[] }>;
  /** Which of these claims no longer hold (canceled, or taken over). */
  lostClaims(claims: readonly { readonly runId: string; readonly epoch: number }[]): Promise<readonly string[]>;
  get(runId: string): Promise<RunRecord | undefined>;
  /** Ids that begin or end with a text, newest first, at most 2: enough to tell one from many. */
  idsWith(part: string): Promise<readonly string[]>;
  list(params: {
    readonly automation?: string;
    readonly status?: RunStatus;
    readonly before?: string;
    readonly limit: number;
  }): Promise<RunsPage>;
  /** The newest unfinished run of an automation with exactly this event. */
  findUnfinished(params: { readonly automation: string; readonly event: string }): Promise<RunRecord | undefined>;
  /** Records a schedule; an unchanged one keeps its `nextAt` and `lastAt`, a changed one starts anew. */
  putSchedule(schedule: Omit<ScheduleRecord, "lastAt">): Promise<ScheduleRecord>;
  /** Forgets schedules that are not among these ids. */
  keepSchedules(ids: readonly string[]): Promise<void>;
  schedules(): Promise<readonly ScheduleRecord[]>;
  /**
   * Moves a schedule on by compare-and-set from `seenAt` to `nextAt` and admits its run, in one transaction. Undefined:
   * somebody else fired it.
   */
  fire(params: {
    readonly scheduleId: string;
    readonly seenAt: number;
    readonly nextAt: number;
    readonly run: AdmitParams;
  }): Promise<AdmitResult | undefined>;
  /** Deletes runs that ended before `endedBefore`, in bites of 500; gives how many went. */
  forget(params: { readonly endedBefore: number }): Promise<number>;
}

export interface Store {
  readonly runs: RunStore;
  readonly db: Database;
  /**
   * True when this process owns the data and may execute runs; false when another one does (then: read, admit, cancel).
   * Tries to become the owner each time it is asked.
   */
  own(): Promise<boolean>;
  /** True when another process has written since this was last asked. */
  hasOutsideChanges(): boolean;
  /** For `doctor`: where it is, its size in bytes, its settings as read back from every connection. */
  describe(): Promise<StoreDescription>;
  /** Writes what is pending, then closes every connection. */
  close(): Promise<void>;
}

export interface StoreDescription {
  readonly kind: string;
  readonly location: string;
  readonly bytes: number;
  readonly connections: readonly { readonly name: string; readonly settings: Readonly<Record<string, SqlValue>> }[];
}
