import { MillraceError } from "../../core/errors.ts";
import { readMigrations } from "../sqlite/database.ts";
import type { Clock } from "../../core/clock.ts";
import type { Connection } from "./connections.ts";
import type { Placing } from "./placed-statement.ts";
import { isEnvironment, reasonOf, unreachable, isConnectionLost } from "./postgres-error.ts";
import type { Transactions } from "./transactions.ts";
import { translateMigration } from "./translate-definition.ts";

export interface Migrating {
  readonly transactions: Transactions;
  readonly placing: Placing;
  readonly clock: Clock;
}

/** Held in each transaction of a migration: processes that start at once run each file once. */
const LOCK = "select pg_advisory_xact_lock(hashtextextended('millrace:migrations', 0))";
const PREPARE = `
  set local statement_timeout = 0;
  ${LOCK};
  create table if not exists migrations (
    owner text collate "C" not null, name text collate "C" not null, run_at bigint not null, primary key (owner, name))`;
const KNOWN = "select name from migrations where owner = :owner order by name";
const RECORD = "insert into migrations (owner, name, run_at) values (:owner, :name, :now)";
/** A migration may take as long as it needs. */
const NO_LIMIT = { timeoutMs: 2_147_483_647 };

/** Runs the files of a folder that were not run yet, each in a transaction of its own. */
export async function migrate(
  { transactions, placing, clock }: Migrating,
  { owner, directory }: { readonly owner: string; readonly directory: URL },
): Promise<void> {
  const files = await readMigrations(directory);
  const here = files.map(({ name }) => name);
  // Most starts find everything done: that takes neither a lock nor a transaction.
  const done = await transactions.one({ sql: KNOWN, params: { owner } }).then(
    ({ rows }) => rows.map(({ name }) => String(name)),
    () => undefined,
  );
  if (done?.length === here.length && here.every((name) => done.includes(name))) return;
  const known = await transactions.transact(async (connection) => {
    await prepare(connection);
    return await knownFiles(connection);
  });
  const found = known.findLast((name) => !here.includes(name));
  if (found !== undefined) throw newer(owner, found, here.at(-1) ?? "none");
  for (const { name, sql } of files) {
    if (!known.includes(name)) await transactions.transact((connection) => runFile(connection, name, sql));
  }

  async function prepare(connection: Connection): Promise<void> {
    await connection.control(PREPARE, NO_LIMIT).catch((error: unknown) => {
      throw failed(error, owner, "");
    });
  }

  async function knownFiles(connection: Connection): Promise<string[]> {
    const { rows } = await connection.run(placing.place(KNOWN, { owner }));
    return rows.map((row) => String(row["name"]));
  }

  async function runFile(connection: Connection, name: string, sql: string): Promise<void> {
    await prepare(connection);
    // Looked at under the lock: another process may have run it meanwhile.
    if ((await knownFiles(connection)).includes(name)) return;
    try {
      await connection.control("savepoint file");
      await connection.control(translateMigration(sql), NO_LIMIT);
      await connection.control("release savepoint file").catch((error: unknown) => {
        throw new Error("it ends its own transaction", { cause: error });
      });
      await connection.run(placing.place(RECORD, { owner, name, now: clock.now() }));
    } catch (error) {
      throw failed(error, owner, name);
    }
  }
}

function newer(owner: string, found: string, known: string): MillraceError {
  return new MillraceError(
    "STORE_NEWER",
    `The tables of ${owner} have seen ${found}, this version knows ${known} as the last.`,
    {
      facts: { owner, found, known },
      isRetryable: false,
    },
  );
}

function failed(error: unknown, owner: string, file: string): MillraceError {
  if (isConnectionLost(error)) return unreachable(error);
  const reason = reasonOf(error);
  return new MillraceError("STORE_FAILED", `The migration ${file} of ${owner} failed and changed nothing: ${reason}.`, {
    facts: { owner, file, reason },
    cause: error,
    isRetryable: isEnvironment(error),
  });
}
