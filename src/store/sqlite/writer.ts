import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { InsertManyResult, SqlValue, Statement, StatementResult } from "../store.ts";
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
import { toRows } from "./rows.ts";
import { createStatementCache } from "./statement-cache.ts";
import { parseStatement, type StatementText } from "./statement-text.ts";
import { toValues } from "./values.ts";
import { type Answer, cannotWrite, openWriterChannel, toError } from "./writer-channel.ts";

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

/** Starts the writer thread. Throws DATA_UNUSABLE when the file cannot be opened for writing. */
export async function startWriter({ path, durability, clock, log, onGroup }: WriterOptions): Promise<Writer> {
  const channel = await openWriterChannel({ path, durability });
  const texts = createStatementCache<string, NumberedText>({ onEvict: (text) => void forget.push(text.statement) });
  let nextStatement = 1;
  let learn: LearnedStatement[] = [];
  let forget: number[] = [];
  let pending: PendingJob[] = [];
  let groupsInFlight = 0;
  let isStopped = false;

  const checkpoints = createCheckpoints({
    clock,
    checkpoint() {
      channel
        .ask({ kind: "checkpoint" })
        .catch((error: unknown) => log?.warn({ error }, "the journal of the database was not copied"));
    },
  });

  function number(text: StatementText): NumberedText {
    const statement = nextStatement++;
    learn.push({ statement, sql: text.sql, bySlot: text.bySlot });
    return { statement, ...text };
  }

  /** Takes a job for the group of this tick. */
  function add(job: Job): Promise<Exclude<Outcome, Failure>> {
    if (isStopped) return Promise.reject(cannotWrite(new Error("the store is closed")));
    return new Promise((resolve, reject) => {
      if (pending.length === 0) setImmediate(flush);
      pending.push({ job, resolve, reject });
    });
  }

  function flush(): void {
    if (pending.length === 0) return;
    const sent = pending;
    const asked = channel.ask({ kind: "group", learn, jobs: sent.map(({ job }) => job), forget });
    pending = [];
    learn = [];
    forget = [];
    groupsInFlight += 1;
    asked.then(
      (answer) => settle(sent, answer),
      (error: unknown) => {
        groupsInFlight -= 1;
        for (const { reject } of sent) reject(error);
      },
    );
  }

  function settle(sent: readonly PendingJob[], answer: Answer): void {
    groupsInFlight -= 1;
    if (answer.kind !== "group") return;
    onGroup(answer.version);
    for (const [index, { resolve, reject }] of sent.entries()) {
      const outcome = answer.outcomes[index];
      if (outcome === undefined) reject(cannotWrite(new Error("the writer thread gave no answer")));
      else if (isFailure(outcome)) reject(toError(outcome));
      else resolve(outcome);
    }
    checkpoints.wrote(sent.length);
  }

  return {
    async write(statements) {
      const calls = statements.map(({ sql, params = {}, atLeast = 0 }): StatementCall => {
        const text = texts.get(sql, () => number(parseStatement(sql)));
        return [text.statement, atLeast, ...toValues(text, params)];
      });
      const outcome = await add(calls);
      return outcome === null || "kind" in outcome ? undefined : outcome.map(toResult);
    },
    async insertRows(sql, rows) {
      const { statement } = texts.get(`rows: ${sql}`, () => number(placedStatement(sql)));
      const outcome = await add({ statement, rows });
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
    isWriting: () => pending.length + groupsInFlight > 0,
    async version() {
      const answer = await channel.ask({ kind: "look" });
      return answer.kind === "looked" ? answer.version : Number.NaN;
    },
    async stop() {
      isStopped = true;
      flush();
      if (!channel.isGone()) await channel.ask({ kind: "look" });
    },
    async close() {
      isStopped = true;
      checkpoints.stop();
      if (!channel.isGone()) await channel.close();
    },
  };
}

function toResult(result: CallResult): StatementResult {
  if (typeof result === "number") return { changes: result, rows: [] };
  return { changes: result.changes, rows: toRows(result.columns, result.rows) };
}

/** A statement whose values are given by place already. */
function placedStatement(sql: string): StatementText {
  return { sql, bySlot: sql, pieces: [sql], slots: [], parameters: new Set() };
}
