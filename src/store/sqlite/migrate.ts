import type { DatabaseSync } from "node:sqlite";
import type { Failure, MigrationFile } from "./protocol.ts";
import { isEnvironment, reasonOf } from "./sqlite-error.ts";

export interface MigrateParams {
  readonly owner: string;
  /** All files of the owner, in order. */
  readonly files: readonly MigrationFile[];
  readonly now: number;
}

const CREATE = `
  create table if not exists migrations (
    owner text not null, name text not null, run_at integer not null, primary key (owner, name)) strict, without rowid`;
const KNOWN = "select name from migrations where owner = ? order by name";
const RECORD = "insert into migrations (owner, name, run_at) values (?, ?, ?)";

/** Runs the files that were not run yet, each in a transaction of its own. Gives the failure, or undefined. */
export function migrate(database: DatabaseSync, { owner, files, now }: MigrateParams): Failure | undefined {
  let current = "";
  try {
    inTransaction(database, () => database.exec(CREATE));
    const newer = newerThan(database, owner, files);
    if (newer !== undefined) return newer;
    for (const { name, sql } of files) {
      current = name;
      inTransaction(database, () => {
        // Looked at inside of the transaction: another process may have run it while this one waited for the lock.
        if (knownFiles(database, owner).includes(name)) return;
        database.exec(sql);
        database.prepare(RECORD).run(owner, name, now);
      });
    }
    return undefined;
  } catch (error) {
    return migrationFailed(error, owner, current);
  }
}

function knownFiles(database: DatabaseSync, owner: string): string[] {
  return database
    .prepare(KNOWN)
    .all(owner)
    .map((row) => String(row["name"]));
}

function newerThan(database: DatabaseSync, owner: string, files: readonly MigrationFile[]): Failure | undefined {
  const here = files.map((file) => file.name);
  const found = knownFiles(database, owner).findLast((name) => !here.includes(name));
  if (found === undefined) return undefined;
  const known = here.at(-1) ?? "none";
  return {
    kind: "failed",
    code: "STORE_NEWER",
    message: `The tables of ${owner} have seen ${found}, this version knows ${known} as the last.`,
    isRetryable: false,
    facts: { owner, found, known },
  };
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("begin immediate");
  try {
    work();
    if (!database.isTransaction) throw new Error("it ends its own transaction");
    database.exec("commit");
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function migrationFailed(error: unknown, owner: string, file: string): Failure {
  const reason = reasonOf(error);
  return {
    kind: "failed",
    code: "STORE_FAILED",
    message: `The migration ${file} of ${owner} failed and changed nothing: ${reason}.`,
    isRetryable: isEnvironment(error),
    facts: { owner, file, reason },
  };
}
