import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { MillraceError } from "../../core/errors.ts";
import { createOwnership } from "./ownership.ts";
import { reasonOf } from "./sqlite-error.ts";

export interface BackupParams {
  /** The data folder. */
  readonly directory: string;
  /** The copy. */
  readonly file: string;
}

/**
 * Copies the database of a data folder to a file that is not there yet, also while a Millrace works on it (SQLite's online backup: the copy is
 * the database as it stood at one moment), and checks the copy. Throws INPUT_INVALID when the file exists or its folder does not, DATA_UNUSABLE when there is no
 * sound database to copy.
 */
export async function backUp({ directory, file }: BackupParams): Promise<void> {
  if (existsSync(file)) {
    throw new MillraceError("INPUT_INVALID", `${file} exists already.`, { advice: "Name a new file for the copy." });
  }
  if (!existsSync(dirname(file))) {
    throw new MillraceError("INPUT_INVALID", `There is no folder ${dirname(file)}.`, {
      advice: "Make the folder, or name a file in another one.",
    });
  }
  await copy(join(directory, "millrace.db"), file, "Name the data folder of a Millrace with --data.");
}

export interface Restored {
  /** Where the database is kept that was replaced; undefined when there was none. */
  readonly replaced: string | undefined;
}

/**
 * Puts a copy in the place of a data folder's database, whose own is kept beside it. Throws STORE_BUSY while a Millrace uses the folder, and
 * DATA_UNUSABLE for a file that is no sound copy; then nothing is changed.
 */
export async function restore({ directory, file }: BackupParams): Promise<Restored> {
  const path = join(directory, "millrace.db");
  const ownership = createOwnership(`${path}.owner`);
  const arriving = `${path}.arriving`;
  try {
    if (!ownership.take()) throw busy(directory);
    await rm(arriving, { force: true });
    await copy(file, arriving, "Name a file that `millrace backup` made.");
    return { replaced: await makeRoom(path, directory, () => rename(arriving, path)) };
  } finally {
    await rm(arriving, { force: true });
    ownership.release();
  }
}

/** Moves what is there aside, once its journal is written into it, and lets the new one take its place. */
async function makeRoom(path: string, directory: string, arrive: () => Promise<void>): Promise<string | undefined> {
  if (!existsSync(path)) {
    await arrive();
    return undefined;
  }
  // The last connection to close takes the journal with it: one that is left belongs to somebody else.
  const old = new DatabaseSync(path);
  old.exec("pragma wal_checkpoint(truncate)");
  old.close();
  if (existsSync(`${path}-wal`)) throw busy(directory);
  const replaced = `${path}.replaced`;
  await rename(path, replaced);
  await arrive();
  return replaced;
}

async function copy(from: string, to: string, advice: string): Promise<void> {
  if (!existsSync(from)) throw unusable(from, "it is not there", advice);
  try {
    const source = new DatabaseSync(from, { readOnly: true });
    try {
      requireSound(from, source, advice);
      await backup(source, to);
    } finally {
      source.close();
    }
    const copied = new DatabaseSync(to);
    try {
      requireSound(to, copied, advice);
    } finally {
      copied.close();
    }
  } catch (error) {
    await rm(to, { force: true });
    throw error instanceof MillraceError ? error : unusable(from, reasonOf(error), advice);
  }
}

function requireSound(path: string, database: DatabaseSync, advice: string): void {
  const tables = database.prepare("select count(*) as n from sqlite_schema where name in ('migrations', 'runs')").get();
  if (tables?.["n"] !== 2) throw unusable(path, "it is no database of Millrace", advice);
  const found = database.prepare("pragma quick_check(1)").get()?.["quick_check"];
  if (found !== "ok") throw unusable(path, String(found), advice);
}

function unusable(path: string, reason: string, advice: string): MillraceError {
  return new MillraceError("DATA_UNUSABLE", `${path} cannot be copied: ${reason}.`, {
    facts: { path },
    advice,
    isRetryable: false,
  });
}

function busy(directory: string): MillraceError {
  return new MillraceError("STORE_BUSY", `A Millrace uses ${directory}.`, { advice: "Stop it, then restore again." });
}
