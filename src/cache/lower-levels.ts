import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Codec, EntryMeta, Level, LevelStats, StoredEntry } from "./contract.ts";
import { clip } from "./entry.ts";
import { bounded, type BoundedLevel } from "./guarded-level.ts";
import { firstAfter } from "./key-order.ts";
import { parsePattern } from "./pattern.ts";
import type { ResolvedPolicy } from "./policies.ts";
import { createWriter, type Removal, type Writer } from "./writer.ts";

/** An entry that a level below memory holds, and that may be served. */
export interface Found {
  readonly level: "database" | "files";
  readonly value: unknown;
  readonly meta: EntryMeta;
  readonly bytes: number;
  readonly payload: Uint8Array;
}

/** The levels below memory, as one. */
export interface LowerLevels {
  readonly isEmpty: boolean;
  /** The first entry that `accept` lets live; it gives the entry's meta data as they stand now, or undefined for a dead one. */
  read(
    key: string,
    policy: ResolvedPolicy,
    accept: (entry: StoredEntry) => EntryMeta | undefined,
    signal?: AbortSignal,
  ): Promise<Found | undefined>;
  /** Writes behind to every level that takes it; what others hold under the key goes. `skip`: it came from there. */
  write(entry: StoredEntry, policy: ResolvedPolicy, now: number, skip?: string): void;
  remove(removal: Removal): void;
  /** As a level gives them: what is on its way first, then those of all levels one after the other. */
  keys(pattern: string, limit: number, after?: string): Promise<readonly string[]>;
  sweep(now: number): Promise<void>;
  stats(): Promise<readonly (LevelStats & { readonly name: "database" | "files"; readonly isOpen: boolean })[]>;
  drain(): Promise<void>;
}

export interface LowerLevelsOptions {
  /** In the order in which they are asked. */
  readonly levels: readonly Level[];
  readonly codec: Codec;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  readonly onError: (part: string, error: unknown, key?: string) => void;
  readonly onDropped: (key: string) => void;
}

export function createLowerLevels({ levels, codec, clock, log, onError, onDropped }: LowerLevelsOptions): LowerLevels {
  const all = levels.map((level) => {
    const guarded = isBounded(level)
      ? level
      : bounded(level, { clock, log, onError: (error, key) => onError(level.name, error, key) });
    const writer = createWriter({
      level: tellingOfFailure(guarded),
      clock,
      onDropped,
      onError: (error) => onError(level.name, error),
    });
    return { level: guarded, writer };
  });

  function decode(entry: StoredEntry, level: BoundedLevel, writer: Writer): { readonly value: unknown } | undefined {
    try {
      return { value: codec.decode(entry.payload) };
    } catch (error) {
      onError(level.name, error, entry.key);
      writer.remove({ kind: "key", key: entry.key });
      return undefined;
    }
  }

  return {
    isEmpty: all.length === 0,
    async read(key, policy, accept, signal) {
      for (const { level, writer } of all) {
        if (policy.levels[level.name] === false) continue;
        const pending = writer.pending(key);
        if (pending === "deleted") continue;
        const entry = pending ?? (await level.get(key, signal));
        if (entry === undefined || (pending === undefined && writer.isDoubtful(entry))) continue;
        const meta = accept(entry);
        const decoded = meta === undefined ? undefined : decode(entry, level, writer);
        if (meta === undefined || decoded === undefined) continue;
        return {
          level: level.name,
          value: decoded.value,
          meta,
          bytes: entry.payload.byteLength,
          payload: entry.payload,
        };
      }
      return undefined;
    },
    write(entry, policy, now, skip) {
      for (const { level, writer } of all) {
        if (level.name === skip) continue;
        const ttl = policy.levels[level.name];
        const meta = ttl === false ? undefined : clip(entry.meta, now, ttl);
        if (meta !== undefined && meta.deadAt > now && level.accepts(entry.payload.byteLength))
          writer.set({ ...entry, meta });
        else if (skip === undefined) writer.remove({ kind: "key", key: entry.key });
      }
    },
    remove(removal) {
      for (const { writer } of all) writer.remove(removal);
    },
    async keys(pattern, limit, after) {
      const wanted = parsePattern(pattern);
      const pending = all.flatMap(({ writer }) => [...writer.pendingKeys()]).filter((key) => wanted.matches(key));
      const found = await Promise.all(all.map(({ level }) => level.keys(pattern, limit, after)));
      return [...(after === undefined ? pending.slice(0, limit) : firstAfter(pending, after, limit)), ...found.flat()];
    },
    async sweep(now) {
      await Promise.all(all.map(({ level }) => level.sweep(now)));
    },
    stats: () =>
      Promise.all(
        all.map(async ({ level }) => ({
          name: level.name,
          ...(await level.stats()),
          isOpen: !level.health().isReadable || !level.health().isWritable,
        })),
      ),
    async drain() {
      await Promise.all(all.map(({ writer }) => writer.drain()));
    },
  };
}

function isBounded(level: Level): level is BoundedLevel {
  return "health" in level;
}

/** A bounded level drops what fails in silence; the writer must know, since an older value may be left. */
function tellingOfFailure(
  level: BoundedLevel,
): Pick<Level, "set" | "delete" | "deleteMatching" | "deleteTagged" | "clear"> {
  async function telling<T>(work: () => Promise<T>): Promise<T> {
    const before = level.health();
    const result = await work();
    const after = level.health();
    if (after.droppedWrites > before.droppedWrites)
      throw new Error(`The ${level.name} level of the cache did not take a write.`);
    return result;
  }
  async function tellingDeletion<T>(work: () => Promise<T>): Promise<T> {
    const before = level.health();
    const result = await work();
    const after = level.health();
    if (after.failedDeletions > before.failedDeletions)
      throw new Error(`The ${level.name} level of the cache did not delete.`);
    return result;
  }
  return {
    set: (entries) => telling(() => level.set(entries)),
    delete: (keys) => tellingDeletion(() => level.delete(keys)),
    deleteMatching: (pattern, upTo) => tellingDeletion(() => level.deleteMatching(pattern, upTo)),
    deleteTagged: (tag, upTo) => tellingDeletion(() => level.deleteTagged(tag, upTo)),
    clear: () => tellingDeletion(() => level.clear()),
  };
}
