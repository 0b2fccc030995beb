import { hash } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, unlink, utimes, writeFile } from "node:fs/promises";
import type { Dirent } from "node:fs";
import { basename, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { mapParallel } from "../../core/parallel.ts";
import type { EntryMeta, Level, StoredEntry } from "../contract.ts";
import { firstAfter } from "../key-order.ts";
import { parsePattern } from "../pattern.ts";
import { decodeEntryFile, encodeEntryFile } from "./entry-file.ts";
import { isMissing, readOwnFile } from "./own-file.ts";

/* Three folders: `entries` with a small file a key, named by the hash of the key; `payloads`, each named by the hash of its bytes, so that
   equal ones are stored once; `new`, where files are written before they are moved to their place. A file is never changed: so
   two processes may share the folder, and what a reader finds is whole, or fails its checksum. What stands in place of a file or a folder
   of ours is not followed, waited for or looked into: it goes, and nothing that is not named as ours is ever touched. */

export interface FilesLevelOptions {
  /** Made when it is missing. */
  readonly directory: string;
  readonly clock: Clock;
  /** Smaller payloads are not taken. Default 65 536; 0 to use it without a database. */
  readonly minBytes?: number;
  /** Payloads together, in bytes. Default 10 GB. */
  readonly maxBytes?: number;
  /** Age past which an entry goes, whatever its own end, in milliseconds. Default 30 days. */
  readonly maxAgeMs?: number;
}

interface Found {
  readonly path: string;
  readonly key: string;
  readonly meta: EntryMeta;
  readonly digest: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PARALLEL = 16;
const SHARD = /^[0-9a-f]{2}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const DRAFT = /^\d+-\d+-[0-9a-f]{16}$/;
/** A sweep past the bound goes a little further, so that not every write needs another. */
const LOW_WATER = 0.9;

/** Opens a level of files. Throws when the folder cannot be made. */
export async function openFilesLevel({
  directory,
  clock,
  minBytes = 65_536,
  maxBytes = 10_000_000_000,
  maxAgeMs = 30 * DAY_MS,
}: FilesLevelOptions): Promise<Level> {
  const entries = join(directory, "entries");
  const payloads = join(directory, "payloads");
  const fresh = join(directory, "new");
  for (const folder of [entries, payloads, fresh]) await mkdir(folder, { recursive: true });
  const made = new Set<string>();
  let written = 0;
  let evictions = 0;
  /** Bytes at the last count and what was written since. */
  let bytes: number | undefined;
  let sweeping: Promise<number> | undefined;

  function entryPath(key: string): string {
    return placed(entries, hash("sha256", Buffer.from(key, "utf16le")));
  }

  async function makeFolder(folder: string): Promise<void> {
    if (made.has(folder)) return;
    const failure = await mkdir(folder, { recursive: true }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const found = await lstat(folder).catch((error: unknown) => {
      throw failure ?? error;
    });
    if (!found.isDirectory()) {
      await unlink(folder); // a file, or a link: what is behind it is not ours
      await mkdir(folder);
    }
    made.add(folder);
  }

  /** Writes beside and moves into place; the file's time is the clock's, for the sweep. */
  async function place(path: string, data: Uint8Array | string): Promise<void> {
    const draft = join(fresh, `${process.pid}-${written++}-${hash("sha256", path).slice(0, 16)}`);
    const write = async (): Promise<void> => {
      await makeFolder(fresh);
      await writeFile(draft, data, { flag: "wx" });
      await touch(draft);
      await makeFolder(join(path, ".."));
      await rename(draft, path);
    };
    try {
      await write();
    } catch {
      // Folders that went, or something that stands in the way: once more, from the start.
      made.clear();
      await remove(draft);
      if ((await lstat(path).catch(() => undefined))?.isDirectory() === true) await removeForeign(path);
      await write().catch(async (error: unknown) => {
        await remove(draft);
        throw error;
      });
    }
  }
  async function touch(path: string): Promise<void> {
    const at = clock.now() / 1_000;
    await utimes(path, at, at);
  }

  async function putPayload(path: string, payload: Uint8Array): Promise<void> {
    const known = await lstat(path).catch(() => undefined);
    const isKept = known?.isFile() === true && known.size === payload.length && (await succeeds(touch(path)));
    if (isKept) return;
    await place(path, payload);
    if (bytes !== undefined) bytes += payload.length;
  }

  async function setEntry({ key, meta, payload }: StoredEntry): Promise<void> {
    const digest = hash("sha256", payload);
    await putPayload(placed(payloads, digest), payload);
    await place(entryPath(key), encodeEntryFile(key, meta, digest));
  }

  async function readEntry(path: string): Promise<Found | undefined> {
    const bytes = await readOwnFile(path);
    if (bytes === undefined) return undefined;
    const entry = bytes === "foreign" ? undefined : decodeEntryFile(bytes.toString());
    if (entry === undefined) await removeForeign(path);
    return entry === undefined ? undefined : { path, ...entry };
  }

  async function* scan(): AsyncGenerator<readonly Found[]> {
    for await (const paths of filesIn(entries)) {
      const outcomes = await mapParallel(paths, readEntry, { parallel: PARALLEL });
      yield outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? (outcome.value ?? []) : []));
    }
  }

  async function removeWhere(test: (entry: Found) => boolean): Promise<number> {
    let gone = 0;
    for await (const found of scan()) {
      for (const entry of found) if (test(entry) && (await remove(entry.path))) gone += 1;
    }
    return gone;
  }

  /** All payload files: their sizes, and when they were last written for an entry. */
  async function payloadFiles(): Promise<Map<string, { readonly size: number; readonly at: number }>> {
    const files = new Map<string, { readonly size: number; readonly at: number }>();
    for await (const paths of filesIn(payloads)) {
      for (const path of paths) {
        const found = await lstat(path).catch(() => undefined);
        if (found !== undefined) files.set(basename(path), { size: found.size, at: found.mtimeMs });
      }
    }
    return files;
  }

  async function sweepOnce(now: number): Promise<number> {
    let gone = 0;
    const living: Found[] = [];
    for await (const found of scan()) {
      for (const entry of found) {
        const isOver = entry.meta.deadAt <= now || entry.meta.createdAt <= now - maxAgeMs;
        if (!isOver) living.push(entry);
        else if (await remove(entry.path)) gone += 1;
      }
    }
    for (const { name } of await list(fresh)) if (DRAFT.test(name)) await removeOlder(join(fresh, name), now - HOUR_MS);
    return gone + (await collect(living, now));
  }

  /** Removes payloads that no entry names, and the oldest entries while there are too many bytes. */
  async function collect(living: Found[], now: number): Promise<number> {
    const files = await payloadFiles();
    const users = Map.groupBy(living, ({ digest }) => digest);
    let total = 0;
    for (const { size } of files.values()) total += size;
    const isTight = total > maxBytes;
    for (const [digest, { size, at }] of files) {
      if (users.has(digest) || (!isTight && at > now - HOUR_MS)) continue;
      if (await remove(placed(payloads, digest))) total -= size;
    }
    let gone = 0;
    const oldestFirst = isTight ? living.toSorted((a, b) => a.meta.createdAt - b.meta.createdAt) : [];
    for (const { digest } of oldestFirst) {
      if (total <= maxBytes * LOW_WATER) break;
      for (const entry of users.get(digest) ?? []) if (await remove(entry.path)) gone += 1;
      if (users.delete(digest) && (await remove(placed(payloads, digest)))) total -= files.get(digest)?.size ?? 0;
    }
    evictions += gone;
    bytes = total;
    return gone;
  }

  function sweep(now: number): Promise<number> {
    return (sweeping ??= sweepOnce(now).finally(() => (sweeping = undefined)));
  }

  return {
    name: "files",
    accepts: (size) => size >= minBytes && size <= maxBytes,
    async get(key, signal) {
      const path = entryPath(key);
      const found = await readEntry(path);
      if (found === undefined || found.key !== key) return undefined;
      const payload = await readOwnFile(placed(payloads, found.digest), signal);
      if (Buffer.isBuffer(payload) && hash("sha256", payload) === found.digest)
        return { key, meta: found.meta, payload };
      await remove(path);
      if (payload !== undefined) await removeForeign(placed(payloads, found.digest));
      return undefined;
    },
    async set(list) {
      const fit = list.filter(({ payload }) => payload.length >= minBytes && payload.length <= maxBytes);
      for (const entry of fit) await setEntry(entry);
      if (fit.length > 0 && (bytes === undefined || bytes > maxBytes)) await sweep(clock.now());
    },
    async delete(keys) {
      const outcomes = await mapParallel(keys, (key) => remove(entryPath(key)), { parallel: PARALLEL });
      return outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value).length;
    },
    deleteMatching(pattern, upTo) {
      const reading = parsePattern(pattern);
      return removeWhere(({ key, meta }) => meta.position <= upTo && reading.matches(key));
    },
    deleteTagged: (tag, upTo) => removeWhere(({ meta }) => meta.position <= upTo && meta.tags.includes(tag)),
    async keys(pattern, limit, after) {
      const reading = parsePattern(pattern);
      const found: string[] = [];
      for await (const some of scan()) {
        found.push(...some.map(({ key }) => key).filter((key) => reading.matches(key)));
        if (found.length >= limit && after === undefined) break;
      }
      return after === undefined ? found.slice(0, limit) : firstAfter(found, after, limit);
    },
    async clear() {
      await removeWhere(() => true);
      for (const digest of (await payloadFiles()).keys()) await remove(placed(payloads, digest));
      bytes = 0;
    },
    sweep,
    async stats() {
      let items = 0;
      let counted = 0;
      for await (const paths of filesIn(entries)) items += paths.length;
      for (const { size } of (await payloadFiles()).values()) counted += size;
      return { items, bytes: counted, evictions, maxBytes };
    },
    async close() {
      await sweeping?.catch(() => undefined);
    },
  };
}

/** In a folder of its first two digits: folders of a hundred thousand files are slow. */
function placed(folder: string, digest: string): string {
  return join(folder, digest.slice(0, 2), digest);
}

/** The files named as ours, a folder at a time; a link in place of a folder is not followed. */
async function* filesIn(root: string): AsyncGenerator<readonly string[]> {
  for (const shard of await list(root)) {
    if (!shard.isDirectory() || !SHARD.test(shard.name)) continue;
    const folder = join(root, shard.name);
    const names = (await list(folder)).map(({ name }) => name);
    yield names.filter((name) => DIGEST.test(name)).map((name) => join(folder, name));
  }
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Whether there was such a file. */
async function remove(path: string): Promise<boolean> {
  return succeeds(unlink(path));
}

/** Whatever stands there. */
async function removeForeign(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function removeOlder(path: string, than: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && found.mtimeMs < than) await remove(path);
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
