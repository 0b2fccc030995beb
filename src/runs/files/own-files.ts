import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Ids } from "../../core/ids.ts";
import type { FileTrigger } from "./file-trigger.ts";
import type { FileJournal } from "./journal.ts";
import { isWanted } from "./scan.ts";

/** What a file can be made of; of a stream one piece at a time is in memory. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array>;

export interface WrittenFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, in hex. */
  readonly hash: string;
}

/** Files that an automation writes. */
export interface OwnFiles {
  /**
   * Writes a file whole or not at all: under another name first, flushed to the disk, then renamed over what was there. The automation's own
   * file triggers know it as theirs and start nothing for it, until somebody else changes it. Its folder must exist.
   */
  write(path: string, content: FileContent, options?: { readonly signal?: AbortSignal }): Promise<WrittenFile>;
}

export interface OwnFilesParams {
  readonly triggers: readonly FileTrigger[];
  readonly journal: FileJournal;
  readonly ids: Ids;
}

export function createOwnFiles({ triggers, journal, ids }: OwnFilesParams): OwnFiles {
  return {
    async write(given, content, { signal } = {}) {
      const path = resolve(given);
      const draft = join(dirname(path), `.${basename(path).slice(0, 150)}.${ids.next()}.tmp`);
      try {
        const { bytes, hash } = await writeDraft(draft, content, signal);
        if (triggers.some((trigger) => isWanted(trigger, path))) {
          const known = (await journal.get(path))?.hash;
          // Known before it is there: no look can come in between. Its stat is told by the first look.
          const entry = { stat: "own", hash, bytes, mtime: "" };
          await journal.write([{ path, known, entry }]);
        }
        await rename(draft, path);
        await flushFolder(dirname(path));
        return { path, bytes, hash };
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
  };
}

async function writeDraft(
  path: string,
  content: FileContent,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const handle = await open(path, "wx");
  try {
    const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      const buffer = typeof piece === "string" ? Buffer.from(piece) : piece;
      hash.update(buffer);
      bytes += buffer.byteLength;
      await handle.writeFile(buffer);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, hash: hash.digest("hex") };
}

/** The new name of a file is safe once its folder is. */
async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
