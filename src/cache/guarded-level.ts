import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type Circuit, createCircuit } from "./circuit.ts";
import type { Level, LevelStats } from "./contract.ts";
import { createDeadlines, type Deadlines, TIMED_OUT } from "./deadlines.ts";

export interface BoundedOptions {
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Longest time of a read, a write or a deletion of keys, in milliseconds. Default 250. */
  readonly deadlineMs?: number;
  /** Longest time of what goes through many entries: patterns, tags, sweeps. In milliseconds. Default 10 000. */
  readonly longDeadlineMs?: number;
  /** Hears of each operation that failed or took too long, with the key of one that was about one. */
  readonly onError?: (error: unknown, key?: string) => void;
  /** When a level is left alone: reads, writes and upkeep (deletions, sweeps, counts) each have a breaker of their own, as a full or locked one can still be read. */
  readonly breaker?: { readonly threshold?: number; readonly openMs?: number; readonly longestOpenMs?: number };
}

export interface LevelHealth {
  /** False: reads are answered as misses without asking the level. */
  readonly isReadable: boolean;
  /** False: writes are dropped without asking the level. */
  readonly isWritable: boolean;
  /** Operations that failed or took too long. */
  readonly errors: number;
  /** Of these, those that took too long. */
  readonly timeouts: number;
  /** Operations not even tried, as the breaker was open. */
  readonly skipped: number;
  /** Entries that were to be written and, as far as is known, were not. */
  readonly droppedWrites: number;
  /** Deletions that were asked for and, as far as is known, not done. */
  readonly failedDeletions: number;
}

/** A level that never throws and never takes longer than its deadline: a failed read is a miss, a failed write is dropped. */
export interface BoundedLevel extends Level {
  health(): LevelHealth;
}

/** Somebody looks at the figures: rather none than late ones. */
const COUNT_MS = 1_000;

/** Bounds the time and the trouble that a level can cause. */
export function bounded(
  level: Level,
  { clock, log, deadlineMs = 250, longDeadlineMs = 10_000, onError, breaker = {} }: BoundedOptions,
): BoundedLevel {
  const reads = createCircuit({ clock, ...breaker });
  const writes = createCircuit({ clock, ...breaker });
  const upkeep = createCircuit({ clock, ...breaker });
  const short = createDeadlines({ clock, ms: deadlineMs });
  const long = createDeadlines({ clock, ms: longDeadlineMs });
  const count = createDeadlines({ clock, ms: Math.min(COUNT_MS, longDeadlineMs) });
  let errors = 0;
  let timeouts = 0;
  let skipped = 0;
  let droppedWrites = 0;
  let failedDeletions = 0;

  function failed(circuit: Circuit, error: unknown, key?: string): void {
    errors += 1;
    if (error === TIMED_OUT) timeouts += 1;
    const wasOpen = circuit.isOpen();
    circuit.fail();
    onError?.(error, key);
    if (!circuit.isOpen() || wasOpen) return;
    const what = circuit === reads ? "reads" : circuit === writes ? "writes" : "upkeep";
    log?.warn({ error, level: level.name }, `${what} of a cache level are bypassed until it works again`);
  }

  async function attempt<T>(
    circuit: Circuit,
    deadlines: Deadlines,
    work: () => Promise<T>,
    {
      otherwise,
      signal,
      key,
    }: { readonly otherwise: T; readonly signal?: AbortSignal | undefined; readonly key?: string },
  ): Promise<T> {
    if (!circuit.admit()) {
      skipped += 1;
      return otherwise;
    }
    try {
      const value = await deadlines.within(work());
      if (circuit.isOpen()) log?.info({ level: level.name }, "a cache level works again");
      circuit.succeed();
      return value;
    } catch (error) {
      if (signal?.aborted === true) circuit.forget();
      else failed(circuit, error, key);
      return otherwise;
    }
  }

  async function attemptDeletion(deadlines: Deadlines, work: () => Promise<number | void>): Promise<number> {
    const gone = await attempt(upkeep, deadlines, async () => (await work()) ?? 0, { otherwise: undefined });
    if (gone === undefined) failedDeletions += 1;
    return gone ?? 0;
  }

  return {
    name: level.name,
    accepts: (bytes) => level.accepts(bytes),
    get: (key, signal) => attempt(reads, short, () => level.get(key, signal), { otherwise: undefined, signal, key }),
    async set(entries) {
      const write = async (): Promise<boolean> => {
        await level.set(entries);
        return true;
      };
      if (!(await attempt(writes, short, write, { otherwise: false }))) droppedWrites += entries.length;
    },
    delete: (keys) => attemptDeletion(short, () => level.delete(keys)),
    deleteMatching: (pattern, upTo) => attemptDeletion(long, () => level.deleteMatching(pattern, upTo)),
    deleteTagged: (tag, upTo) => attemptDeletion(long, () => level.deleteTagged(tag, upTo)),
    keys: (pattern, limit, after) => attempt(reads, long, () => level.keys(pattern, limit, after), { otherwise: [] }),
    async clear() {
      await attemptDeletion(long, () => level.clear());
    },
    sweep: (now) => attempt(upkeep, long, () => level.sweep(now), { otherwise: 0 }),
    stats: () => attempt(upkeep, count, () => level.stats(), { otherwise: NOTHING }),
    close: () => long.within(level.close()).catch((error: unknown) => failed(writes, error)),
    health: () => ({
      isReadable: !reads.isOpen(),
      isWritable: !writes.isOpen(),
      errors,
      timeouts,
      skipped,
      droppedWrites,
      failedDeletions,
    }),
  };
}

const NOTHING: LevelStats = { items: 0, bytes: 0, evictions: 0 };
