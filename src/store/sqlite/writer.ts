import { Worker } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { moduleUrl } from "../../core/module-url.ts";
import type { InsertManyResult, SqlValue, Statement, StatementResult } from "../store.ts";
import type { Durability } from "./connection.ts";
import {
  type CallResult,
  type Failure,
  isFailure,
  type Job,
  type LearnedStatement,
  type MigrationFile,
  type Outcome,
  type StatementCall,
  type WriterAnswer,
  type WriterData,
  type WriterRequest,
} from "./protocol.ts";
import { toRows } from "./rows.ts";
import { createStatementCache } from "./statement-cache.ts";
import { parseStatement, type StatementText } from "./statement-text.ts";
import { toValues } from "./values.ts";

/** The main thread's end of the writer thread. What is asked in one tick is written in one transaction. */
export interface Writer {
  write(statements: readonly Statement[]): Promise<readonly StatementResult[] | undefined>;
  insertRows(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<InsertManyResult>;
  migrate(owner: string, files: readonly MigrationFile[]): Promise<void>;
  settings(): Promise<Readonly<Record<string, SqlValue>>>;
  /** Whether something is being written, or about to be. */
  isWriting(): boolean;
  /** The data version of the thread's connection, which changes when another one writes. */
  version(): Promise<number>;
  /** Takes no more writes, and resolves when those taken are answered. */
  stop(): Promise<void>;
  /** Ends the thread. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly log: Log | undefined;
  /** Called after each group with the data version of the thread's connection. */
  readonly onGroup: (version: number) => void;
}

interface NumberedText extends StatementText {
  readonly statement: number;
}

interface PendingJob {
  readonly job: Job;
  readonly resolve: (outcome: Exclude<Outcome, Failure>) => void;
  readonly reject: (error: unknown) => void;
}

interface PendingAnswer {
  readonly resolve: (answer: Exclude<WriterAnswer, Failure>) => void;
  readonly reject: (error: unknown) => void;
}

/** Frames are copied from the journal to the file when nothing was written for this long, in milliseconds. */
const IDLE_MS = 1_000;
/** And after about this many jobs, however busy the thread is; SQLite's own checkpoint is the last resort. */
const CHECKPOINT_JOBS = 2_000;

/** Starts the writer thread. Throws DATA_UNUSABLE when the file cannot be opened for writing. */
export async function startWriter({ path, durability, clock, log, onGroup }: WriterOptions): Promise<Writer> {
  const workerData: WriterData = { path, durability };
  // Without the flags of the process: `node -e` hands down some that a thread cannot start with.
  const worker = new Worker(moduleUrl(import.meta.url, "./writer-thread"), {
    workerData,
    name: "millrace-writer",
    execArgv: [],
  });
  const answers: PendingAnswer[] = [];
  let nextStatement = 1;
  let learn: LearnedStatement[] = [];
  let forget: number[] = [];
  let pending: PendingJob[] = [];
  let groupsInFlight = 0;
  let jobsSinceCheckpoint = 0;
  let isIdleTimerSet = false;
  let isStopped = false;
  let gone: Error | undefined;
  const texts = createStatementCache<string, NumberedText>({ onEvict: (text) => void forget.push(text.statement) });

  worker.on("message", (answer: WriterAnswer) => {
    const waiting = answers.shift();
    if (answers.length === 0) worker.unref();
    if (answer.kind === "failed") waiting?.reject(toError(answer));
    else waiting?.resolve(answer);
  });
  worker.on("error", (error) => lose(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", () => lose(new Error("the writer thread has ended")));

  function lose(error: Error): void {
    if (gone === undefined) {
      gone = error;
      if (answers.length + pending.length > 0) log?.error({ error }, "the writer thread of the database is gone");
    }
    for (const waiting of [...answers.splice(0), ...pending.splice(0)]) waiting.reject(closedError(error));
  }

  function ask(request: WriterRequest): Promise<Exclude<WriterAnswer, Failure>> {
    if (gone !== undefined) return Promise.reject(closedError(gone));
    return new Promise((resolve, reject) => {
      worker.ref();
      answers.push({ resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      worker.postMessage(request);
    });
  }

  function intern(sql: string, parse: (sql: string) => StatementText = parseStatement): NumberedText {
    return texts.get(sql, () => {
      const text = { statement: nextStatement, ...parse(sql) };
      nextStatement += 1;
      learn.push({ statement: text.statement, sql, bySlot: text.bySlot });
      return text;
    });
  }

  function add(job: Job): Promise<Exclude<Outcome, Failure>> {
    if (gone !== undefined || isStopped) return Promise.reject(closedError(gone ?? new Error("the store is closed")));
    return new Promise((resolve, reject) => {
      if (pending.length === 0) setImmediate(flush);
      pending.push({ job, resolve, reject });
    });
  }

  function flush(): void {
    if (pending.length === 0) return;
    const sent = pending;
    const request: WriterRequest = { kind: "group", learn, jobs: sent.map(({ job }) => job), forget };
    pending = [];
    learn = [];
    forget = [];
    groupsInFlight += 1;
    ask(request).then(
      (answer) => settle(sent, answer),
      (error: unknown) => {
        groupsInFlight -= 1;
        for (const job of sent) job.reject(error);
      },
    );
  }

  function settle(sent: readonly PendingJob[], answer: Exclude<WriterAnswer, Failure>): void {
    groupsInFlight -= 1;
    if (answer.kind !== "group") return;
    onGroup(answer.version);
    for (const [index, { resolve, reject }] of sent.entries()) {
      const outcome = answer.outcomes[index];
      if (outcome === undefined) reject(closedError(new Error("it gave no answer")));
      else if (isFailure(outcome)) reject(toError(outcome));
      else resolve(outcome);
    }
    jobsSinceCheckpoint += sent.length;
    if (jobsSinceCheckpoint >= CHECKPOINT_JOBS) checkpoint();
    else if (!isIdleTimerSet) waitUntilIdle(jobsSinceCheckpoint);
  }

  function waitUntilIdle(seen: number): void {
    isIdleTimerSet = true;
    clock.after(IDLE_MS, () => {
      isIdleTimerSet = false;
      if (gone !== undefined || jobsSinceCheckpoint === 0) return;
      if (jobsSinceCheckpoint === seen) checkpoint();
      else waitUntilIdle(jobsSinceCheckpoint);
    });
  }

  function checkpoint(): void {
    jobsSinceCheckpoint = 0;
    ask({ kind: "checkpoint" }).catch((error: unknown) =>
      log?.warn({ error }, "the database's journal was not copied"),
    );
  }

  const opened = new Promise<Exclude<WriterAnswer, Failure>>(
    (resolve, reject) => void answers.push({ resolve, reject }),
  );
  await opened;

  return {
    async write(statements) {
      const calls = statements.map(({ sql, params = {}, atLeast = 0 }): StatementCall => {
        const text = intern(sql);
        return [text.statement, atLeast, ...toValues(text, params)];
      });
      const outcome = await add(calls);
      return outcome === null || "kind" in outcome ? undefined : outcome.map(toResult);
    },
    async insertRows(sql, rows) {
      const { statement } = intern(sql, placedStatement);
      const outcome = await add({ statement, rows });
      if (outcome !== null && "kind" in outcome) return outcome;
      throw new MillraceError("INTERNAL", "The writer thread answered an insert as if it were a write.");
    },
    async migrate(owner, files) {
      await ask({ kind: "migrate", owner, files, now: clock.now() });
    },
    async settings() {
      const answer = await ask({ kind: "settings" });
      return answer.kind === "settings" ? answer.settings : {};
    },
    isWriting: () => pending.length + groupsInFlight > 0,
    async version() {
      const answer = await ask({ kind: "look" });
      return answer.kind === "looked" ? answer.version : Number.NaN;
    },
    async stop() {
      isStopped = true;
      flush();
      if (gone === undefined) await ask({ kind: "look" });
    },
    async close() {
      isStopped = true;
      if (gone === undefined) await ask({ kind: "close" });
    },
  };
}

function toResult(result: CallResult): StatementResult {
  if (typeof result === "number") return { changes: result, rows: [] };
  return { changes: result.changes, rows: toRows(result.columns, result.rows) };
}

/** A statement whose values are given by place already. */
function placedStatement(sql: string): StatementText {
  return { sql, bySlot: sql, slots: [], parameters: new Set() };
}

function toError({ code, message, facts, isRetryable }: Failure): MillraceError {
  return new MillraceError(code, message, { facts, isRetryable });
}

function closedError(cause: Error): MillraceError {
  return new MillraceError("STORE_FAILED", `The store cannot write: ${cause.message}.`, { cause, isRetryable: false });
}
