import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlValue } from "../store.ts";
import {
  type CallResult,
  type Failure,
  type InsertJob,
  isFailure,
  type Job,
  type LearnedStatement,
  type Outcome,
  type StatementCall,
} from "./protocol.ts";
import { toPlain } from "./rows.ts";
import { createSlowStatements, type SlowStatements, type SlowStatementsOptions } from "./slow-statements.ts";
import { isBadValue, isEnvironment, reasonOf } from "./sqlite-error.ts";

/** Executes groups of jobs on one connection, each group in one transaction. */
export interface GroupWriter {
  learn(statement: LearnedStatement): void;
  forget(statement: number): void;
  /**
   * Runs all jobs in one transaction and answers each on its own: one that fails is rolled back alone. A group whose commit
   * fails is taken apart, so that only jobs whose own commit fails are lost.
   */
  execute(jobs: readonly Job[]): Outcome[];
  /** As of the last group: changes when another connection writes. */
  version(): number;
  /** As of now. */
  look(): number;
}

interface Prepared {
  readonly bySlot: string;
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  readonly isChanging: boolean;
  /** Whether it failed, or changed too little, where it stood alone in its job: from then on it is given a savepoint. */
  isRisky: boolean;
}

export function createGroupWriter(database: DatabaseSync, slow?: SlowStatementsOptions): GroupWriter {
  const watch: SlowStatements["watch"] =
    slow === undefined ? (_sql, run) => run() : createSlowStatements(database, slow).watch;
  const texts = new Map<number, LearnedStatement>();
  const prepared = new Map<number, Prepared>();
  const begin = database.prepare("begin immediate");
  const commit = database.prepare("commit");
  const savepoint = database.prepare("savepoint job");
  const keep = database.prepare("release job");
  const undo = database.prepare("rollback to job");
  const dataVersion = database.prepare("pragma data_version");
  dataVersion.setReturnArrays(true);
  let version = readVersion();

  function readVersion(): number {
    return Number((dataVersion.get() as unknown as readonly unknown[])[0]);
  }

  function prepare(number: number): Prepared {
    const known = prepared.get(number);
    if (known !== undefined) return known;
    const text = texts.get(number);
    if (text === undefined) throw new Error(`statement ${number} was never sent`);
    const statement = database.prepare(text.bySlot);
    statement.setReturnArrays(true);
    // Integers beyond 2^53 cannot be read otherwise, and a write cannot be read twice.
    statement.setReadBigInts(true);
    const columns = statement.columns().map((column) => column.name);
    const made = {
      bySlot: text.bySlot,
      statement,
      columns,
      isChanging: columns.length === 0 || /\breturning\b/i.test(text.sql),
      isRisky: false,
    };
    prepared.set(number, made);
    return made;
  }

  function runWrite(calls: readonly StatementCall[]): Outcome {
    const results: CallResult[] = [];
    for (const [index, [statement, atLeast, ...values]] of calls.entries()) {
      try {
        const target = prepare(statement);
        const result = watch(target.bySlot, () => runCall(target, values));
        if ((typeof result === "number" ? result : result.changes) < atLeast) return null;
        results.push(result);
      } catch (error) {
        return statementFailed(error, index, texts.get(statement)?.sql ?? "");
      }
    }
    return results;
  }

  function runInsert({ statement, rows }: InsertJob): Outcome {
    const rejected: { index: number; reason: string }[] = [];
    let inserted = 0;
    try {
      const target = prepare(statement);
      for (const [index, row] of rows.entries()) {
        try {
          inserted += Number(watch(target.bySlot, () => target.statement.run(...row)).changes);
        } catch (error) {
          if (!isBadValue(error)) throw error;
          rejected.push({ index, reason: reasonOf(error) });
        }
      }
    } catch (error) {
      return statementFailed(error, 0, texts.get(statement)?.sql ?? "");
    }
    return { kind: "inserted", inserted, ignored: rows.length - inserted - rejected.length, rejected };
  }

  /** The only statement of a job, which needs no savepoint: SQLite takes a statement that fails back by itself, with few exceptions. */
  function loneStatement(job: Job): Prepared | undefined {
    const [call] = "rows" in job || job.length > 1 ? [] : job;
    const known = call === undefined ? undefined : prepared.get(call[0]);
    return known?.isRisky === false ? known : undefined;
  }

  /** Undefined: it left something behind, and the group is to be written again. */
  function runJob(job: Job): Outcome | undefined {
    const lone = loneStatement(job);
    if (lone === undefined) savepoint.run();
    const outcome = "rows" in job ? runInsert(job) : runWrite(job);
    if (!database.isTransaction) return outcome;
    const isUndone = outcome === null || isFailure(outcome);
    if (lone !== undefined) {
      lone.isRisky = isUndone;
      return isUndone ? undefined : outcome;
    }
    if (isUndone) undo.run();
    keep.run();
    return outcome;
  }

  function rollBack(): void {
    if (database.isTransaction) database.exec("rollback");
  }

  function execute(jobs: readonly Job[]): Outcome[] {
    try {
      watch("begin immediate", () => begin.run());
    } catch (error) {
      return jobs.map(() => notBegun(error));
    }
    const outcomes: Outcome[] = [];
    try {
      // Cheaper here than outside, where it would take the lock for itself.
      version = readVersion();
      for (const job of jobs) {
        const outcome = runJob(job);
        // Some errors (a full disk) end the transaction, and with it what the neighbours had written.
        if (!database.isTransaction && outcome !== undefined) {
          return jobs.length === 1 ? [outcome] : jobs.flatMap((alone) => execute([alone]));
        }
        if (outcome === undefined) {
          rollBack();
          return execute(jobs);
        }
        outcomes.push(outcome);
      }
      watch("commit", () => commit.run());
      return outcomes;
    } catch (error) {
      rollBack();
      return jobs.length === 1 ? [commitFailed(error)] : jobs.flatMap((alone) => execute([alone]));
    }
  }

  return {
    learn: (text) => void texts.set(text.statement, text),
    forget(number) {
      texts.delete(number);
      prepared.delete(number);
    },
    execute,
    version: () => version,
    look: () => (version = readVersion()),
  };
}

function runCall({ statement, columns, isChanging }: Prepared, values: readonly SqlValue[]): CallResult {
  if (columns.length === 0) return Number(statement.run(...values).changes);
  const rows = (statement.all(...values) as unknown as SqlValue[][]).map((row) => row.map(toPlain));
  return { changes: isChanging ? rows.length : 0, columns, rows };
}

function statementFailed(error: unknown, index: number, sql: string): Failure {
  const reason = reasonOf(error);
  if (isEnvironment(error)) return { ...commitFailed(error), facts: { statement: index + 1, sql, reason } };
  return {
    kind: "failed",
    code: "STORE_FAILED",
    message: `Statement ${index + 1} failed: ${reason}.`,
    isRetryable: false,
    facts: { statement: index + 1, sql, reason },
  };
}

function commitFailed(error: unknown): Failure {
  const reason = reasonOf(error);
  return {
    kind: "failed",
    code: "STORE_COMMIT_FAILED",
    message: `The commit failed and nothing was stored: ${reason}.`,
    isRetryable: isEnvironment(error),
    facts: { reason },
  };
}

function notBegun(error: unknown): Failure {
  const reason = reasonOf(error);
  return {
    kind: "failed",
    code: "STORE_FAILED",
    message: `No transaction could be begun: ${reason}.`,
    isRetryable: true,
    facts: { reason },
  };
}
