import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** Longer ones cannot be read in one piece, and none was written so long. */
const LONGEST_BYTES = 2 ** 31 - 1;

/**
 * The bytes of a plain file. Undefined when there is none; `foreign` when something else stands in its place: a folder, a link, a pipe that
 * would be waited for, or a file too long to be one of ours. Throws what else the file system says.
 */
export async function readOwnFile(path: string, signal?: AbortSignal): Promise<Buffer | "foreign" | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (hasCode(error, "ELOOP", "ENXIO")) return "foreign"; // a link, a socket
    throw error;
  }
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > LONGEST_BYTES) return "foreign";
    return await file.readFile(signal === undefined ? {} : { signal });
  } finally {
    await file.close();
  }
}

/** Whether an error says that there is no such file, or no folder to hold it. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR");
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
