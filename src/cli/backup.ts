import { resolve } from "node:path";
import { backUp, restore } from "../store/sqlite/backup.ts";
import { type CommonFlags, readConfig } from "./open.ts";
import { out, outJson } from "./output.ts";

/** Copies the database of the data folder to a file, also beside a running server. */
export async function backUpData(file: string, flags: CommonFlags): Promise<void> {
  const { data } = await readConfig(flags);
  const path = resolve(file);
  await backUp({ directory: data, file: path });
  if (flags.json === true) outJson({ file: path });
  else out(`The database of ${data} is copied to ${path}, and the copy is sound.`);
}

/** Puts a copy in the place of the data folder's database. */
export async function restoreData(file: string, flags: CommonFlags): Promise<void> {
  const { data } = await readConfig(flags);
  const path = resolve(file);
  const { replaced } = await restore({ directory: data, file: path });
  if (flags.json === true) outJson({ file: path, replaced: replaced ?? null });
  else
    out(`${data} has the database of ${path} now.${replaced === undefined ? "" : ` The one before is ${replaced}.`}`);
}
