import type { Clock } from "../core/clock.ts";
import type { EntryMeta, MemoryLevel } from "./contract.ts";
import { clip, MemoryRecord } from "./entry.ts";
import type { Invalidations } from "./invalidation.ts";
import type { ResolvedPolicy } from "./policies.ts";
import { createQuota, type Quota } from "./quota.ts";
import type { Telemetry } from "./telemetry.ts";

/** Memory, judged: what it gives was not evicted, and knows when it was expired. Without a memory level it has nothing. */
export interface UpperLevel {
  /** What is there and may still be served, be it stale or an error. */
  find(key: string, now: number): MemoryRecord | undefined;
  /** The hot path: a fresh value that may be given to anybody as it is, once `fresh` has found it; counted. */
  hit(key: string): unknown;
  /** A value that is there and fresh. */
  fresh(key: string): MemoryRecord | undefined;
  /** Gives the bytes that it takes; 0 when it is not kept. */
  keep(key: string, entry: KeptValue, policy: ResolvedPolicy): number;
  delete(key: string): void;
  /** After a failed refresh: no other one for a while. */
  holdBack(key: string): void;
  /** Removes what was evicted; gives how many. */
  forget(): number;
  clear(): void;
  keys(): readonly string[];
  /** Lets go of everything and keeps nothing any more. */
  close(): void;
}

/** A value on its way into memory. */
export interface KeptValue {
  readonly value: unknown;
  readonly meta: EntryMeta;
}

export interface UpperLevelOptions {
  readonly memory: MemoryLevel | undefined;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

const RETRY_REFRESH_MS = 1_000;
/**
 * An entry that has so long to live by a recent look at the clock is not worth a new one, which costs more than all the rest of a hit: only
 * within a single turn of the event loop that lasts longer could it be served late.
 */
const ROOM_MS = 30_000;

export function createUpperLevel({ memory, invalidations, telemetry, clock }: UpperLevelOptions): UpperLevel {
  let level = memory;
  const quotas = new Map<string, Quota>();

  /** Judges anew; an expired record keeps its grace from now on. False: it is evicted. */
  function isAlive(record: MemoryRecord): boolean {
    const stamp = invalidations.stamp();
    if (record.stamp === stamp) return true;
    const verdict = invalidations.judge(record.key, record.meta);
    if (verdict === "evicted") return false;
    if (verdict === "expired") record.expire(clock.now());
    record.stamp = stamp;
    return true;
  }

  function peek(key: string): MemoryRecord | undefined {
    const record = level?.peek(key) as MemoryRecord | undefined;
    if (record === undefined || record.stamp === invalidations.stamp() || isAlive(record)) return record;
    level?.delete(key);
    return undefined;
  }

  function keepQuota(key: string, { name, maxItems }: ResolvedPolicy): void {
    if (maxItems === undefined) return;
    const id = `${name ?? ""}/${maxItems}`;
    const quota = quotas.get(id) ?? createQuota(maxItems);
    quotas.set(id, quota);
    const oldest = quota.add(key);
    if (oldest !== undefined) level?.delete(oldest);
  }

  return {
    find(key, now) {
      const record = peek(key);
      return record !== undefined && now < record.meta.deadAt ? record : undefined;
    },
    hit: (key) => level?.hit(key, invalidations.stamp(), clock.recent()),
    fresh(key) {
      const record = peek(key);
      if (record === undefined || record.meta.isError || record.freshUntil <= clock.now()) return undefined;
      if (record.isShareable)
        level?.vouch(key, { stamp: record.stamp, until: record.freshUntil - ROOM_MS, hits: record.counting.hits });
      return record;
    },
    keep(key, { value, meta }, policy) {
      if (level === undefined) return 0;
      const now = clock.now();
      const ttl = policy.levels.memory;
      const clipped = ttl === false ? undefined : clip(meta, now, ttl);
      if (clipped === undefined || clipped.deadAt <= now) {
        level.delete(key);
        return 0;
      }
      const { mutation } = policy;
      const entry = { key, value, meta: clipped };
      const record = new MemoryRecord(entry, { mutation, counting: telemetry.of(key) });
      if (!level.set(record)) return 0;
      keepQuota(key, policy);
      return record.bytes;
    },
    delete: (key) => void level?.delete(key),
    holdBack(key) {
      const record = level?.peek(key) as MemoryRecord | undefined;
      if (record !== undefined) record.retryAt = clock.now() + RETRY_REFRESH_MS;
    },
    forget: () => level?.deleteWhere((entry) => !isAlive(entry as MemoryRecord)) ?? 0,
    clear: () => level?.clear(),
    keys: () => (level === undefined ? [] : [...level.entries()].map(({ key }) => key)),
    close() {
      level?.clear();
      level = undefined;
    },
  };
}
