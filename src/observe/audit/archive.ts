import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import type { AuditArchive, AuditArchiving, AuditHead, AuditTrail } from "../../core/audit.ts";
import { MillraceError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { ObserveDatabase } from "../database.ts";
import { type AuditRow, GENESIS, toRow } from "./entry.ts";
import { rowsAfter } from "./list-entries.ts";

/* An archive holds rows as they were stored, a line of canonical JSON each, so that its chain can be checked as that of the log. That they
   left the log is an entry of the log itself, committed with their deletion: the database deletes nothing else. */

const ARCHIVE = "audit.archive";
const DELETE = "delete from audit where seq <= :last";
const COUNT = "select count(*) as n from audit where seq <= :last";
const FIRST = "select seq from audit order by seq limit 1";
const BASE = "select data from audit where action = :action and subject = :subject order by seq desc limit 1";

export interface ArchiveParams extends Pick<AuditArchiving, "actor" | "before" | "path"> {
  readonly db: ObserveDatabase;
  readonly trail: Pick<AuditTrail, "beside">;
}

/** Writes the oldest rows to a new file, syncs it, and takes them out of the log together with an entry that says so. */
export async function archiveRows({
  db,
  trail,
  actor,
  before,
  path,
}: ArchiveParams): Promise<AuditArchive | undefined> {
  const { seq } = await logStart(db);
  const first = await db.get("select at from audit where seq = :seq", { seq: seq + 1 });
  if (first === undefined || Number(first["at"]) >= before) return undefined;
  const { last, digest } = await writeNew(path, oldest(db, before));
  const rows = last.seq - seq;
  const draft = {
    actor,
    action: ARCHIVE,
    subject: subjectOf(last.seq),
    data: { from: seq + 1, rows, hash: last.hash, digest, file: basename(path) },
  };
  try {
    const gone = await trail.beside([draft], (beside) =>
      db.write([...beside, { sql: DELETE, params: { last: last.seq }, atLeast: rows }]),
    );
    if (gone === undefined) {
      throw new MillraceError(
        "STORE_BUSY",
        `Another process archived the audit log meanwhile; ${path} is a copy of what left.`,
      );
    }
  } catch (error) {
    // Only the answer may have been lost: a file that holds what the log no longer does must stay.
    const left = await db.get(COUNT, { last: last.seq }).catch(() => undefined);
    if (Number(left?.["n"]) === rows) await unlink(path);
    throw error;
  }
  return { from: seq + 1, last, digest };
}

async function* oldest(db: ObserveDatabase, before: number): AsyncIterable<AuditRow> {
  for await (const row of rowsAfter(db, 0)) {
    if (row.at >= before) return;
    yield row;
  }
}

async function writeNew(
  path: string,
  rows: AsyncIterable<AuditRow>,
): Promise<{ readonly last: AuditHead; readonly digest: string }> {
  const file = await openNew(path);
  const hash = createHash("sha256");
  let last = GENESIS;
  try {
    for await (const row of rows) {
      const line = `${canonicalJson({ ...row })}\n`;
      hash.update(line);
      await file.write(line);
      last = { seq: row.seq, hash: row.hash };
    }
    await file.sync();
  } catch (error) {
    await unlink(path);
    throw error instanceof MillraceError ? error : notMade(path, error);
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return { last, digest: hash.digest("hex") };
}

async function openNew(path: string): Promise<FileHandle> {
  return await open(path, "wx", 0o600).catch((error: unknown) => {
    throw notMade(path, error);
  });
}

function notMade(path: string, error: unknown): MillraceError {
  const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
  const why = isThere ? "there is such a file already" : (error as Error).message;
  return new MillraceError("INPUT_INVALID", `The archive ${path} cannot be made: ${why}.`, {
    advice: "Name a new file in a folder that may be written to and has room.",
    cause: error,
  });
}

/** The name of the file must survive what its content does. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The rows of archives, one after the other, and a thousand at a time at most in memory. Throws INPUT_INVALID for what is no archive. */
export async function* archivedRows(paths: readonly string[]): AsyncIterable<AuditRow> {
  for (const path of paths) {
    let number = 0;
    const input = createReadStream(path, "utf8");
    try {
      for await (const line of createInterface({ input, crlfDelay: Infinity }))
        yield parseRow(line, `${path}:${++number}`);
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw notRead(path, error);
    }
  }
}

function parseRow(line: string, where: string): AuditRow {
  try {
    const row = JSON.parse(line) as Readonly<Record<string, string | number>>;
    if (Number.isSafeInteger(row["seq"]) && typeof row["hash"] === "string") return toRow(row);
  } catch {
    // Said below, as for any other line that is none.
  }
  throw new MillraceError("INPUT_INVALID", `${where} is no entry of an audit log.`, {
    advice: "Give files that `millrace audit archive` made, the oldest first.",
  });
}

function notRead(path: string, error: unknown): MillraceError {
  return new MillraceError("INPUT_INVALID", `The archive ${path} cannot be read: ${(error as Error).message}.`, {
    advice: "Give files that `millrace audit archive` made, the oldest first.",
    cause: error,
  });
}

/** What the first row of the log goes on from: nothing, or the last row that its own entry says was archived. */
export async function logStart(db: ObserveDatabase): Promise<AuditHead> {
  const first = Number((await db.get(FIRST))?.["seq"] ?? 1);
  if (first === 1) return GENESIS;
  const entry = await db.get(BASE, { action: ARCHIVE, subject: subjectOf(first - 1) });
  if (entry === undefined) return GENESIS;
  const { hash } = JSON.parse(String(entry["data"])) as { readonly hash?: unknown };
  return { seq: first - 1, hash: String(hash) };
}

function subjectOf(last: number): string {
  return `audit:${last}`;
}
