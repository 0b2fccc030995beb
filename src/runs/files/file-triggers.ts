import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Database } from "../../store/store.ts";
import type { FileTrigger } from "./file-trigger.ts";
import { createFileJournal, migrateFileJournal } from "./journal.ts";
import { createOwnFiles, type OwnFiles } from "./own-files.ts";
import { createWatchedFolder, type FoundFile, type WatchedFolder } from "./watched-folder.ts";

export interface FileTriggersParams {
  /** By the name of the automation. */
  readonly triggers: ReadonlyMap<string, readonly FileTrigger[]>;
  readonly db: Database;
  /** Stores a run of the automation for each file, before it resolves; a known key starts none. */
  readonly admit: (automation: string, trigger: FileTrigger, files: readonly FoundFile[]) => Promise<void>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The file triggers of all automations; started by the owner of the data only. */
export interface FileTriggers {
  /** Begins to watch: asks for signs of changes and scans, beside everything else. */
  start(): Promise<void>;
  /** What an automation writes its files with. */
  filesOf(automation: string): OwnFiles;
  close(): Promise<void>;
}

export function createFileTriggers({ triggers, db, admit, clock, ids, log }: FileTriggersParams): FileTriggers {
  const folders: WatchedFolder[] = [];
  const own = new Map<string, OwnFiles>();
  const isNeeded = [...triggers.values()].some((list) => list.length > 0);
  const starting: Promise<void>[] = [];
  let isClosed = false;

  async function start(): Promise<void> {
    if (!isNeeded) return;
    await migrateFileJournal(db);
    for (const [automation, list] of triggers) {
      const journal = createFileJournal({ db, automation });
      for (const trigger of list) {
        if (isClosed) return;
        const admitOwn = (files: readonly FoundFile[]): Promise<void> => admit(automation, trigger, files);
        const folder = createWatchedFolder({ automation, trigger, journal, admit: admitOwn, clock, log });
        folders.push(folder);
        starting.push(
          folder.start().catch((error: unknown) => {
            if (!isClosed) log.error({ error, automation, glob: trigger.glob }, "a folder could not be watched");
          }),
        );
      }
    }
  }

  return {
    start,
    filesOf(automation) {
      const known = own.get(automation);
      if (known !== undefined) return known;
      const journal = createFileJournal({ db, automation });
      const made = createOwnFiles({ triggers: triggers.get(automation) ?? [], journal, ids });
      own.set(automation, made);
      return made;
    },
    async close() {
      isClosed = true;
      await Promise.all(folders.map((folder) => folder.close()));
      await Promise.all(starting);
    },
  };
}
