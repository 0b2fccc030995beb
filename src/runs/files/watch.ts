import { statfs } from "node:fs/promises";
import type { FileTrigger } from "./file-trigger.ts";
import { relativeTo } from "./scan.ts";

export interface WatchParams {
  readonly trigger: Pick<FileTrigger, "root" | "matches" | "ignores">;
  /** A sign that something happened at this path. */
  readonly onSign: (path: string) => void;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Watch {
  close(): Promise<void>;
}

/** Volumes on which others can write without this kernel knowing: NFS, SMB (two numbers), FUSE, 9p. */
const FOREIGN_VOLUMES = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997]);

/** Asks whether the system tells of changes below a path. Of a path that is not there it is taken for granted. */
export async function isLocalVolume(path: string): Promise<boolean> {
  try {
    return !FOREIGN_VOLUMES.has((await statfs(path)).type);
  } catch {
    return true;
  }
}

/**
 * Asks the system for signs of changes below the root of a trigger; resolves once it gives them. Signs are hints: some are lost without a word
 * when many come at once, so the scan has the last word.
 */
export async function watch({ trigger, onSign, onError, signal }: WatchParams): Promise<Watch> {
  const { root, matches, ignores } = trigger;
  // Loaded late: an automation without file triggers need not load it.
  const chokidar = await import("chokidar");
  const watcher = chokidar.watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    ignored: (path, stats) => {
      if (path === root) return false;
      const relative = relativeTo(root, path);
      return ignores(relative) || (stats?.isFile() === true && !matches(relative));
    },
  });
  watcher.on("all", (_event, path) => onSign(path));
  watcher.on("error", onError);
  await new Promise<void>((resolve) => {
    watcher.once("ready", resolve);
    watcher.once("error", () => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return { close: () => watcher.close() };
}
