import { resolve } from "node:path";
import { type Duration, toMs } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors.ts";
import type { BatchRules } from "../automation.ts";
import { compileGlob, splitGlob } from "./glob.ts";

/** What happened to a file. A file that was renamed is `removed` under its old path and `added` under the new one. */
export type FileKind = "added" | "changed" | "removed";

/** What the event of a file trigger carries. */
export interface FileData {
  /** Absolute. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  readonly kind: FileKind;
  /** Size; of a removed file its last one. */
  readonly bytes: number;
  /** SHA-256 of the content, in hex; of a removed file its last one. */
  readonly hash: string;
  /** When it was last written, ISO 8601 in UTC. */
  readonly mtime: string;
}

export interface FileOptions {
  /**
   * Which files: `*` and `?` within a part of the path, `**` for any number of folders, `[a-z]`, `{pdf,txt}`. Relative to the folder that the
   * process was started in, or absolute. Names that begin with a dot are matched only where the pattern has the dot.
   */
  readonly glob: string;
  /** A file counts as written once it has not changed for so long. Raise it for writers that pause. Default: `debounce`. */
  readonly settle?: Duration;
  /** A file is looked at so long after the last sign of a change. Default 500ms. */
  readonly debounce?: Duration;
  /** Patterns of what to leave out, relative to the glob's fixed folder; without a slash, of names at any depth. Added to IGNORED_NAMES. */
  readonly ignore?: readonly string[];
  /** What starts a run. Default added and changed. */
  readonly kinds?: readonly FileKind[];
  /** What becomes of files that are there when the trigger starts for the first time: a run each, or nothing. Default run. */
  readonly existing?: "run" | "skip";
  /**
   * Looks at every file in this interval instead of asking the system to tell of changes; false: asks the system in any case. Default: 5s on
   * network and FUSE volumes, which tell of nothing; false elsewhere.
   */
  readonly polling?: Duration | false;
  /** How often all files are compared with the journal beside the system's signs, at most; in large folders less often. Default 1m. */
  readonly rescan?: Duration;
}

export interface FileTrigger<Data = FileData> {
  readonly kind: "file";
  readonly glob: string;
  /** The glob's fixed folder, absolute. */
  readonly root: string;
  /** Asks whether a path below the root, with slashes, is of the trigger. */
  readonly matches: (relative: string) => boolean;
  /** Asks whether a file or folder below the root is left out, with all that is in it. */
  readonly ignores: (relative: string) => boolean;
  readonly settleMs: number;
  readonly debounceMs: number;
  readonly kinds: readonly FileKind[];
  readonly existing: "run" | "skip";
  /** Undefined: only where the system tells of no changes. */
  readonly pollingMs: number | false | undefined;
  readonly rescanMs: number;
  /** Set: several files make one run. */
  readonly batch?: BatchRules;
  readonly data?: Data;
}

/** Left out everywhere: what editors, browsers, synchronisers and version control leave while they work. */
export const IGNORED_NAMES: readonly string[] = [
  ".git",
  "node_modules",
  "*.tmp",
  "*.part",
  "*.partial",
  "*.crdownload",
  "*.download",
  "*.sw[a-p]",
  "*~",
  "~$*",
  ".~lock*",
  ".#*",
  ".syncthing.*",
  ".DS_Store",
  "Thumbs.db",
  "desktop.ini",
];

const SHORTEST_WATCH_MS = 100;

/**
 * Starts a run for each file that comes or changes: one for a path and content, also for what happened while nothing ran. The event carries
 * where the file is and its hash, not its content. Throws INPUT_INVALID with the option that is wrong.
 */
export function file(options: FileOptions): FileTrigger {
  const { glob, debounce = "500ms", ignore = [], kinds = ["added", "changed"], existing = "run" } = options;
  const { folder, pattern } = splitGlob(glob);
  const debounceMs = toMs(debounce);
  if (kinds.length === 0) throw new MillraceError("INPUT_INVALID", "kinds of on.file names nothing that starts a run.");
  const names = [...IGNORED_NAMES, ...ignore.filter((rule) => !rule.includes("/"))].map(compileGlob);
  const paths = ignore.filter((rule) => rule.includes("/")).map(compileGlob);
  return {
    kind: "file",
    glob,
    root: resolve(folder),
    matches: compileGlob(pattern),
    ignores(relative) {
      const name = relative.slice(relative.lastIndexOf("/") + 1);
      return names.some((matches) => matches(name)) || paths.some((matches) => matches(relative));
    },
    settleMs: options.settle === undefined ? debounceMs : toMs(options.settle),
    debounceMs,
    kinds,
    existing,
    pollingMs:
      options.polling === undefined || options.polling === false
        ? options.polling
        : interval("polling", options.polling),
    rescanMs: interval("rescan", options.rescan ?? "1m"),
  };
}

function interval(option: string, duration: Duration): number {
  const ms = toMs(duration);
  if (ms >= SHORTEST_WATCH_MS) return ms;
  throw new MillraceError(
    "INPUT_INVALID",
    `${option} of on.file is ${duration}, which is below ${SHORTEST_WATCH_MS}ms.`,
  );
}
