import { MillraceError } from "../../core/errors.ts";
import type { Statement, StatementResult } from "../store.ts";
import type { Connection, Connections } from "./connections.ts";
import type { PlacedStatement, Placing } from "./placed-statement.ts";
import { commitFailed, isConflict, statementFailed } from "./postgres-error.ts";

/**
 * `statement`: each statement sees what was committed before it; those that could meet lock first. `serial`: as if there were no other
 * transaction, as on SQLite; those that meet are run again.
 */
export type Isolation = "statement" | "serial";

/** Writes of this process. */
export interface Transactions {
  /** All or nothing; undefined when a statement changed fewer rows than its `atLeast`. Conflicts are run again. */
  write(statements: readonly Statement[], isolation?: Isolation): Promise<readonly StatementResult[] | undefined>;
  /** One statement, that is its own transaction. */
  one(statement: Statement): Promise<StatementResult>;
  /** Work of several turns in one transaction. */
  transact<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

export interface TransactionsOptions {
  readonly connections: Connections;
  readonly placing: Placing;
  /** After each commit. */
  readonly onWritten: () => void;
}

const MOST_ATTEMPTS = 20;
/** Attempts after this one take turns, so that each passes. */
const FREE_ATTEMPTS = 1;
const BEGIN = { statement: "begin", serial: "begin isolation level serializable" };
/** A lock of a table, for it alone is waited for before the transaction takes its view of the data. */
const TAKE_TURN = "lock table millrace.turns in exclusive mode";

type Attempt = { readonly results: readonly StatementResult[] | undefined } | { readonly conflict: unknown };

export function createTransactions(options: TransactionsOptions): Transactions {
  const { connections, placing, onWritten } = options;

  async function write(
    statements: readonly Statement[],
    isolation: Isolation = "statement",
  ): Promise<readonly StatementResult[] | undefined> {
    if (statements.length === 0) return [];
    const placed = statements.map(({ sql, params }) => placing.place(sql, params));
    const least = statements.map(({ atLeast = 0 }) => atLeast);
    for (let attempt = 1; ; attempt++) {
      const begin = [BEGIN[isolation], ...(attempt > FREE_ATTEMPTS ? [TAKE_TURN] : [])];
      const outcome = await connections.use((connection) => attemptOn(connection, begin, placed, least));
      if ("results" in outcome) {
        if (outcome.results !== undefined) onWritten();
        return outcome.results;
      }
      if (attempt === MOST_ATTEMPTS) throw commitFailed(outcome.conflict);
    }
  }

  return {
    write,
    async one(statement) {
      const placed = placing.place(statement.sql, statement.params);
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await connections.use((connection) => connection.run(placed));
          if (result.changes > 0) onWritten();
          return result;
        } catch (error) {
          if (error instanceof MillraceError) throw error;
          if (!isConflict(error) || attempt === MOST_ATTEMPTS) throw statementFailed(error, placed);
        }
      }
    },
    async transact(work) {
      const result = await connections.use((connection) => transactOn(connection, work));
      onWritten();
      return result;
    },
  };
}

async function attemptOn(
  connection: Connection,
  begin: readonly string[],
  placed: readonly PlacedStatement[],
  least: readonly number[],
): Promise<Attempt> {
  const isUnconditional = least.every((count) => count === 0);
  // Everything travels at once; what follows a failure is refused by the server.
  const begun = begin.map((text) => connection.control(text));
  const ran = placed.map((statement) => connection.run(statement));
  const committed = isUnconditional ? connection.control("commit") : undefined;
  const answers = await Promise.allSettled(ran);
  const [before, commit] = await Promise.all([Promise.allSettled(begun), committed && settled(committed)]);

  const failedBefore = before.find((each) => each.status === "rejected");
  if (failedBefore !== undefined) {
    if (!isUnconditional) await connection.control("rollback").catch(() => undefined);
    throw statementFailed(failedBefore.reason, { sql: begin.join("; ") });
  }
  const results: StatementResult[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "rejected") {
      if (!isUnconditional) await connection.control("rollback").catch(() => undefined);
      if (isConflict(answer.reason)) return { conflict: answer.reason };
      throw statementFailed(answer.reason, { sql: placed[index]?.sql ?? "", statement: index + 1 });
    }
    if (answer.value.changes < (least[index] ?? 0)) {
      await connection.control("rollback");
      return { results: undefined };
    }
    results.push(answer.value);
  }
  const end = commit ?? (await settled(connection.control("commit")));
  if (end.status === "fulfilled") return { results };
  if (isConflict(end.reason)) return { conflict: end.reason };
  throw commitFailed(end.reason);
}

async function transactOn<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  await connection.control("begin");
  let result: T;
  try {
    result = await work(connection);
  } catch (error) {
    await connection.control("rollback").catch(() => undefined);
    throw error;
  }
  try {
    await connection.control("commit");
  } catch (error) {
    throw commitFailed(error);
  }
  return result;
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}
