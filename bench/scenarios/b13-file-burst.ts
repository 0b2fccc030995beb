import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { automation, type Host, loadConfig, number, on, openHost, systemClock } from "millrace";
import { watch } from "chokidar";
import type { BenchContext, Row, Scenario } from "../harness/scenario.ts";

const BURST = 20_000;
const CHANGED = 5_000;
const LARGE_BYTES = 2_000_000_000;
const LARGE_TARGET_MB = 100;
/** Nothing more is expected when nothing has come for so long. */
const QUIET_MS = 15_000;
const LONGEST_MS = 300_000;

/** B13: files written while the loop stands still, and while nothing runs. */
export const fileBurst: Scenario = {
  id: "B13",
  title: `${BURST.toLocaleString("en-US")} files in a burst, ${CHANGED.toLocaleString("en-US")} changed while stopped`,
  description: `The process that watches writes ${BURST.toLocaleString("en-US")} files itself, synchronously, so that its loop stands still; then, closed, ${CHANGED.toLocaleString("en-US")} of them get another content, and it is started again. Counted are files that led to nothing, and runs beyond one a file; chokidar alone, with its defaults and without the first scan, beside the file trigger, whose runs are executed as well. At last a file of ${LARGE_BYTES / 1e9} GB is taken in: resident memory above that before, at most.`,
  target: `none missed, none twice; ${LARGE_TARGET_MB} MB for the large file`,
  async run(context) {
    const alone = await watchAlone(context);
    const ours = await watchWithRuns(context);
    const rows: Row[] = [
      row("burst: missed by chokidar alone", BURST - alone.burst, "files"),
      row("burst: missed by millrace", BURST - ours.burst.files, "files"),
      row("burst: started twice by millrace", ours.burst.runs - ours.burst.files, "runs"),
      row("burst: until all runs of millrace are stored", ours.burst.seconds, "s"),
      row("changed while stopped: missed by chokidar alone", CHANGED - alone.changed, "files"),
      row("changed while stopped: missed by millrace", CHANGED - ours.changed.files, "files"),
      row("changed while stopped: started twice by millrace", ours.changed.runs - ours.changed.files, "runs"),
      row("changed while stopped: until all runs of millrace are stored", ours.changed.seconds, "s"),
      row("large file: memory of millrace", ours.largeMb, "MB"),
    ];
    const isWhole =
      ours.burst.files === BURST &&
      ours.burst.runs === BURST &&
      ours.changed.files === CHANGED &&
      ours.changed.runs === CHANGED;
    const ratios = {
      "taken in of the burst by chokidar alone": alone.burst / BURST,
      "by millrace": ours.burst.files / BURST,
      "of what changed while stopped by chokidar alone": alone.changed / CHANGED,
      "by millrace, changed while stopped": ours.changed.files / CHANGED,
    };
    return { rows, ratios, met: isWhole && ours.largeMb <= LARGE_TARGET_MB };
  },
};

function row(side: string, value: number, unit: string): Row {
  return { side, value, unit, spread: [value, value] };
}

function writeFiles(folder: string, count: number, round: number): void {
  for (let index = 0; index < count; index++)
    writeFileSync(join(folder, `${index}.txt`), `round ${round}, file ${index}`);
}

/** Waits until a count has come up to what is expected and then no further, or comes no further at all. */
async function settled(count: () => Promise<number>, expected: number): Promise<number> {
  const startedAt = performance.now();
  let last = await count();
  let lastAt = startedAt;
  let reachedAt = last >= expected ? startedAt : undefined;
  while (performance.now() - lastAt < QUIET_MS && performance.now() - startedAt < LONGEST_MS) {
    await systemClock.sleep(1_000);
    const now = await count();
    if (now > last) lastAt = performance.now();
    if (now >= expected) reachedAt ??= performance.now();
    last = now;
  }
  return (reachedAt ?? performance.now()) - startedAt;
}

/** Files of which chokidar told: written by this process, and changed while nothing watched. */
async function watchAlone({
  directory,
  say,
}: BenchContext): Promise<{ readonly burst: number; readonly changed: number }> {
  const folder = join(directory, "alone");
  mkdirSync(folder);
  const seen = new Set<string>();
  async function seenWhile(work: () => void, expected: number, isOpenBefore: boolean): Promise<number> {
    seen.clear();
    if (!isOpenBefore) work();
    const watcher = watch(folder, { ignoreInitial: true });
    watcher.on("all", (_event, path) => void seen.add(path));
    await new Promise((resolve) => void watcher.once("ready", () => resolve(undefined)));
    if (isOpenBefore) work();
    await settled(async () => seen.size, expected);
    await watcher.close();
    return Math.min(seen.size, expected);
  }
  const burst = await seenWhile(() => writeFiles(folder, BURST, 1), BURST, true);
  const changed = await seenWhile(() => writeFiles(folder, CHANGED, 2), CHANGED, false);
  say(`chokidar alone: ${burst} of ${BURST}, ${changed} of ${CHANGED}`);
  return { burst, changed };
}

interface Counted {
  readonly files: number;
  readonly runs: number;
  readonly seconds: number;
}

async function watchWithRuns({ directory, log, say }: BenchContext) {
  const folder = join(directory, "ours");
  mkdirSync(folder);
  const config = await loadConfig({ environment: {}, cwd: directory, flags: { data: join(directory, "data") } });
  const takes = automation("takes", { on: [on.file({ glob: `${folder}/*` })] }, async ({ event }) => event.data.bytes);

  async function withHost<T>(work: (host: Host) => Promise<T>): Promise<T> {
    const host = await openHost({ config, automations: [takes], log });
    try {
      await host.start();
      return await work(host);
    } finally {
      await host.close();
    }
  }

  /** Runs, and different files among them, of one kind. */
  async function counted(host: Host, kind: string, expected: number): Promise<Counted> {
    const count = async () => number(await requireRow(host, COUNT, kind), "runs");
    const ms = await settled(count, expected);
    const found = await requireRow(host, COUNT, kind);
    const result = { files: number(found, "files"), runs: number(found, "runs"), seconds: ms / 1_000 };
    say(`millrace, ${kind}: ${result.files} files, ${result.runs} runs, ${result.seconds.toFixed(1)} s`);
    return result;
  }

  const burst = await withHost(async (host) => {
    writeFiles(folder, BURST, 1);
    return await counted(host, "added", BURST);
  });
  writeFiles(folder, CHANGED, 2);
  return await withHost(async (host) => {
    const changed = await counted(host, "changed", CHANGED);
    const largeMb = await measureLarge(host, folder);
    say(`millrace, ${LARGE_BYTES / 1e9} GB: ${largeMb} MB`);
    return { burst, changed, largeMb };
  });
}

async function measureLarge(host: Host, folder: string): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const path = join(folder, "large.bin");
  writeFileSync(path, "");
  truncateSync(path, LARGE_BYTES);
  const startedAt = performance.now();
  for (let looks = 1; ; looks++) {
    most = Math.max(most, process.memoryUsage.rss());
    // Asking costs a look through all runs, so it is done seldom.
    if (looks % 50 === 0 && number(await requireRow(host, LARGE, path), "runs") > 0) break;
    if (performance.now() - startedAt > LONGEST_MS) return Number.POSITIVE_INFINITY;
    await systemClock.sleep(20);
  }
  return Math.round((most - before) / 1e6);
}

const COUNT = `select count(*) as runs, count(distinct json_extract(event, '$.data.path')) as files
  from runs where json_extract(event, '$.data.kind') = :what`;
const LARGE = "select count(*) as runs from runs where json_extract(event, '$.data.path') = :what";

async function requireRow(host: Host, sql: string, what: string) {
  const found = await host.store.db.get(sql, { what });
  if (found === undefined) throw new Error("The store did not answer.");
  return found;
}
