import { systemClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { createLog } from "../../core/log.ts";
import { systemRandom } from "../../core/random.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import { file } from "./file-trigger.ts";
import { createFileJournal, type FileJournal, migrateFileJournal } from "./journal.ts";
import { createWatchedFolder } from "./watched-folder.ts";

/* Scans a folder into a store, and dies the hard way in the middle of it if it is told where. */

const [data = "", folder = "", dieAt = "never"] = process.argv.slice(2);
/** The batch in which it dies. */
const FATAL = 2;

let batch = 0;
function dieHere(place: string): void {
  if (place === dieAt && batch === FATAL) process.kill(process.pid, "SIGKILL");
}

const clock = systemClock;
const ids = createIds({ clock, random: systemRandom });
const log = createLog({ level: "warn" });
const store = await openSqliteStore({ directory: data, clock, log });
await migrateFileJournal(store.db);
const real = createFileJournal({ db: store.db, automation: "job" });
const journal: FileJournal = {
  ...real,
  async write(changes) {
    dieHere("before the journal");
    await real.write(changes);
  },
};
const watched = createWatchedFolder({
  automation: "job",
  trigger: file({ glob: `${folder}/**/*`, settle: 0, polling: "1h" }),
  journal,
  async admit(files) {
    batch += 1;
    dieHere("before admission");
    const admitted = files.map(({ data, key }) =>
      store.runs.admit({ id: ids.next(), automation: "job", event: JSON.stringify(data), key, now: clock.now() }),
    );
    dieHere("in admission");
    await Promise.all(admitted);
  },
  clock,
  log,
});
await watched.reconcile();
await watched.close();
await store.close();
