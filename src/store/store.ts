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

export interface HeavyReadOptions {
  /** Ends the read, whatever it was about to do. */
  readonly signal?: AbortSignal;
  /** For all of it, the wait for a reader and the time that its rows are used included, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
}

/**
 * Reads that look at many rows: reports, exports, histories. They are executed beside the thread that asks, by readers of which there are so
 * many and no more. Each sees everything that was written before it began. Throws CAPACITY_REACHED when no reader is free in time, READ_TIMEOUT
 * when the time is up, CALL_ABORTED with the signal's reason as its cause, otherwise what `get` and `all` throw.
 */
export interface HeavyReads {
  /** Reads all rows, at most `mostRows` (default 100 000). Throws CAPACITY_REACHED when there are more. */
  all(
    sql: string,
    params?: SqlParams,
    options?: HeavyReadOptions & { readonly mostRows?: number },
  ): Promise<readonly Row[]>;
  /** Gives the rows in chunks of at most 500, as they are asked for. Whoever stops early gives the reader back. */
  chunks(sql: string, params?: SqlParams, options?: HeavyReadOptions): AsyncGenerator<readonly Row[], void>;
}

/** SQL for the tables of apps. The same statements must run on SQLite and on Postgres. */
export interface Database {
  /** Changes whenever anything in the database was written, by any process: what was read under the same version is as it was. */
  version(): number;
  /** Reads one row, or undefined. */
  get(sql: string, params?: SqlParams): Promise<Row | undefined>;
  /** Reads all rows: few, found by an index. */
  all(sql: string, params?: SqlParams): Promise<readonly Row[]>;
  /** Reads that look at many rows. */
  readonly heavy: HeavyReads;
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

/** Where a run stands that nobody executes: may start, waits for a time or an event, waits for a place under its limit. */
export type RunLane = "ready" | "later" | "blocked";

/** A run as it stands. JSON columns are text: parse them where they are used. */
export interface RunRecord {
  readonly id: string;
  readonly automation: string;
  /** Of the automation's definition that admitted it. */
  readonly version: number;
  readonly status: RunStatus;
  readonly lane: RunLane | null;
  /** The event that started it, as JSON text; a list of them for a batch. */
  readonly event: string;
  /** The run whose `step.call` started it. */
  readonly parent: string | null;
  readonly priority: number;
  /** Runs of one automation with one key share its concurrency limit. Null: there is none. */
  readonly concurrencyKey: string | null;
  /** Set while further events may still join it (debounce, batch). */
  readonly mergeKey: string | null;
  /** How many events it stands for. */
  readonly merged: number;
  /** The last event that was stored when it was born: its waits see every later one. */
  readonly seen: number;
  readonly epoch: number;
  /** Attempts of the whole run that ended in an error outside of steps. */
  readonly attempt: number;
  /** Times the process died while it ran, without a step stored in between. */
  readonly crashes: number;
  /** What the automation returned, as JSON text; null until done. */
  readonly output: string | null;
  readonly error: ErrorRecord | null;
  /** How it will end once its compensations are through; null while nothing is to be undone. */
  readonly undoing: GivenUp | null;
  readonly createdAt: number;
  /** Earliest start, or end of a backoff, a sleep or a wait. */
  readonly availableAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** `open`: an attempt failed and another is due, or it sleeps or waits; `done` and `failed` are final. */
export type StepState = "open" | "done" | "failed";

/** `run`: a body; `sleep`: a time; `wait`: an event; `call`: another run. */
export type StepKind = "run" | "sleep" | "wait" | "call";

export interface StepRecord {
  /**
   * The step's name, `name#1` for its second use in a run, `name:key` for an item of a map, `#undo:name` for what undoes it.
   */
  readonly id: string;
  readonly kind: StepKind;
  readonly state: StepState;
  /** JSON text; null unless done. */
  readonly output: string | null;
  readonly error: ErrorRecord | null;
  readonly attempt: number;
  readonly startedAt: number;
  /** For an open step: when its next attempt is due, or its sleep or wait is over. */
  readonly endedAt: number | null;
  /** For a wait: the name of the event. */
  readonly event: string | null;
  /** For a wait: what the event's `match` must be, null for any. For a call: the id of the other run. */
  readonly match: string | null;
  /** For a wait: the `seq` of the last event that it has looked at. */
  readonly cursor: number | null;
  /** Whether it is to be undone when the run fails or is canceled. */
  readonly isUndoable: boolean;
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
  /** Default 1. */
  readonly version?: number;
  readonly parent?: string;
  readonly concurrencyKey?: string;
  readonly rate?: AdmitRate;
  /** Not together with a rate. */
  readonly merge?: AdmitMerge;
  readonly now: number;
}

/**
 * A bucket of `limit` tokens a key that fills up within `perMs` (the generic cell rate algorithm, one instant a key). What comes over the
 * limit is delayed, or dropped. A known idempotency key takes no token.
 */
export interface AdmitRate {
  readonly key: string;
  readonly limit: number;
  readonly perMs: number;
  readonly over: "delay" | "drop";
}

/**
 * Joins events into one held run a key. `debounce`: the last event wins, and the run starts `forMs` after it, at most `maxMs` after the
 * first. `batch`: the run's event is a JSON list of all; it starts when there are `max`, or `waitMs` after the first.
 */
export type AdmitMerge =
  | { readonly kind: "debounce"; readonly key: string; readonly forMs: number; readonly maxMs: number }
  | { readonly kind: "batch"; readonly key: string; readonly max: number; readonly waitMs: number };

export interface AdmitResult {
  /** The new run; the one that holds the key; the one that the event joined. */
  readonly runId: string;
  /** False: the key was known, or a held run took the event in, or it was dropped. */
  readonly isNew: boolean;
  /** True: it came over its rate, and nothing was stored. */
  readonly isDropped: boolean;
}

/** A stored event. */
export interface EventRecord {
  /** Grows from event to event. */
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  /** What waits compare. */
  readonly match: string | null;
  /** JSON text. */
  readonly data: string;
  readonly at: number;
}

export interface EmitParams extends Omit<EventRecord, "seq" | "at"> {
  readonly now: number;
  /** The runs that it starts. */
  readonly runs: readonly AdmitParams[];
}

export interface EmitResult {
  /** False: an event of this id was stored before, and nothing was done. */
  readonly isNew: boolean;
  /** What became of the runs, in their order; empty when it is not new. */
  readonly admitted: readonly AdmitResult[];
}

/** How many runs of an automation with one key may be executed at once. */
export interface Gate {
  readonly automation: string;
  readonly limit: number;
}

export interface PutStepParams {
  readonly runId: string;
  readonly epoch: number;
  readonly step: StepRecord;
  /** Written in the same transaction: all of it or nothing. */
  readonly beside?: readonly Statement[];
  /** True: the run has no crashes to forgive, which spares the look. Default false. */
  readonly isCalm?: boolean;
}

/**
 * `stored`; `fenced`: the run is no longer held under this epoch; `kept`: a final result under this id stands already; `refused`: a
 * statement beside it changed fewer rows than its `atLeast`, and nothing was stored.
 */
export type PutResult = "stored" | "fenced" | "kept" | "refused";

/** `parked`; `fenced`; `unseen`: an event or an end that it waits for is there already, and it stays with its worker. */
export type ParkResult = "parked" | "fenced" | "unseen";

/** An ending that calls for compensation. */
export type GivenUp = { readonly status: "failed"; readonly error: ErrorRecord } | { readonly status: "canceled" };

export type Ending = { readonly status: "done"; readonly output: string } | GivenUp;

export interface RunsPage {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** All that match the filter, not only this page. */
  readonly total: number;
  /** Give it as `before` for the next page; undefined at the end. */
  readonly next: string | undefined;
}

export interface RunCount {
  readonly automation: string;
  readonly status: RunStatus;
  readonly runs: number;
}

/** A schedule: cron expression in a zone, and when it fires next. */
export interface ScheduleRecord {
  readonly id: string;
  readonly automation: string;
  readonly expression: string;
  readonly zone: string;
  readonly nextAt: number;
  readonly lastAt: number | null;
  /** How often processes have named it: it grows as long as one lives that knows it. */
  readonly named: number;
}

/** What the engine of runs needs of a database; one method a fact. Every implementation passes `runStoreContract`. */
export interface RunStore {
  /** Stores a queued run, unless its key is known, its rate drops it, or a held run takes its event in. */
  admit(params: AdmitParams): Promise<AdmitResult>;
  /**
   * Gives runs that are due to a worker, at most `limit`, highest priority first, then oldest; raises their epochs. Never more of one
   * automation and concurrency key at once than its gate allows, over all workers; the others are blocked until one of them parks or ends.
   */
  claim(params: {
    readonly workerId: string;
    readonly automations: readonly string[];
    /** Of the automations that have a limit. Default none. */
    readonly gates?: readonly Gate[];
    readonly limit: number;
    readonly now: number;
  }): Promise<readonly RunRecord[]>;
  /** The earliest `availableAt` of queued runs that are not due yet; undefined when there are none. */
  nextDueAt(params: { readonly now: number }): Promise<number | undefined>;
  /** All steps of a run, in order of their ids. */
  steps(runId: string): Promise<readonly StepRecord[]>;
  /** Stores the outcome of a step. A final result is stored once: first write wins. A `done` one resets `crashes`. */
  put(params: PutStepParams): Promise<PutResult>;
  /**
   * Gives a running run back until `availableAt`: `queued` for another attempt (default), or `waiting` for the end of a sleep, an event
   * or another run, which wakes it earlier. Frees its place under its limit.
   */
  park(params: {
    readonly runId: string;
    readonly epoch: number;
    readonly status?: "queued" | "waiting";
    readonly availableAt: number;
    readonly attempt: number;
    readonly error: ErrorRecord | null;
    /** True: it has neither a concurrency key nor a parent, which spares the look for whom its end concerns. Default false. */
    readonly isAlone?: boolean;
  }): Promise<ParkResult>;
  /** Settles how a running run will end once its compensations are through. False: fenced, or settled before. */
  undo(params: { readonly runId: string; readonly epoch: number; readonly ending: GivenUp }): Promise<boolean>;
  /** Ends a run, frees its place under its limit, and wakes the run that called it. False: fenced, nothing was changed. */
  finish(params: {
    readonly runId: string;
    readonly epoch: number;
    readonly ending: Ending;
    readonly now: number;
    /** As for `park`. Default false. */
    readonly isAlone?: boolean;
  }): Promise<boolean>;
  /**
   * Cancels a run that has not ended; raises its epoch, so that the step in flight is fenced. One with steps to undo is queued for that,
   * and ends as canceled afterwards. False: it had ended, or is being undone already.
   */
  cancel(params: {
    readonly runId: string;
    readonly now: number;
    /** Written in the same transaction; false as well when one of them changed too little. */
    readonly beside?: readonly Statement[];
  }): Promise<boolean>;
  /**
   * Queues a failed or canceled run again, keeping its finished steps; failed and undone ones and counters are cleared. With `from` also a
   * done run, and the step of that id (or the items of that map) and all that ended since it began are cleared. False: wrong status.
   */
  retry(params: {
    readonly runId: string;
    readonly now: number;
    readonly from?: string;
    /** The version that the run goes on with. Default: the one it has. */
    readonly version?: number;
    /** As for `cancel`. */
    readonly beside?: readonly Statement[];
  }): Promise<boolean>;
  /**
   * Stores an event, starts its runs, and wakes the runs that wait for it, in one transaction. An id that is known changes nothing.
   */
  emit(params: EmitParams): Promise<EmitResult>;
  /** Events of a name after `after` that fit `match` (null: any), oldest first. */
  events(params: {
    readonly name: string;
    readonly match: string | null;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly EventRecord[]>;
  /** The runs that hold the places under a concurrency limit now. */
  holders(params: { readonly automation: string; readonly key: string }): Promise<readonly string[]>;
  /**
   * Embedded recovery, by the owner before its first claim: whatever is `running` belonged to a process that is gone, so it is
   * queued again, and so is what was blocked; one that crashed `crashLimit` times without a step in between fails with RUN_CRASHED, and is given back.
   */
  recover(params: {
    readonly now: number;
    readonly crashLimit: number;
  }): Promise<{ readonly queued: number; readonly failed: readonly RunRecord[] }>;
  /** Which of these claims no longer hold (canceled, or taken over). */
  lostClaims(claims: readonly { readonly runId: string; readonly epoch: number }[]): Promise<readonly string[]>;
  get(runId: string): Promise<RunRecord | undefined>;
  /** How many runs each automation has in each status; statuses without any are left out. Never a look at the runs themselves on SQLite. */
  counts(): Promise<readonly RunCount[]>;
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
  /** Names a schedule; an unchanged one keeps its `nextAt` and `lastAt`, unless it `isAnew`, a changed one starts anew. */
  putSchedule(
    schedule: Omit<ScheduleRecord, "lastAt" | "named"> & { readonly isAnew?: boolean },
  ): Promise<ScheduleRecord>;
  /** Forgets a schedule, unless it was named since it was seen `named` so often. */
  dropSchedule(schedule: Pick<ScheduleRecord, "id" | "named">): Promise<void>;
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
  /** Deletes runs that ended before `endedBefore`, of one status or of all, in bites of 500; gives how many went. */
  forget(params: { readonly endedBefore: number; readonly status?: "done" | "failed" | "canceled" }): Promise<number>;
  /**
   * Deletes events stored before `before`, except those that an open wait has yet to look at, and rates that are idle at `now`; gives how
   * many events went.
   */
  forgetEvents(params: { readonly before: number; readonly now: number }): Promise<number>;
}

export interface Store {
  readonly runs: RunStore;
  readonly db: Database;
  /**
   * True when this process owns the data and may execute runs; false when another one does (then: read, admit, cancel).
   * Tries to become the owner each time it is asked.
   */
  own(): Promise<boolean>;
  /** True when another process has written since this was last asked. What has just been written may be heard of a moment later. */
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
