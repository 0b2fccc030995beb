import { resolve } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { backUp, restore } from "../store/sqlite/backup.ts";
import { type CommonFlags, readConfig } from "./open.ts";
import { out, outJson } from "./output.ts";

/** Copies the database of the data folder to a file, also beside a running server. */
export async function backUpData(file: string, flags: CommonFlags): Promise<void> {
  const data = await dataFolder(flags);
  const path = resolve(file);
  await backUp({ directory: data, file: path });
  if (flags.json === true) outJson({ file: path });
  else out(`The database of ${data} is copied to ${path}, and the copy is sound.`);
}

/** Puts a copy in the place of the data folder's database. */
export async function restoreData(file: string, flags: CommonFlags): Promise<void> {
  const data = await dataFolder(flags);
  const path = resolve(file);
  const { replaced } = await restore({ directory: data, file: path });
  if (flags.json === true) outJson({ file: path, replaced: replaced ?? null });
  else
    out(`${data} has the database of ${path} now.${replaced === undefined ? "" : ` The one before is ${replaced}.`}`);
}

async function dataFolder(flags: CommonFlags): Promise<string> {
  const { data, database } = await readConfig(flags);
  if (database === undefined) return data;
  throw new MillraceError("INPUT_INVALID", "The data is in Postgres, and this copies a SQLite database.", {
    advice: "Use pg_dump and pg_restore.",
  });
}
