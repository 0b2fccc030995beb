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
  write(
    statements: readonly Statement[],
    isolation?: Isolation,
    beforeCommit?: BeforeCommit,
  ): Promise<readonly StatementResult[] | undefined>;
  /** One statement, that is its own transaction. */
  one(statement: Statement): Promise<StatementResult>;
  /** Work of several turns in one transaction. */
  transact<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** The same for work that may be run again, as conflicts ask; `isWritten` tells of its result whether something was changed. */
  transactAgain<T>(work: (connection: Connection) => Promise<T>, isWritten: (result: T) => boolean): Promise<T>;
}

/** More of the same transaction, which depends on what its statements gave. */
export type BeforeCommit = (connection: Connection, results: readonly StatementResult[]) => Promise<void>;

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
    beforeCommit?: BeforeCommit,
  ): Promise<readonly StatementResult[] | undefined> {
    if (statements.length === 0) return [];
    const placed = statements.map(({ sql, params }) => placing.place(sql, params));
    const least = statements.map(({ atLeast = 0 }) => atLeast);
    for (let attempt = 1; ; attempt++) {
      const begin = [BEGIN[isolation], ...(attempt > FREE_ATTEMPTS ? [TAKE_TURN] : [])];
      const outcome = await connections.use((connection) =>
        attemptOn(connection, { begin, placed, least, beforeCommit }),
      );
      if ("results" in outcome) {
        if (outcome.results?.some(({ changes }) => changes > 0) === true) onWritten();
        return outcome.results;
      }
      if (attempt === MOST_ATTEMPTS) throw commitFailed(outcome.conflict);
    }
  }

  async function transact<T>(
    work: (connection: Connection) => Promise<T>,
    isWritten: (result: T) => boolean = () => true,
  ): Promise<T> {
    const result = await connections.use((connection) => transactOn(connection, work));
    if (isWritten(result)) onWritten();
    return result;
  }

  return {
    write,
    transact: (work) => transact(work),
    async transactAgain(work, isWritten) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await transact(work, isWritten);
        } catch (error) {
          if (attempt < MOST_ATTEMPTS && isConflict(error instanceof MillraceError ? error.cause : error)) continue;
          throw error instanceof MillraceError ? error : statementFailed(error, { sql: "" });
        }
      }
    },
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
  };
}

interface AttemptParams {
  readonly begin: readonly string[];
  readonly placed: readonly PlacedStatement[];
  readonly least: readonly number[];
  readonly beforeCommit: BeforeCommit | undefined;
}

async function attemptOn(
  connection: Connection,
  { begin, placed, least, beforeCommit }: AttemptParams,
): Promise<Attempt> {
  const isUnconditional = beforeCommit === undefined && least.every((count) => count === 0);
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
  try {
    await beforeCommit?.(connection, results);
  } catch (error) {
    await connection.control("rollback").catch(() => undefined);
    if (isConflict(error)) return { conflict: error };
    throw error instanceof MillraceError ? error : statementFailed(error, { sql: "" });
  }
  const end = commit ?? (await settled(connection.control("commit")));
  if (end.status === "fulfilled") return { results };
  if (isConflict(end.reason)) return { conflict: end.reason };
  throw commitFailed(end.reason);
}

async function transactOn<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  const begun = connection.control("begin");
  let result: T;
  try {
    // Travels together with the first of the work.
    [result] = await Promise.all([work(connection), begun]);
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
