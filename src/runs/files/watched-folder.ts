import { basename } from "node:path";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { mapParallel } from "../../core/parallel.ts";
import { createDirtyPaths, type DirtyPath } from "./dirty-paths.ts";
import { examine, type Finding, readSettled, type SettledFile, type Unsettled } from "./examine.ts";
import type { FileData, FileKind, FileTrigger } from "./file-trigger.ts";
import type { FileJournal, JournalChange } from "./journal.ts";
import { createPathPace } from "./path-pace.ts";
import { isWanted, scan } from "./scan.ts";
import { isLocalVolume, type Watch, watch } from "./watch.ts";

/* How a file becomes a run. Signs of the system and scans make a path dirty. Once its time has come it is examined: is it there, has it
   come to rest, what is its hash? What differs from the journal is admitted, up to 500 at once in one transaction, and only then
   written to the journal: a process that dies in between admits it again, under the same key, which starts nothing. */

/** A file that is to start a run. */
export interface FoundFile {
  readonly data: FileData;
  /** One for a path and content (removed: and its last write). */
  readonly key: string;
}

export interface WatchedFolderParams {
  readonly automation: string;
  readonly trigger: FileTrigger;
  readonly journal: FileJournal;
  /** Stores a run for each file, before it resolves. */
  readonly admit: (files: readonly FoundFile[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** How signs of changes are asked for. */
  readonly openWatch?: typeof watch;
}

/** The files of one trigger. */
export interface WatchedFolder {
  /** Asks for signs and begins the first scan; what it finds is admitted later. */
  start(): Promise<void>;
  /** Compares the whole folder with the journal; resolves when all that had come to rest is admitted. */
  reconcile(): Promise<void>;
  close(): Promise<void>;
}

const BATCH = 500;
const PARALLEL = 8;
/** Files from this size on are read one after another, beside the others. */
const LARGE_BYTES = 67_108_864;
/** Paths that wait to be looked at, at most: beyond, a scan waits, and signs are left to the next scan. */
const MOST_DIRTY = 10_000;
/** What could not be read or stored is tried again so much later. */
const AGAIN_MS = 5_000;
const POLLING_MS = 5_000;
/** How often the event loop is asked whether it stood still, and how long a stand makes signs doubtful. */
const LOOK_MS = 100;
const STALL_MS = 200;
/** The shortest pause after a scan, in milliseconds for each file looked at: twenty times what a look takes. Waits and stalls do not count. */
const PAUSE_MS = 0.4;
/** Troubles that are remembered, so that each is told once. */
const TOLD = 1_000;

export function createWatchedFolder(params: WatchedFolderParams): WatchedFolder {
  const { automation, trigger, journal, clock, openWatch = watch } = params;
  const log = params.log.child({ automation, glob: trigger.glob });
  const stop = new AbortController();
  const { signal } = stop;
  const pace = createPathPace(clock);
  const dirty = createDirtyPaths({ clock, onDue: () => void drain() });
  const told = new Set<string>();
  let draining: Promise<void> | undefined;
  let largeReads: Promise<unknown> = Promise.resolve();
  let room = Promise.withResolvers<void>();
  let watching: Watch | undefined;
  let isLocal = true;
  let scanning: Promise<void> = Promise.resolve();
  let scans = 0;
  let isScanWanted = false;
  let timer: Timer | undefined;
  let everyMs = trigger.rescanMs;
  let scanAt = Infinity;
  let earliestScanAt = 0;
  let looked = 0;
  let lookedAt = 0;
  let isBaseline = false;

  async function start(): Promise<void> {
    isLocal = await isLocalVolume(trigger.root);
    isBaseline = trigger.existing === "skip" && !(await journal.isBegun(trigger.glob));
    await openSigns();
    if (signal.aborted) return;
    reconcile().catch(report);
    lookedAt = clock.monotonic();
    look();
  }

  /** Where the system does not tell of changes, the scan alone finds them. */
  async function openSigns(): Promise<void> {
    const { rescanMs, pollingMs = isLocal ? false : POLLING_MS } = trigger;
    everyMs = pollingMs === false ? rescanMs : pollingMs;
    if (pollingMs !== false) return;
    try {
      watching = await openWatch({ trigger, signal, onSign: touch, onError: onWatchError });
      if (signal.aborted) await watching.close();
    } catch (error) {
      onWatchError(error);
    }
  }

  function onWatchError(error: unknown): void {
    tell("watch", { error }, "the system gives no more signs of changes here: files are found by scanning alone");
    wantScan();
  }

  function touch(path: string): void {
    if (signal.aborted || !isWanted(trigger, path)) return;
    if (dirty.size >= MOST_DIRTY) wantScan();
    else dirty.add({ path }, trigger.debounceMs);
  }

  /** A loop that stood still has overlooked signs, and the kernel's queue for them may have run over. */
  function look(): void {
    const now = clock.monotonic();
    if (now - lookedAt > LOOK_MS + STALL_MS && watching !== undefined) wantScan();
    lookedAt = now;
    if (now >= scanAt) wantScan();
    if (isScanWanted && now >= earliestScanAt && scans === 0) reconcile().catch(report);
    timer = clock.after(LOOK_MS, look);
  }

  function wantScan(): void {
    isScanWanted = true;
  }

  function reconcile(): Promise<void> {
    scans += 1;
    scanning = scanning
      .catch(() => undefined)
      .then(scanAll)
      .finally(() => (scans -= 1));
    return scanning;
  }

  async function scanAll(): Promise<void> {
    isScanWanted = false;
    looked = 0;
    for await (const path of scan({ trigger, journal, signal, onUnreadable, onLooked: (files) => (looked += files) })) {
      while (dirty.size >= MOST_DIRTY) {
        void drain();
        await room.promise;
      }
      signal.throwIfAborted();
      dirty.add({ path }, 0);
    }
    await drained();
    if (isBaseline) {
      await journal.begin(trigger.glob);
      isBaseline = false;
    }
    const pauseMs = looked * PAUSE_MS;
    earliestScanAt = clock.monotonic() + pauseMs;
    scanAt = clock.monotonic() + Math.max(pauseMs, everyMs);
  }

  /** Resolves when all that is due has been dealt with. */
  async function drained(): Promise<void> {
    await drain();
    // The first may have been about to end when the last path came.
    await drain();
    await largeReads;
  }

  function drain(): Promise<void> {
    draining ??= drainDue().finally(() => {
      draining = undefined;
      if (!signal.aborted) dirty.arm();
    });
    return draining;
  }

  async function drainDue(): Promise<void> {
    for (;;) {
      const due = signal.aborted ? [] : dirty.takeDue(BATCH);
      if (due.length === 0) return;
      const findings = await mapParallel(due, lookAt, { parallel: PARALLEL, signal });
      await settle(due, findings);
      room.resolve();
      room = Promise.withResolvers();
    }
  }

  /** Examines a path. One large file is read at a time, beside the others, and settled by itself. */
  async function lookAt(one: DirtyPath): Promise<Outcome> {
    const looked = await examine(one, { trigger, journal, clock, isLocal });
    if (looked === "same" || looked.is !== "settled") return looked;
    if (looked.bytes < LARGE_BYTES) return await readSettled(looked, trigger, signal);
    largeReads = largeReads.then(() => settleLarge(looked));
    return "same";
  }

  async function settleLarge(file: SettledFile): Promise<void> {
    await settle([file], await Promise.allSettled([readSettled(file, trigger, signal)]));
  }

  async function settle(
    looked: readonly DirtyPath[],
    outcomes: readonly PromiseSettledResult<Outcome>[],
  ): Promise<void> {
    if (signal.aborted) return;
    const findings = outcomes.flatMap((outcome, index) => {
      if (outcome.status === "fulfilled") return outcome.value === "same" ? [] : [outcome.value];
      onUnreadable(looked[index]?.path ?? "", outcome.reason);
      return [];
    });
    for (const finding of findings) if (finding.is === "unsettled") dirty.add(finding.dirty, finding.waitMs);
    const taken = findings.filter((finding) => finding.is !== "unsettled").filter(isInPace);
    try {
      const found = taken.filter(isStarting).map((finding) => toFound(finding, trigger.kinds));
      if (found.length > 0) await params.admit(found);
      await journal.write(taken.map(toChange));
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error, files: taken.length }, "files could not be taken in, and are tried again");
      for (const { path } of taken) dirty.add({ path }, AGAIN_MS);
    }
  }

  function isStarting(finding: Finding): finding is StartingFinding {
    if (finding.is === "touched" || (isBaseline && finding.is === "added")) return false;
    // What a run was about to write when its process died.
    if (finding.is === "removed" && finding.known.stat === "own") return false;
    return trigger.kinds.includes(finding.is);
  }

  function isInPace(finding: Finding): boolean {
    const { path } = finding;
    const waitMs = isStarting(finding) ? pace.take(path) : 0;
    if (waitMs === 0) return true;
    tell(path, { path }, "a file changes so often that its runs are slowed down: do they write what starts them?");
    dirty.add({ path }, waitMs);
    return false;
  }

  function onUnreadable(path: string, error: unknown): void {
    if (signal.aborted) return;
    tell(path, { path, error }, "this cannot be read, and is looked at again at every scan");
  }

  /** Warns once of each trouble. */
  function tell(what: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    if (told.has(what)) return;
    if (told.size >= TOLD) told.clear();
    told.add(what);
    log.warn(fields, message);
  }

  function report(error: unknown): void {
    if (signal.aborted) return;
    log.error({ error }, "a folder could not be scanned");
    scanAt = clock.monotonic() + AGAIN_MS;
  }

  async function close(): Promise<void> {
    stop.abort(new Error("The file triggers are closing."));
    timer?.cancel();
    dirty.close();
    room.resolve();
    await watching?.close();
    await scanning.catch(() => undefined);
    await draining;
    await largeReads;
  }

  return { start, reconcile, close };
}

type Outcome = "same" | Unsettled | Finding;
type StartingFinding = Finding & { readonly is: FileKind };

function toChange(finding: Finding): JournalChange {
  const { path, known } = finding;
  if (finding.is === "removed") return { path, known: known?.hash, entry: undefined };
  const { stat, hash, bytes, mtimeMs } = finding.file;
  return { path, known: known?.hash, entry: { stat, hash, bytes, mtime: toIso(mtimeMs) } };
}

function toFound(finding: StartingFinding, kinds: FileTrigger["kinds"]): FoundFile {
  const { path } = finding;
  const name = basename(path);
  if (finding.is === "removed") {
    const { hash, bytes, mtime, stat } = finding.known;
    return { data: { path, name, kind: finding.is, bytes, hash, mtime }, key: `removed ${stat} ${path}` };
  }
  const { hash, bytes, mtimeMs, stat } = finding.file;
  // Who is told that a file went is told when it comes back, too.
  const key = kinds.includes("removed") ? `${hash} ${stat} ${path}` : `${hash} ${path}`;
  return { data: { path, name, kind: finding.is, bytes, hash, mtime: toIso(mtimeMs) }, key };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
