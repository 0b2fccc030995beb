import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AuditHead } from "../../core/audit.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

/* A chain can be cut off at its end, or rewritten as a whole, and still fit together. What betrays that is a head that was kept outside:
   a line of JSON in a file beside the data, better on another drive or printed. Lines are only ever appended. */

/** Keeps heads of the chain outside of the database. */
export interface AnchorFile {
  /** Keeps this head within the interval. */
  keep(head: AuditHead): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface AnchorFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Heads are written at most so often, in milliseconds: a tail that is younger could be cut off unseen. Default 5 000. */
  readonly everyMs?: number;
}

export function openAnchorFile({ path, clock, log, everyMs = 5_000 }: AnchorFileOptions): AnchorFile {
  let waiting: AuditHead | undefined;
  let timer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    timer = undefined;
    const head = waiting;
    waiting = undefined;
    if (head === undefined) return;
    try {
      await mkdir(dirname(path), { recursive: true });
      const line = JSON.stringify({ seq: head.seq, hash: head.hash, at: new Date(clock.now()).toISOString() });
      await appendFile(path, `${line}\n`);
    } catch (error) {
      waiting ??= head;
      log.error({ error, path }, "the head of the audit log could not be kept outside");
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write);
    return writing;
  }

  return {
    keep(head) {
      waiting = head;
      timer ??= clock.after(everyMs, () => void flush());
    },
    async close() {
      timer?.cancel();
      await flush();
    },
  };
}

/** Reads heads that were kept. A file that is not there holds none; a last line that a crash cut short is left out. Throws INPUT_INVALID. */
export async function readAnchors(path: string): Promise<readonly AuditHead[]> {
  const content = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const lines = content.split("\n").slice(0, -1);
  return lines.map((line, index) => parseAnchor(line, `${path}:${index + 1}`));
}

/** Reads a head as it is printed: `SEQ:HASH`, or a line of an anchor file. Throws INPUT_INVALID, naming where it stands. */
export function parseAnchor(line: string, where: string): AuditHead {
  const printed = /^(\d+):([0-9a-f]{64})$/.exec(line.trim());
  if (printed !== null) return { seq: Number(printed[1]), hash: printed[2] ?? "" };
  try {
    const { seq, hash } = JSON.parse(line) as Partial<Record<string, unknown>>;
    if (Number.isSafeInteger(seq) && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) {
      return { seq: Number(seq), hash };
    }
  } catch {
    // Said below, as for any other line that is none.
  }
  throw new MillraceError("INPUT_INVALID", `${where} is no head of an audit log.`, {
    advice: "Write SEQ:HASH as `millrace audit head` prints it, or give a file of such heads.",
  });
}
