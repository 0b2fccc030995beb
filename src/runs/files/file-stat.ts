import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";

/** A regular file as it stands. */
export interface FileStat {
  /** Inode, size and times in one text: equal as long as nobody has written to the file. */
  readonly stat: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** When content, name or rights last changed, by the clock of the volume. No program can set it. */
  readonly ctimeMs: number;
}

/** Looks at a path. Undefined: there is nothing, or something other than a regular file; symbolic links are not followed. */
export async function statFile(path: string): Promise<FileStat | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    return stats.isFile() ? toFileStat(stats) : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

export function toFileStat({ ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs }: BigIntStats): FileStat {
  return {
    stat: `${ino}:${size}:${mtimeNs}:${ctimeNs}`,
    bytes: Number(size),
    mtimeMs: Number(mtimeMs),
    ctimeMs: Number(ctimeMs),
  };
}

/** Asks whether an error says that a path leads nowhere. */
export function isGone(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR", "ELOOP");
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
