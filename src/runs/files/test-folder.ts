import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { createIds, type Ids } from "../../core/ids.ts";
import { createLog, type Log } from "../../core/log.ts";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { file, type FileOptions } from "./file-trigger.ts";
import { createFileJournal, type FileJournal, migrateFileJournal } from "./journal.ts";
import { createOwnFiles, type OwnFiles } from "./own-files.ts";
import { createWatchedFolder, type FoundFile, type WatchedFolder, type WatchedFolderParams } from "./watched-folder.ts";

/** A folder on the real disk, and a trigger that watches it. */
export interface FolderBench {
  readonly root: string;
  readonly clock: ManualClock;
  readonly ids: Ids;
  readonly store: Store;
  readonly journal: FileJournal;
  /** What runs were started for, in order. */
  readonly runs: readonly FoundFile["data"][];
  /** What was logged, a line each. */
  readonly logged: readonly string[];
  readonly put: (name: string, content: string) => Promise<string>;
  readonly path: (name: string) => string;
  /** Makes the folder's trigger, not started; closed with the bench. Signs are not asked for unless told so. */
  readonly open: (options?: Partial<FileOptions>, params?: Partial<WatchedFolderParams>) => WatchedFolder;
  readonly own: (options?: Partial<FileOptions>) => OwnFiles;
  /** `kind name` of the runs that were started since this was last asked, sorted. */
  readonly news: () => readonly string[];
}

/** Ahead of the machine's clock by an hour every file is old, and has come to rest. */
export const LATER_MS = 3_600_000;

export async function withFolder(
  work: (bench: FolderBench) => Promise<void>,
  { aheadMs = LATER_MS }: { readonly aheadMs?: number } = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "millrace-files-"));
  const clock = createManualClock(systemClock.now() + aheadMs);
  const ids = createIds({ clock, random: createSeededRandom(1) });
  const logged: string[] = [];
  const log: Log = createLog({ level: "warn", destination: { write: (line) => void logged.push(line) } });
  const store = await openSqliteStore({ directory: ":memory:", clock, log });
  await migrateFileJournal(store.db);
  const journal = createFileJournal({ db: store.db, automation: "job" });
  const runs: FoundFile["data"][] = [];
  const folders: WatchedFolder[] = [];
  let told = 0;

  /** Admits to the real store, under the key. */
  async function admit(files: readonly FoundFile[]): Promise<void> {
    const admitted = await Promise.all(
      files.map(({ data, key }) =>
        store.runs.admit({ id: ids.next(), automation: "job", event: JSON.stringify(data), key, now: clock.now() }),
      ),
    );
    runs.push(...files.filter((_file, index) => admitted[index]?.isNew === true).map(({ data }) => data));
  }

  function trigger(options: Partial<FileOptions> = {}) {
    return file({ glob: `${root}/**/*`, debounce: 0, polling: "1h", ...options });
  }

  const bench: FolderBench = {
    root,
    clock,
    ids,
    store,
    journal,
    runs,
    logged,
    path: (name) => join(root, name),
    async put(name, content) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
    open(options, params = {}) {
      const folder = createWatchedFolder({
        automation: "job",
        trigger: trigger(options),
        journal,
        admit,
        clock,
        log,
        ...params,
      });
      folders.push(folder);
      return folder;
    },
    own: (options) => createOwnFiles({ triggers: [trigger(options)], journal, ids }),
    news() {
      const fresh = runs.slice(told).map(({ kind, path }) => `${kind} ${path.slice(root.length + 1)}`);
      told = runs.length;
      return fresh.sort();
    },
  };
  try {
    await work(bench);
  } finally {
    for (const folder of folders) await folder.close();
    await store.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** Waits, without a limit of its own, until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(5);
  assert.ok(await isSo());
}
