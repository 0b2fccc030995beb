import { type FileHandle, open, stat } from "node:fs/promises";
import { MillraceError } from "millrace";
import type { Zone } from "../domain/zone.ts";
import type { EventFile } from "./event-file.ts";
import { type EventPlace, isAddress, isMariadb, mistakeOfAddress, withoutPassword } from "./event-place.ts";
import type { LineLayout } from "./layout.ts";
import { LineFile, withoutMark } from "./line-file.ts";
import { casas } from "./layouts/casas.ts";
import { eventCsv } from "./layouts/event-csv.ts";
import { eventNdjson } from "./layouts/event-ndjson.ts";
import { kasteren, namesBeside } from "./layouts/kasteren.ts";
import { ordonezActivities, ordonezSensors } from "./layouts/ordonez.ts";
import { openRecorder } from "./layouts/recorder.ts";
import { openServerRecorder, type RecorderServer, stampOfServer } from "./layouts/recorder-server.ts";
import { wideCsv } from "./layouts/wide-csv.ts";

/** Asked in this order; the first that knows the file reads it. */
const LINE_LAYOUTS: readonly LineLayout[] = [
  eventCsv,
  wideCsv,
  eventNdjson,
  ordonezSensors,
  ordonezActivities,
  kasteren,
  casas,
];

const WHAT_IS_READ =
  "CSV or NDJSON with time, entity_id and state, a wide CSV with a column for each entity, files of intervals or of ON and OFF lines, and the recorder database of Home Assistant, as a file or at a postgres:// or mariadb:// address";

const HEAD_BYTES = 65_536;
const HEAD_LINES = 20;
const SQLITE_MAGIC = "SQLite format 3\0";

export interface OpenEventFileOptions {
  readonly path: EventPlace;
  /** Where times without an offset were read off the wall. */
  readonly zone: Zone;
}

/**
 * Opens an event file and finds out its layout from its content. Throws EVENTS_UNREADABLE, naming the path and what was found there, when
 * it cannot be read, is empty, or has none of the layouts that are known.
 */
export async function openEventFile({ path, zone }: OpenEventFileOptions): Promise<EventFile> {
  if (isAddress(path)) return await openServerRecorder(await serverOf(path), path);
  const handle = await openFile(path);
  try {
    const head = await readHead(handle);
    if (head.toString("latin1", 0, SQLITE_MAGIC.length) === SQLITE_MAGIC) {
      await handle.close();
      return await openDatabase(path);
    }
    return await openText(handle, head, path, zone);
  } catch (error) {
    await handle.close();
    throw error instanceof MillraceError ? error : unreadable(path, reasonOf(error), error);
  }
}

/**
 * Tells what can be seen of a file without opening it: sizes and times of itself and of the files beside it that decide what it says. As
 * long as this stays the same there is nothing new in it.
 */
export async function stampOf(path: EventPlace): Promise<string> {
  if (isAddress(path)) return await stampOfServer(await serverOf(path), path);
  const stats = await Promise.all(
    [path, `${path}-wal`, ...namesBeside(path)].map((file) => stat(file).catch(() => undefined)),
  );
  return stats
    .map((found) => (found === undefined ? "-" : `${found.size}@${found.mtimeMs}/${found.ctimeMs}`))
    .join(" ");
}

/** Loaded late: who reads files needs no driver. */
async function serverOf(address: string): Promise<RecorderServer> {
  const mistake = mistakeOfAddress(address);
  if (mistake === undefined) {
    return isMariadb(address)
      ? (await import("./layouts/recorder-mariadb.ts")).mariadbRecorder
      : (await import("./layouts/recorder-postgres.ts")).postgresRecorder;
  }
  const shown = withoutPassword(address);
  throw new MillraceError("EVENTS_UNREADABLE", `${shown} is not read. ${mistake}.`, {
    facts: { path: shown },
    isRetryable: false,
  });
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    throw unreadable(path, reasonOf(error), error);
  }
  throw unreadable(path, "is not a file but a folder or a device");
}

async function readHead(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

async function openText(handle: FileHandle, head: Buffer, path: string, zone: Zone): Promise<EventFile> {
  const kind = kindOf(head);
  if (kind !== undefined) throw unreadable(path, kind);
  const text = withoutMark(head.toString("utf8"));
  if (text.trim() === "") throw unreadable(path, "is empty");
  const lines = text.split(/\r?\n/, HEAD_LINES);
  for (const layout of LINE_LAYOUTS) {
    const reader = await layout.recognise({ path, lines, zone });
    if (reader !== undefined) return new LineFile({ handle, layout: layout.name, reader });
  }
  if (head.includes(0)) throw unreadable(path, "is neither a text in UTF-8 nor a SQLite database");
  throw unreadable(path, `starts with "${startOf(text)}", which is none of the layouts that are read`);
}

/** Says what a file is that no text in UTF-8 starts like, and what would help. */
function kindOf(head: Buffer): string | undefined {
  const start = head.toString("latin1", 0, 4);
  if (start.startsWith("\x1F\x8B")) return "is compressed by gzip: unpack it first";
  if (start.startsWith("PK\x03\x04")) return "is a zip archive or a spreadsheet: unpack it, or save it as CSV";
  const isUtf16 =
    start.startsWith("\xFF\xFE") || start.startsWith("\xFE\xFF") || /^(?:[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(start);
  return isUtf16 ? "is written in UTF-16: save it as UTF-8" : undefined;
}

async function openDatabase(path: string): Promise<EventFile> {
  const log = await stat(`${path}-wal`).catch(() => undefined);
  const isImmutable = log === undefined || log.size === 0;
  const file = await openRecorder({ path, isImmutable });
  if (file === undefined) throw unreadable(path, "is a SQLite database without a table of states");
  return file;
}

function startOf(text: string): string {
  const line = text.trimStart().split(/\r?\n/, 1)[0] ?? "";
  const printable = line.replaceAll(/\p{Cc}/gu, " ").trim();
  return printable.length <= 60 ? printable : `${printable.slice(0, 57)}...`;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  if (code === "EISDIR") return "is a folder";
  return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}

function unreadable(path: string, found: string, cause?: unknown): MillraceError {
  return new MillraceError("EVENTS_UNREADABLE", `The event file ${path} ${found}.`, {
    facts: { path },
    advice: `These are read: ${WHAT_IS_READ}.`,
    isRetryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
