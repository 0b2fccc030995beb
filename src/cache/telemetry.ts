import type { Clock } from "../core/clock.ts";
import { toErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { CacheStats } from "./cache.ts";
import type { InvalidationMode, Scope } from "./contract.ts";
import { createCounters, type Counting } from "./counters.ts";
import type { MemoryRecord } from "./entry.ts";
import { scopeText } from "./journal/scope.ts";

/** What a cache counts and tells of itself. */
export interface Telemetry {
  /** The counters of a key's namespace. */
  readonly of: (key: string) => Counting;
  hit(key: string, level: "memory" | "database" | "files", isStale: boolean): void;
  /** A fresh hit in memory that is counted already. */
  hitToldOf(key: string): void;
  /** A fresh hit in memory. */
  memoryHit(record: MemoryRecord): void;
  miss(key: string): void;
  stored(key: string, bytes: number, at: number): void;
  /** A factory ended. `startedAt` is monotonic. */
  refreshed(key: string, isOk: boolean, startedAt: number): void;
  /** Entries left memory after an invalidation. */
  forgotten(count: number): void;
  invalidated(mode: InvalidationMode, scopes: readonly Scope[]): void;
  /** A part failed, and the cache goes on without it. */
  readonly failed: (part: string, error: unknown, key?: string) => void;
  readonly snapshot: () => CacheStats["namespaces"];
}

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly events?: Events | undefined;
  readonly log?: Log | undefined;
}

export function createTelemetry({ clock, events, log }: TelemetryOptions): Telemetry {
  const counters = createCounters();

  return {
    of: counters.of,
    hit(key, level, isStale) {
      const counting = counters.of(key);
      counting.hits[level]++;
      if (isStale) counting.staleServed++;
      if (events?.hears("cache-hit") === true) events.emit("cache-hit", { key, level, isStale, at: clock.now() });
    },
    hitToldOf(key) {
      if (events?.hears("cache-hit") === true)
        events.emit("cache-hit", { key, level: "memory", isStale: false, at: clock.now() });
    },
    memoryHit({ counting, key }) {
      counting.hits.memory++;
      if (events?.hears("cache-hit") === true)
        events.emit("cache-hit", { key, level: "memory", isStale: false, at: clock.now() });
    },
    miss(key) {
      counters.of(key).misses++;
      if (events?.hears("cache-miss") === true) events.emit("cache-miss", { key, at: clock.now() });
    },
    stored(key, bytes, at) {
      if (events?.hears("cache-set") === true) events.emit("cache-set", { key, bytes, at });
    },
    refreshed(key, isOk, startedAt) {
      if (events?.hears("cache-refresh") !== true) return;
      events.emit("cache-refresh", { key, isOk, ms: clock.monotonic() - startedAt, at: clock.now() });
    },
    forgotten(count) {
      if (count > 0 && events?.hears("cache-evict") === true)
        events.emit("cache-evict", { level: "memory", count, at: clock.now() });
    },
    invalidated(mode, scopes) {
      if (events?.hears("cache-invalidate") !== true) return;
      const named = scopes.map((scope) => ({ kind: scope.kind, name: scopeText(scope) }));
      events.emit("cache-invalidate", { mode, scopes: named, at: clock.now() });
    },
    failed(part, error, key) {
      if (key !== undefined) counters.of(key).levelErrors++;
      if (events?.hears("cache-error") === true)
        events.emit("cache-error", { part, error: toErrorRecord(error), at: clock.now() });
      log?.debug({ part, error }, "the cache goes on without a part of it");
    },
    snapshot: counters.snapshot,
  };
}
