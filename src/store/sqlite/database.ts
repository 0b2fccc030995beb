import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../core/errors.ts";
import type { Database, HeavyReads, InsertManyParams, InsertManyResult, SqlValue } from "../store.ts";
import type { MigrationFile } from "./protocol.ts";
import type { Reader } from "./reader.ts";
import { quoteIdentifier } from "./statement-text.ts";
import { refusal } from "./values.ts";
import type { Writer } from "./writer.ts";

export interface DatabaseParams {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly heavy: HeavyReads;
}

export function createDatabase({ reader, writer, heavy }: DatabaseParams): Database {
  return {
    // What this process writes goes over another connection too, so the reader's data version counts it.
    version: () => reader.version(),
    get: async (sql, params) => reader.get(sql, params),
    all: async (sql, params) => reader.all(sql, params),
    heavy,
    write: (statements) => writer.write(statements),
    insertMany: (params) => insertMany(writer, params),
    async migrate({ owner, directory }) {
      await writer.migrate(owner, await readMigrations(directory));
    },
  };
}

async function insertMany(
  writer: Writer,
  { into, columns, rows, onConflict }: InsertManyParams,
): Promise<InsertManyResult> {
  if (columns.length === 0 || new Set(columns).size < columns.length) {
    throw new MillraceError("INPUT_INVALID", `The columns of ${into} must be some, each once: ${columns.join(", ")}.`);
  }
  const names = columns.map(quoteIdentifier).join(", ");
  const marks = columns.map(() => "?").join(", ");
  const ending = onConflict === "ignore" ? " on conflict do nothing" : "";
  const sql = `insert into ${quoteIdentifier(into)} (${names}) values (${marks})${ending}`;

  const refused: { index: number; reason: string }[] = [];
  const fit: number[] = [];
  for (const [index, row] of rows.entries()) {
    const reason = rowRefusal(columns, row);
    if (reason === undefined) fit.push(index);
    else refused.push({ index, reason });
  }
  if (rows.length === 0) return { inserted: 0, ignored: 0, rejected: [] };
  const sent = refused.length === 0 ? rows : fit.map((index) => rows[index] ?? []);
  const { inserted, ignored, rejected } = await writer.insertRows(sql, sent);
  const all = [...refused, ...rejected.map(({ index, reason }) => ({ index: fit[index] ?? index, reason }))];
  return { inserted, ignored, rejected: all.sort((a, b) => a.index - b.index) };
}

/** Says why a row cannot be inserted, or undefined when it can. */
export function rowRefusal(columns: readonly string[], row: readonly SqlValue[]): string | undefined {
  if (row.length !== columns.length) return `it has ${row.length} values for ${columns.length} columns`;
  for (const [index, value] of row.entries()) {
    const reason = refusal(value);
    if (reason !== undefined) return `${columns[index]} ${reason}`;
  }
  return undefined;
}

const FILE_NAME = /^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

/** Reads the files of a folder of migrations, in order. Throws STORE_FAILED for a folder or a name that is unfit. */
export async function readMigrations(directory: URL): Promise<MigrationFile[]> {
  const names = (await listFolder(directory)).filter((name) => name.endsWith(".sql")).sort();
  const wrong = names.find((name) => !FILE_NAME.test(name));
  if (wrong !== undefined) {
    throw new MillraceError("STORE_FAILED", `The migration ${wrong} has an unfit name.`, {
      advice: "Name it NNNN-what-it-makes.sql, for example 0001-events.sql.",
      isRetryable: false,
    });
  }
  const folder = new URL(directory.href.endsWith("/") ? directory.href : `${directory.href}/`);
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), "utf8") })));
}

async function listFolder(directory: URL): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw new MillraceError("STORE_FAILED", `The folder of migrations ${fileURLToPath(directory)} cannot be read.`, {
      cause,
      advice: "Give the folder with the .sql files.",
      isRetryable: false,
    });
  }
}
