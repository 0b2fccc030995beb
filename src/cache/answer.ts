import type { Clock } from "../core/clock.ts";
import type { Cached, CacheSource } from "./cache.ts";
import { protect, type MutationMode } from "./codec/protect.ts";
import type { EntryMeta } from "./contract.ts";
import type { MemoryRecord } from "./entry.ts";

/** A value that may be served, with what callers are told of it. */
export interface Answer {
  readonly value: unknown;
  readonly meta: EntryMeta;
  readonly source: Exclude<CacheSource, "joined">;
  readonly mutation: MutationMode;
}

/** The value for one caller, who may not change what others get. */
export function give<V>(value: unknown, mutation: MutationMode): V {
  return (typeof value !== "object" || mutation === "share" ? value : protect(value, mutation)) as V;
}

/** The same for what memory has: the hot path. */
export function giveRecord<V>({ isShareable, value, mutation }: MemoryRecord): V {
  return (isShareable ? value : protect(value, mutation)) as V;
}

/** The answer for one caller. `isJoined`: its factory ran for another one. */
export function toCached<V>({ value, meta, source, mutation }: Answer, clock: Clock, isJoined = false): Cached<V> {
  return {
    value: give<V>(value, mutation),
    source: isJoined && source === "fresh" ? "joined" : source,
    ageMs: Math.max(0, clock.now() - meta.createdAt),
    isStale: source === "stale",
  };
}
