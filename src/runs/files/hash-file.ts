import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { type FileStat, isGone, toFileStat } from "./file-stat.ts";

export interface HashedFile extends FileStat {
  /** SHA-256, in hex. */
  readonly hash: string;
}

const CHUNK_BYTES = 262_144;
/** Buffers that wait for their next use: as many files as are read at once. */
const KEPT_BUFFERS = 16;
const buffers: Buffer[] = [];

/**
 * Reads a file through once, in pieces of 256 KiB. `gone`: there is no such file, or it is no regular one; `written`: somebody
 * wrote to it meanwhile. Throws what the system says about a file that cannot be read, and the signal's reason.
 */
export async function hashFile(path: string, signal: AbortSignal): Promise<HashedFile | "gone" | "written"> {
  // A pipe must not hold the opening up; the last part of the path must not be a link by now.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    },
  );
  if (handle === undefined) return "gone";
  const buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return "gone";
    const before = toFileStat(stats);
    const hash = createHash("sha256");
    for (let at = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, at);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
      if (bytesRead < CHUNK_BYTES && at >= before.bytes) break;
      if (bytesRead === 0) return "written";
    }
    const after = toFileStat(await handle.stat({ bigint: true }));
    return after.stat === before.stat ? { ...before, hash: hash.digest("hex") } : "written";
  } finally {
    if (buffers.length < KEPT_BUFFERS) buffers.push(buffer);
    await handle.close();
  }
}
