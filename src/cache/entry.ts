import type { Counting } from "./counters.ts";
import { isShareable, protect, type MutationMode } from "./codec/protect.ts";
import { sizeOf } from "./codec/size-of.ts";
import type { EntryMeta, MemoryEntry } from "./contract.ts";

/** An entry of memory with what the cache knows of it beside. */
export class MemoryRecord implements MemoryEntry {
  readonly key: string;
  readonly value: unknown;
  /** 0 once it was expired: no clock that is set back makes it fresh again. */
  freshUntil: number;
  /** Under which stamp of the invalidations it was last found valid; -1: not judged yet. */
  stamp = -1;
  /** Whether the value may be given to all as it is. */
  readonly isShareable: boolean;
  readonly counting: Counting;
  readonly mutation: MutationMode;
  readonly bytes: number;
  #meta: EntryMeta;
  /** A refresh failed: not before this moment the next. */
  retryAt = 0;

  constructor(
    { key, value, meta }: Omit<MemoryEntry, "bytes">,
    { mutation, counting }: Pick<MemoryRecord, "mutation" | "counting">,
  ) {
    this.key = key;
    this.value = protect(value, mutation);
    this.freshUntil = meta.staleAt;
    this.isShareable = isShareable(this.value, mutation);
    this.counting = counting;
    this.mutation = mutation;
    // Not the encoded size, which may be a tenth of it: compressed.
    this.bytes = sizeOf(this.value);
    this.#meta = meta;
  }

  get meta(): EntryMeta {
    return this.#meta;
  }

  /** Makes it stale now. */
  expire(now: number): void {
    this.#meta = expireNow(this.#meta, now);
    this.freshUntil = 0;
  }
}

export interface LifeParams {
  readonly now: number;
  readonly ttlMs: number;
  readonly graceMs: number;
  /** From 0 up to 1. */
  readonly chance: number;
  readonly jitter: number;
}

/** When an entry made now grows stale and dies. Jitter only ever shortens the TTL, which is a promise of the longest. */
export function lifeOf({ now, ttlMs, graceMs, chance, jitter }: LifeParams): Pick<EntryMeta, "staleAt" | "deadAt"> {
  const staleAt = now + Math.round(ttlMs * (1 - jitter * chance));
  return { staleAt, deadAt: staleAt + graceMs };
}

/** The same entry on a level with a TTL of its own: it never lives longer there, nor longer than it had left. */
export function clip(meta: EntryMeta, now: number, levelTtlMs: number | undefined): EntryMeta {
  if (levelTtlMs === undefined) return meta;
  const until = now + levelTtlMs;
  if (meta.deadAt <= until) return meta;
  return { ...meta, staleAt: Math.min(meta.staleAt, until), deadAt: until };
}

/** What an expired entry has left: its grace, from now on. */
export function expireNow(meta: EntryMeta, now: number): EntryMeta {
  if (meta.staleAt <= now) return meta;
  return { ...meta, staleAt: now, deadAt: Math.min(meta.deadAt, now + (meta.deadAt - meta.staleAt)) };
}
