import type { Clock } from "../../core/clock.ts";
import type { DirtyPath } from "./dirty-paths.ts";
import { type FileStat, statFile } from "./file-stat.ts";
import type { FileTrigger } from "./file-trigger.ts";
import { hashFile, type HashedFile } from "./hash-file.ts";
import type { FileJournal, JournalEntry } from "./journal.ts";

/** A file that differs from the journal and has come to rest: its content is to be read. */
export interface SettledFile extends FileStat {
  readonly is: "settled";
  readonly path: string;
  /** What the journal says; undefined: nothing. */
  readonly known: JournalEntry | undefined;
}

export interface Unsettled {
  readonly is: "unsettled";
  readonly dirty: DirtyPath;
  readonly waitMs: number;
}

/** What a path is, compared with the journal. `touched`: another time or inode, the same content. */
export type Finding =
  | { readonly is: "added"; readonly path: string; readonly known: undefined; readonly file: HashedFile }
  | {
      readonly is: "changed" | "touched";
      readonly path: string;
      readonly known: JournalEntry;
      readonly file: HashedFile;
    }
  | { readonly is: "removed"; readonly path: string; readonly known: JournalEntry };

export interface ExamineParams {
  readonly trigger: Pick<FileTrigger, "settleMs" | "debounceMs">;
  readonly journal: FileJournal;
  readonly clock: Clock;
  /** Whether the volume's clock is this machine's: then times tell how long a file has been at rest. */
  readonly isLocal: boolean;
}

/** Compares a path with the journal, without reading it. */
export async function examine(
  dirty: DirtyPath,
  { trigger, journal, clock, isLocal }: ExamineParams,
): Promise<"same" | Unsettled | SettledFile | Extract<Finding, { readonly is: "removed" }>> {
  const { path } = dirty;
  const [file, known] = await Promise.all([statFile(path), journal.get(path)]);
  if (file === undefined) return known === undefined ? "same" : { is: "removed", path, known };
  if (file.stat === known?.stat) return "same";

  const now = clock.monotonic();
  const seen = dirty.seen?.stat === file.stat ? dirty.seen : { stat: file.stat, at: now };
  // The time of the last change cannot be set by programs, but clocks can be wrong: the future tells nothing.
  const restedMs = Math.max(now - seen.at, isLocal ? clock.now() - file.ctimeMs : 0);
  if (restedMs >= trigger.settleMs) return { ...file, is: "settled", path, known };
  return { is: "unsettled", dirty: { path, seen }, waitMs: trigger.settleMs - restedMs };
}

/** Reads a file that has come to rest. Throws what the system says about one that cannot be read, and the signal's reason. */
export async function readSettled(
  { path, known }: SettledFile,
  { settleMs, debounceMs }: ExamineParams["trigger"],
  signal: AbortSignal,
): Promise<Unsettled | Finding> {
  const file = await hashFile(path, signal);
  if (typeof file === "string") return { is: "unsettled", dirty: { path }, waitMs: Math.max(settleMs, debounceMs) };
  if (known === undefined) return { is: "added", path, known, file };
  return { is: known.hash === file.hash ? "touched" : "changed", path, known, file };
}
