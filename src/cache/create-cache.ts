import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import { mapParallel } from "../core/parallel.ts";
import type { Random } from "../core/random.ts";
import { give, giveRecord, toCached } from "./answer.ts";
import type { Cache, CacheOptions, CachePolicy, CacheStats, Factory } from "./cache.ts";
import { requireFactory, requireKey, requireLimit, requireScopes, requireSignal } from "./check-arguments.ts";
import { createCodec } from "./codec/codec.ts";
import type { Backend, Codec, InvalidationMode, Level, MemoryLevel, Scope } from "./contract.ts";
import { createFetch } from "./fetching.ts";
import { createFlying } from "./flying.ts";
import { boundedLeases } from "./guarded-leases.ts";
import { type CacheEntries, type CacheEntry, createInspecting, type ListEntriesOptions } from "./inspecting.ts";
import { createInvalidating } from "./invalidating.ts";
import { createInvalidations } from "./invalidation.ts";
import { createLowerLevels } from "./lower-levels.ts";
import { createMake } from "./making.ts";
import { createMemoryBackend } from "./memory-backend.ts";
import { parsePattern } from "./pattern.ts";
import { createPolicies } from "./policies.ts";
import { createReading } from "./reading.ts";
import { createStore } from "./storing.ts";
import { createTelemetry } from "./telemetry.ts";
import { startUpkeep } from "./upkeep.ts";
import { createUpperLevel } from "./upper-level.ts";

export interface CreateCacheOptions {
  /** Without it every answer comes from below. */
  readonly memory?: MemoryLevel;
  /** Database level, journal and leases. Default: a journal of this process alone. Closed with the cache. */
  readonly backend?: Backend;
  /** Closed with the cache. */
  readonly files?: Level;
  /** In which order the levels below memory are asked. Default database, files. */
  readonly order?: readonly ("database" | "files")[];
  readonly codec?: Codec;
  /** By name, beside and before those of `CACHE_POLICIES`. */
  readonly policies?: Readonly<Record<string, CachePolicy>>;
  /** Where a policy says nothing. */
  readonly defaults?: CachePolicy;
  readonly clock: Clock;
  readonly random: Random;
  readonly events?: Events;
  readonly log?: Log;
  /** How often dead entries are removed from the levels below, in milliseconds. Default 60 000. */
  readonly sweepMs?: number;
}

/** A cache with what warming and shutting down need beside. */
export interface OpenCache extends Cache {
  /** Runs the factory although what is there may be fresh; writes every level. Others may join. */
  refresh<V>(key: string, factory: Factory<V>, options?: CacheOptions): Promise<V>;
  /** Brings a key from the levels below into memory; gives its bytes, or undefined when there is nothing to bring. */
  promote(key: string): Promise<number | undefined>;
  /** The keys of memory most worth having again, best first. */
  hottest(limit: number): readonly string[];
  /** Looks at an entry, a kept error included, without counting a hit. Undefined: there is none that may be served. */
  entry(key: string): Promise<CacheEntry | undefined>;
  /** Entries whose keys match, in order, a page at a time. */
  entries(pattern: string, options: ListEntriesOptions): Promise<CacheEntries>;
  /** The namespaces of `stats`, at once. */
  counters(): CacheStats["namespaces"];
  /** Keeps in memory at most this share of the bytes that are there now, until `regrow`: for a process that runs out of memory. */
  shrinkTo(share: number): void;
  /** Lets memory take as much again as its bounds allow. */
  regrow(): void;
  /** Resolves when what was to be written so far is written or lost. */
  flush(): Promise<void>;
}

/**
 * Creates a cache over any subset of levels. Its parts, from below: `reading` looks into the levels below memory, `store` writes to all,
 * `make` runs a factory, `flying` lets all who ask at once share one look and one run, `fetch` decides among memory, a flight and stale
 * values, `invalidating` forgets.
 */
export function createCache(options: CreateCacheOptions): OpenCache {
  const { memory, files, order = ["database", "files"], clock, random, events, log, sweepMs = 60_000 } = options;
  for (const name of order) {
    if (name === "database" || name === "files") continue;
    throw new MillraceError("CONFIG_INVALID", `order may hold database and files, not ${String(name)}.`);
  }
  const backend = options.backend ?? createMemoryBackend({ clock });
  const codec = options.codec ?? createCodec();
  const policies = createPolicies(options);
  const telemetry = createTelemetry({ clock, events, log });
  const invalidations = createInvalidations({
    journal: backend.journal,
    clock,
    onChange: (records) => invalidating.apply(records),
    onReset: () => upper.clear(),
    onError: (error) => telemetry.failed("journal", error),
  });
  const upper = createUpperLevel({ memory, invalidations, telemetry, clock });
  const lower = createLowerLevels({
    levels: order.flatMap((name) => (name === "database" ? backend.level : files) ?? []),
    codec,
    clock,
    log,
    onError: telemetry.failed,
    onDropped: (key) => telemetry.of(key).droppedWrites++,
  });
  const invalidating = createInvalidating({ upper, lower, invalidations, telemetry, clock });
  const reading = createReading({ upper, lower, first: order[0], invalidations, clock });
  const store = createStore({ upper, lower, reading, codec, invalidations, telemetry, clock, random });
  const flying = createFlying({
    reading,
    lower,
    make: createMake({ store, upper, invalidations, telemetry, clock }),
    invalidations,
    leases: backend.level === undefined ? undefined : boundedLeases(backend.leases, { clock, log }),
    telemetry,
    clock,
    random,
  });
  const fetch = createFetch({ policies, upper, flying, invalidations, telemetry, clock });
  const inspecting = createInspecting({ upper, lower, reading, policy: policies.resolve(undefined), clock });
  const stopUpkeep = startUpkeep({ lower, clock, sweepMs, onError: (error) => telemetry.failed("sweep", error) });
  let closing: Promise<void> | undefined;

  function requireOpen(): void {
    if (closing !== undefined) throw new MillraceError("CACHE_CLOSED", "The cache is closed.");
  }

  async function invalidate(mode: InvalidationMode, scopes: readonly Scope[]): Promise<void> {
    requireOpen();
    requireScopes(scopes);
    await invalidating.invalidate(mode, scopes);
  }

  async function isThere(key: string): Promise<boolean> {
    const entry = upper.find(key, clock.now()) ?? (await reading.look(key, policies.resolve(undefined)));
    return entry !== undefined && !entry.meta.isError;
  }

  async function close(): Promise<void> {
    stopUpkeep();
    invalidating.close();
    upper.close();
    await flying.close(new MillraceError("CACHE_CLOSED", "The cache is closed."));
    await lower.drain();
    invalidations.close();
    await backend.close();
    await files?.close();
  }

  function peekSlowly<V>(key: string): V | undefined {
    const record = upper.fresh(key);
    if (record === undefined) return undefined;
    telemetry.memoryHit(record);
    return giveRecord<V>(record);
  }

  return {
    peek<V>(key: string): V | undefined {
      const value = upper.hit(key);
      if (value === undefined) return peekSlowly<V>(key);
      telemetry.hitToldOf(key);
      return value as V;
    },

    getOrSet<V>(key: string, factory: Factory<V>, given?: CacheOptions): Promise<V> {
      if (!policies.isStrict(given) && given?.signal?.aborted !== true) {
        const value = this.peek<V>(key);
        if (value !== undefined) return Promise.resolve(value);
      }
      return this.fetch(key, factory, given).then((cached) => cached.value);
    },

    async fetch(key, factory, given) {
      requireOpen();
      requireKey(key);
      requireFactory(factory);
      requireSignal(given?.signal);
      return await fetch(key, factory, given);
    },

    async get<V>(key: string, given?: CacheOptions) {
      requireOpen();
      requireKey(key);
      requireSignal(given?.signal);
      given?.signal?.throwIfAborted();
      const policy = policies.resolve(given);
      if (policy.isStrict && !(await invalidations.sync(given?.signal))) return undefined;
      const record = upper.find(key, clock.now());
      const isFresh = record !== undefined && clock.now() < record.freshUntil;
      const found = isFresh ? undefined : await reading.read(key, policy, given?.signal);
      const best = found ?? record;
      if (best === undefined || best.meta.isError || invalidations.judge(key, best.meta) === "evicted") {
        telemetry.miss(key);
        return undefined;
      }
      const { value, meta } = best;
      const level = found?.level ?? "memory";
      const isStale = found === undefined ? !isFresh : clock.now() >= meta.staleAt;
      telemetry.hit(key, level, isStale);
      const mutation = found === undefined ? (record?.mutation ?? policy.mutation) : policy.mutation;
      return toCached<V>({ value, meta, source: isStale ? "stale" : level, mutation }, clock);
    },

    async set(key, value, given) {
      requireOpen();
      requireKey(key);
      requireSignal(given?.signal);
      given?.signal?.throwIfAborted();
      const policy = policies.resolve(given);
      flying.supersede(key);
      const tags = new Set(given?.tags);
      const moment = invalidations.moment();
      store(key, { value, policy, tags, moment, isError: false, isStored: true, mustEncode: true });
    },

    expire: (...scopes) => invalidate("expire", scopes),
    evict: (...scopes) => invalidate("evict", scopes),
    async link(tag, dependencies) {
      requireOpen();
      requireScopes([tag, ...dependencies].map((each) => ({ kind: "tag", tag: each })));
      await backend.journal.link(tag, dependencies);
    },
    clear: () => invalidate("evict", [{ kind: "pattern", pattern: "**" }]),

    async keys(pattern, limit = 1_000) {
      requireOpen();
      requireLimit(limit);
      const wanted = parsePattern(pattern);
      const above = upper.keys().filter((key) => wanted.matches(key));
      const all = [...new Set([...above, ...(await lower.keys(pattern, limit * 2))])];
      const outcomes = await mapParallel(all, isThere, { parallel: 20 });
      return all.filter((_, index) => outcomes[index]?.status === "fulfilled" && outcomes[index].value).slice(0, limit);
    },

    async stats() {
      const above = memory === undefined ? [] : [{ name: "memory" as const, ...memory.stats(), isOpen: false }];
      return { levels: [...above, ...(await lower.stats())], namespaces: telemetry.snapshot() };
    },

    async refresh<V>(key: string, factory: Factory<V>, given?: CacheOptions): Promise<V> {
      requireOpen();
      requireKey(key);
      requireFactory(factory);
      requireSignal(given?.signal);
      const policy = policies.resolve(given);
      const candidate = upper.find(key, clock.now());
      const params = { factory, policy, tags: given?.tags ?? [], candidate, isForced: true, isKept: true };
      const flight = flying.current(key) ?? flying.start(key, params);
      flight.isForced = true;
      const { value, mutation } = await flying.join(flight, { signal: given?.signal });
      return give<V>(value, mutation);
    },

    async promote(key) {
      requireOpen();
      if (upper.find(key, clock.now()) !== undefined) return undefined;
      return (await reading.read(key, policies.resolve(undefined)))?.bytes;
    },
    async entry(key) {
      requireOpen();
      return await inspecting.entry(key);
    },
    async entries(pattern, page) {
      requireOpen();
      return await inspecting.list(pattern, page);
    },
    counters: telemetry.snapshot,
    shrinkTo: (share) => telemetry.forgotten(memory?.shrinkTo(share) ?? 0),
    regrow: () => memory?.regrow(),
    hottest: (limit) => memory?.hottest(limit) ?? [],
    flush: () => lower.drain(),
    close: () => (closing ??= close()),
  };
}
