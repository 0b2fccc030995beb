import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mapParallel } from "../../core/parallel.ts";
import { isGone, statFile } from "./file-stat.ts";
import type { FileTrigger } from "./file-trigger.ts";
import type { FileJournal } from "./journal.ts";

export interface ScanParams {
  readonly trigger: Pick<FileTrigger, "root" | "matches" | "ignores">;
  readonly journal: FileJournal;
  readonly signal: AbortSignal;
  /** Told of each folder or file that cannot be looked at; what the journal knows of it stays. */
  readonly onUnreadable: (path: string, error: unknown) => void;
  /** Told how many files were looked at, folder by folder. */
  readonly onLooked?: (files: number) => void;
}

/** How many files are looked at at once. */
const PARALLEL = 16;

/**
 * Walks the folder of a trigger and gives the paths at which the disk and the journal differ, folder by folder. Takes memory for the
 * names of one folder and the paths of all folders. Nothing is given for a root that is not there: a volume may be away for a while.
 */
export async function* scan({ trigger, journal, signal, onUnreadable, onLooked }: ScanParams): AsyncGenerator<string> {
  const { root, matches, ignores } = trigger;
  const listed = new Set<string>();
  const unreadable: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    const entries = await list(folder);
    if (entries === "gone") {
      if (folder === root) return;
      continue;
    }
    if (entries === "unreadable") {
      unreadable.push(folder);
      continue;
    }
    listed.add(folder);
    const known = await journal.inFolder(folder);
    const names: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const relative = relativeTo(root, path);
      if (ignores(relative)) continue;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile() && matches(relative)) names.push(entry.name);
    }
    onLooked?.(names.length);
    const looked = await mapParallel(
      names,
      async (name) => {
        const found = await statFile(join(folder, name));
        // Bytes that are no text become this character, and a path with it leads nowhere.
        if (found === undefined && name.includes("\uFFFD")) throw new Error("Its name is not UTF-8.");
        return found?.stat !== known.get(name)?.stat;
      },
      { parallel: PARALLEL, signal },
    );
    for (const [index, name] of names.entries()) {
      const outcome = looked[index];
      if (outcome?.status === "rejected") onUnreadable(join(folder, name), outcome.reason);
      else if (outcome?.value === true) yield join(folder, name);
    }
    const present = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
    for (const name of known.keys()) if (!present.has(name)) yield join(folder, name);
  }
  for (const folder of await journal.folders(root)) {
    if (listed.has(folder) || unreadable.some((top) => folder === top || folder.startsWith(`${top}/`))) continue;
    for (const name of (await journal.inFolder(folder)).keys()) yield join(folder, name);
  }

  async function list(folder: string): Promise<readonly Dirent[] | "gone" | "unreadable"> {
    try {
      return await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (isGone(error)) return "gone";
      onUnreadable(folder, error);
      return "unreadable";
    }
  }
}

/** Asks whether an absolute path is of a trigger: below its root, matched, and neither it nor a folder on the way left out. */
export function isWanted({ root, matches, ignores }: ScanParams["trigger"], path: string): boolean {
  if (!path.startsWith(root === "/" ? root : `${root}/`)) return false;
  const relative = relativeTo(root, path);
  if (!matches(relative)) return false;
  const parts = relative.split("/");
  return !parts.some((_part, index) => ignores(parts.slice(0, index + 1).join("/")));
}

/** The path below a root, with slashes. */
export function relativeTo(root: string, path: string): string {
  return path.slice(root === "/" ? 1 : root.length + 1);
}
