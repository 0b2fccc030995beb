import type { Clock } from "../core/clock.ts";
import { protect } from "./codec/protect.ts";
import type { EntryMeta, MemoryLevel } from "./contract.ts";
import { clip, expireNow, MemoryRecord } from "./entry.ts";
import type { Invalidations } from "./invalidation.ts";
import type { ResolvedPolicy } from "./policies.ts";
import { createQuota, type Quota } from "./quota.ts";
import type { Telemetry } from "./telemetry.ts";

/** Memory, judged: what it gives was not evicted, and knows when it was expired. Without a memory level it has nothing. */
export interface UpperLevel {
  /** What is there and may still be served, be it stale or an error. */
  find(key: string, now: number): MemoryRecord | undefined;
  /** What is there and fresh, be it an error: the hot path. */
  fresh(key: string): MemoryRecord | undefined;
  keep(key: string, entry: KeptValue, policy: ResolvedPolicy): void;
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
  readonly bytes: number;
}

export interface UpperLevelOptions {
  readonly memory: MemoryLevel | undefined;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

const RETRY_REFRESH_MS = 1_000;

export function createUpperLevel({ memory, invalidations, telemetry, clock }: UpperLevelOptions): UpperLevel {
  let level = memory;
  const quotas = new Map<string, Quota>();

  /** Judges anew; an expired record keeps its grace from now on. False: it is evicted. */
  function isAlive(record: MemoryRecord): boolean {
    if (record.stamp === invalidations.stamp()) return true;
    const verdict = invalidations.judge(record.key, record.meta);
    if (verdict === "evicted") return false;
    if (verdict === "expired") record.meta = expireNow(record.meta, clock.now());
    record.stamp = invalidations.stamp();
    return true;
  }

  function find(key: string, now: number): MemoryRecord | undefined {
    const record = level?.peek(key) as MemoryRecord | undefined;
    if (record === undefined) return undefined;
    if (record.stamp !== invalidations.stamp() && !isAlive(record)) {
      level?.delete(key);
      return undefined;
    }
    return now < record.meta.deadAt ? record : undefined;
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
    find,
    fresh(key) {
      if (level === undefined) return undefined;
      const now = clock.now();
      const record = find(key, now);
      return record !== undefined && now < record.meta.staleAt ? record : undefined;
    },
    keep(key, { value, meta, bytes }, policy) {
      if (level === undefined) return;
      const now = clock.now();
      const ttl = policy.levels.memory;
      const clipped = ttl === false ? undefined : clip(meta, now, ttl);
      if (clipped === undefined || clipped.deadAt <= now) {
        level.delete(key);
        return;
      }
      const { mutation } = policy;
      const entry = { key, value: protect(value, mutation), meta: clipped, bytes };
      level.set(new MemoryRecord(entry, { mutation, counting: telemetry.of(key) }));
      keepQuota(key, policy);
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
