import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { InsertManyResult, SqlValue, Statement, StatementResult } from "../store.ts";
import { createCheckpointer } from "./checkpointer.ts";
import { createCheckpoints } from "./checkpoints.ts";
import type { Durability } from "./durability.ts";
import {
  type CallResult,
  type Failure,
  isFailure,
  type Job,
  type LearnedStatement,
  type MigrationFile,
  type Outcome,
  type StatementCall,
} from "./protocol.ts";
import { isPlainValue } from "./message-text.ts";
import { toRows } from "./rows.ts";
import { createStatementCache } from "./statement-cache.ts";
import { parseStatement, type StatementText } from "./statement-text.ts";
import { toValues } from "./values.ts";
import { createWriteQueue, type QueuedWrite, type WritePriority } from "./write-queue.ts";
import { toError } from "./thread-channel.ts";
import { type Answer, cannotWrite, openWriterChannel } from "./writer-channel.ts";

/** The main thread's end of the writer thread. What is asked in one tick is written in few transactions: see `write-queue.ts`. */
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
  /** Statements that take so long, in milliseconds, are logged with their plan. */
  readonly slowMs: number;
  /** Called after each group with the data version of the thread's connection. */
  readonly onGroup: (version: number) => void;
}

interface NumberedText extends StatementText {
  readonly statement: number;
}

interface PendingJob extends QueuedWrite {
  readonly job: Job;
  /** Whether JSON holds all of its values. */
  readonly isPlain: boolean;
  readonly resolve: (outcome: Exclude<Outcome, Failure>) => void;
}

/** Groups on their way to the thread: while it writes one, this thread makes the next. */
const MOST_GROUPS = 2;
/** What more runs write at once goes in two groups, so that both threads work: as few as this in each. */
const COHORT = 16;
/** Where each commit is a flush to disk, everything at hand shares it. */
const LARGEST_FLUSH = 1_000;

/** Starts the writer thread. Throws DATA_UNUSABLE when the file cannot be opened for writing. */
export async function startWriter({ path, durability, clock, log, slowMs, onGroup }: WriterOptions): Promise<Writer> {
  const channel = await openWriterChannel({ path, durability, slowMs });
  const texts = createStatementCache<string, NumberedText>({
    onEvict: ({ statement }) => void evicted.push({ statement, lastUse: nextWrite }),
  });
  let nextStatement = 1;
  let learn: LearnedStatement[] = [];
  let nextWrite = 1;
  /** Statements that the thread may forget when no write that may name them waits any more. */
  let evicted: { readonly statement: number; readonly lastUse: number }[] = [];
  let groupsInFlight = 0;
  let isStopped = false;
  let isPumpDue = false;
  let drained: (() => void)[] = [];
  const isFlushed = durability === "full";
  const queue = createWriteQueue<PendingJob>({
    clock,
    smallest: isFlushed ? LARGEST_FLUSH : COHORT,
    largest: isFlushed ? LARGEST_FLUSH : 512,
  });

  const checkpointer = createCheckpointer({ path, durability, slowMs });
  const checkpoints = createCheckpoints({
    clock,
    checkpoint(why) {
      const done = why === "busy" ? checkpointer.checkpoint() : checkpointIdle();
      done.catch((error: unknown) => log?.warn({ error }, "the journal of the database was not copied"));
    },
  });

  /** Nobody waits for the thread that writes. */
  async function checkpointIdle(): Promise<void> {
    await Promise.all([checkpointer.rest(), channel.ask({ kind: "checkpoint" })]);
  }

  function number(text: StatementText): NumberedText {
    const statement = nextStatement++;
    learn.push({ statement, sql: text.sql, bySlot: text.bySlot });
    return { statement, ...text };
  }

  function add(job: Job, priority: WritePriority, { bytes, isPlain }: Load): Promise<Exclude<Outcome, Failure>> {
    if (isStopped) return Promise.reject(cannotWrite(new Error("the store is closed")));
    return new Promise((resolve, reject) => {
      queue.add({ job, priority, sequence: nextWrite++, bytes, isPlain, resolve, reject });
      pumpSoon();
    });
  }

  /** Once nothing is left to do of what goes on now: what else is asked by then goes along. */
  function pumpSoon(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    process.nextTick(() => {
      isPumpDue = false;
      pump();
    });
  }

  function pump(): void {
    while (groupsInFlight < MOST_GROUPS) {
      const group = queue.take();
      if (group.length === 0) break;
      send(group);
    }
    if (queue.size > 0 || groupsInFlight > 0) return;
    for (const resolve of drained) resolve();
    drained = [];
  }

  function send(sent: readonly PendingJob[]): void {
    const isPlain = sent.every((one) => one.isPlain);
    const asked = channel.ask({ kind: "group", learn, jobs: sent.map(({ job }) => job), forget: forget() }, isPlain);
    learn = [];
    groupsInFlight += 1;
    asked.then(
      (answer) => settle(sent, answer),
      (error: unknown) => {
        groupsInFlight -= 1;
        for (const { reject } of sent) reject(error as MillraceError);
        pumpSoon();
      },
    );
  }

  function forget(): readonly number[] {
    if (evicted.length === 0) return [];
    const oldest = queue.oldest();
    const gone = evicted.filter(({ lastUse }) => lastUse < oldest);
    evicted = evicted.filter(({ lastUse }) => lastUse >= oldest);
    return gone.map(({ statement }) => statement);
  }

  function settle(sent: readonly PendingJob[], answer: Answer): void {
    groupsInFlight -= 1;
    if (answer.kind !== "group") return;
    onGroup(answer.version);
    for (const slow of answer.slow ?? []) log?.warn({ ...slow }, "a write was slow");
    for (const [index, { resolve, reject }] of sent.entries()) {
      const outcome = answer.outcomes[index];
      if (outcome === undefined) reject(cannotWrite(new Error("the writer thread gave no answer")));
      else if (isFailure(outcome)) reject(toError(outcome));
      else resolve(outcome);
    }
    checkpoints.wrote(sent.length);
    pumpSoon();
  }

  return {
    async write(statements) {
      const load = newLoad();
      const calls = statements.map(({ sql, params = {}, atLeast = 0 }): StatementCall => {
        const text = texts.get(sql, () => number(parseStatement(sql)));
        const values = toValues(text, params);
        weigh(load, values);
        return [text.statement, atLeast, ...values];
      });
      const outcome = await add(calls, "prompt", load);
      return outcome === null || "kind" in outcome ? undefined : outcome.map(toResult);
    },
    async insertRows(sql, rows) {
      const { statement } = texts.get(`rows: ${sql}`, () => number(placedStatement(sql)));
      const load = newLoad();
      for (const row of rows) weigh(load, row);
      const outcome = await add({ statement, rows }, "bulk", load);
      if (outcome !== null && "kind" in outcome) return outcome;
      throw new MillraceError("INTERNAL", "The writer thread answered an insert as if it were a write.");
    },
    async migrate(owner, files) {
      await channel.ask({ kind: "migrate", owner, files, now: clock.now() });
    },
    async settings() {
      const answer = await channel.ask({ kind: "settings" });
      return answer.kind === "settings" ? answer.settings : {};
    },
    isWriting: () => queue.size + groupsInFlight > 0,
    async version() {
      const answer = await channel.ask({ kind: "look" });
      return answer.kind === "looked" ? answer.version : Number.NaN;
    },
    async stop() {
      isStopped = true;
      if (queue.size + groupsInFlight > 0) {
        await new Promise<void>((resolve) => {
          drained.push(resolve);
          pump();
        });
      }
    },
    async close() {
      isStopped = true;
      checkpoints.stop();
      await checkpointer.rest();
      if (!channel.isGone()) await channel.close({ kind: "close" });
    },
  };
}

/** What a write brings along. */
interface Load {
  bytes: number;
  isPlain: boolean;
}

function newLoad(): Load {
  return { bytes: 0, isPlain: true };
}

function weigh(load: Load, values: readonly SqlValue[]): void {
  for (const value of values) {
    load.bytes += typeof value === "string" ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
    load.isPlain &&= isPlainValue(value);
  }
}

function toResult(result: CallResult): StatementResult {
  if (typeof result === "number") return { changes: result, rows: [] };
  return { changes: result.changes, rows: toRows(result.columns, result.rows) };
}

/** A statement whose values are given by place already. */
function placedStatement(sql: string): StatementText {
  return { sql, bySlot: sql, pieces: [sql], slots: [], parameters: new Set() };
}
