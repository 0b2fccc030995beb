import type { Clock, Timer } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import { mapParallel } from "../core/parallel.ts";
import type { Random } from "../core/random.ts";
import type { Cache, Cached, CacheOptions, CachePolicy, CacheSource, Factory } from "./cache.ts";
import { createCodec } from "./codec/codec.ts";
import { protect } from "./codec/protect.ts";
import { sizeOf } from "./codec/size-of.ts";
import type {
  Backend,
  Codec,
  EntryMeta,
  InvalidationMode,
  JournalRecord,
  Level,
  MemoryLevel,
  Scope,
  StoredEntry,
} from "./contract.ts";
import { createCounters } from "./counters.ts";
import { clip, expireNow, lifeOf, MemoryRecord } from "./entry.ts";
import { boundedLeases } from "./guarded-leases.ts";
import { createInvalidations, type Moment } from "./invalidation.ts";
import { createLowerLevels, type Found } from "./lower-levels.ts";
import { createMemoryBackend } from "./memory-backend.ts";
import { parsePattern } from "./pattern.ts";
import { createPolicies, type ResolvedPolicy } from "./policies.ts";
import { createQuota, type Quota } from "./quota.ts";
import { runFactory } from "./run-factory.ts";
import { flyShared } from "./shared-flight.ts";
import { createFlights, type Flight } from "./single-flight.ts";

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
  /** Resolves when what was to be written so far is written or lost. */
  flush(): Promise<void>;
}

/** What a flight brings. */
interface Outcome {
  readonly value: unknown;
  readonly meta: EntryMeta;
  readonly source: "database" | "files" | "fresh" | "stale";
  readonly mutation: ResolvedPolicy["mutation"];
}
interface FlightExtra {
  readonly moment: Moment;
  readonly tags: Set<string>;
  /** A value was set meanwhile: what the flight brings is older. */
  isSuperseded: boolean;
}
type CacheFlight = Flight<Outcome> & FlightExtra;

const RETRY_REFRESH_MS = 1_000;
const SWEEP_MEMORY_MS = 250;

/** Creates a cache over any subset of levels. */
export function createCache(options: CreateCacheOptions): OpenCache {
  const { memory, files, order = ["database", "files"], clock, random, events, log, sweepMs = 60_000 } = options;
  const backend = options.backend ?? createMemoryBackend({ clock });
  const codec = options.codec ?? createCodec();
  const policies = createPolicies(options);
  const counters = createCounters();
  const quotas = new Map<string, Quota>();
  const flights = createFlights<Outcome, FlightExtra>();
  const leases = boundedLeases(backend.leases, { clock, log });
  const lower = createLowerLevels({
    levels: order.flatMap((name) => (name === "database" ? backend.level : files) ?? []),
    codec,
    clock,
    log,
    onError: failed,
    onDropped: (key) => counters.of(key).droppedWrites++,
  });
  const invalidations = createInvalidations({
    journal: backend.journal,
    clock,
    onChange: forget,
    onReset: () => memory?.clear(),
    onError: (error) => failed("journal", error),
  });
  /** Invalidations of this process whose place in the journal is not known yet. */
  const own = new Map<string, number>();
  let closing: Promise<void> | undefined;
  let memorySweep: Timer | undefined;
  let sweep: Timer | undefined;
  scheduleSweep();

  function failed(part: string, error: unknown, key?: string): void {
    if (key !== undefined) counters.of(key).levelErrors++;
    if (events?.hears("cache-error") === true)
      events.emit("cache-error", { part, error: toErrorRecord(error), at: clock.now() });
    log?.debug({ part, error }, "the cache goes on without a part of it");
  }

  function scheduleSweep(): void {
    if (lower.isEmpty) return;
    sweep = clock.after(sweepMs, () => {
      lower
        .sweep(clock.now())
        .catch((error: unknown) => failed("sweep", error))
        .finally(() => (closing === undefined ? scheduleSweep() : undefined));
    });
  }

  // What the journal tells: memory forgets, soon; verdicts on reading do not wait for it.
  function forget(records: readonly JournalRecord[]): void {
    for (const record of records) if (record.mode === "evict" && takeOwn(record)) removeBelow(record);
    if (memory === undefined || closing !== undefined) return;
    memorySweep ??= clock.after(SWEEP_MEMORY_MS, () => {
      memorySweep = undefined;
      const count = memory.deleteWhere((entry) => !isAlive(entry as MemoryRecord));
      if (count > 0 && events?.hears("cache-evict") === true)
        events.emit("cache-evict", { level: "memory", count, at: clock.now() });
    });
  }

  function takeOwn({ mode, scope }: JournalRecord): boolean {
    const name = nameOf(mode, scope);
    const times = own.get(name);
    if (times === undefined) return false;
    if (times === 1) own.delete(name);
    else own.set(name, times - 1);
    return true;
  }

  function removeBelow({ scope, position }: JournalRecord): void {
    const upTo = Math.ceil(position) - 1;
    if (scope.kind === "key") lower.remove({ kind: "key", key: scope.key });
    else if (scope.kind === "tag") lower.remove({ kind: "tag", tag: scope.tag, upTo });
    else if (scope.pattern === "**") lower.remove({ kind: "all" });
    else lower.remove({ kind: "pattern", pattern: scope.pattern, upTo });
  }

  /** Judges anew; an expired record keeps its grace from now on. False: it is evicted. */
  function isAlive(record: MemoryRecord): boolean {
    if (record.stamp === invalidations.stamp()) return true;
    const verdict = invalidations.judge(record.key, record.meta);
    if (verdict === "evicted") return false;
    if (verdict === "expired") record.meta = expireNow(record.meta, clock.now());
    record.stamp = invalidations.stamp();
    return true;
  }

  /** What memory holds and is not dead. */
  function recordOf(key: string, now: number): MemoryRecord | undefined {
    const record = memory?.peek(key) as MemoryRecord | undefined;
    if (record === undefined) return undefined;
    if (record.stamp !== invalidations.stamp() && !isAlive(record)) {
      memory?.delete(key);
      return undefined;
    }
    return now < record.meta.deadAt ? record : undefined;
  }

  function freshRecord(key: string): MemoryRecord | undefined {
    if (memory === undefined || closing !== undefined) return undefined;
    const now = clock.now();
    const record = recordOf(key, now);
    return record !== undefined && now < record.meta.staleAt ? record : undefined;
  }

  function give<V>(value: unknown, mutation: ResolvedPolicy["mutation"]): V {
    return (typeof value !== "object" || mutation === "share" ? value : protect(value, mutation)) as V;
  }

  function countHit(key: string, level: "memory" | "database" | "files", isStale: boolean): void {
    const counting = counters.of(key);
    counting.hits[level]++;
    if (isStale) counting.staleServed++;
    if (events?.hears("cache-hit") === true) events.emit("cache-hit", { key, level, isStale, at: clock.now() });
  }

  function countMemoryHit(record: MemoryRecord): void {
    record.counting.hits.memory++;
    if (events?.hears("cache-hit") === true) {
      events.emit("cache-hit", { key: record.key, level: "memory", isStale: false, at: clock.now() });
    }
  }

  function keepInMemory(key: string, value: unknown, meta: EntryMeta, bytes: number, policy: ResolvedPolicy): void {
    if (memory === undefined) return;
    const now = clock.now();
    const ttl = policy.levels.memory;
    const clipped = ttl === false ? undefined : clip(meta, now, ttl);
    if (clipped === undefined || clipped.deadAt <= now) {
      memory.delete(key);
      return;
    }
    const entry = { key, value: protect(value, policy.mutation), meta: clipped, bytes };
    memory.set(
      new MemoryRecord(entry, { mutation: policy.mutation, counting: counters.of(key), stamp: -1, sequence: 0 }),
    );
    keepQuota(key, policy);
  }

  function keepQuota(key: string, { name, maxItems }: ResolvedPolicy): void {
    if (maxItems === undefined || memory === undefined) return;
    const id = `${name ?? ""}/${maxItems}`;
    const quota = quotas.get(id) ?? createQuota(maxItems);
    quotas.set(id, quota);
    const oldest = quota.add(key);
    if (oldest !== undefined) memory.delete(oldest);
  }

  interface StoreParams {
    readonly value: unknown;
    readonly policy: ResolvedPolicy;
    readonly tags: Iterable<string>;
    readonly moment: Moment;
    readonly ttlMs: number | undefined;
    readonly isError: boolean;
    readonly isStored: boolean;
    readonly mustEncode: boolean;
  }

  /** Stores on every level, unless an invalidation came meanwhile. Gives the meta data that the value has, stored or not. */
  function store(key: string, params: StoreParams): EntryMeta {
    const { value, policy, moment, isError } = params;
    const now = clock.now();
    const ttlMs = isError ? policy.negativeTtlMs : (params.ttlMs ?? policy.ttlMs);
    const graceMs = isError ? 0 : Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs);
    const life = lifeOf({
      now,
      ttlMs,
      graceMs,
      chance: policy.jitter === 0 ? 0 : random.next(),
      jitter: policy.jitter,
    });
    const made: EntryMeta = { createdAt: now, ...life, tags: [...params.tags], position: moment.position, isError };
    const verdict = invalidations.judge(key, made);
    if (!params.isStored || verdict === "evicted") return made;
    const meta = verdict === "expired" ? expireNow(made, now) : made;
    if (meta.deadAt <= now) {
      // A TTL of 0 is one: what was there is older than this, so it goes.
      memory?.delete(key);
      lower.remove({ kind: "key", key });
      return meta;
    }
    const payload = encode(key, value, params.mustEncode);
    const bytes = payload?.byteLength ?? sizeOf(value);
    keepInMemory(key, value, meta, bytes, policy);
    if (payload !== undefined) lower.write({ key, meta, payload }, policy, now);
    if (events?.hears("cache-set") === true) events.emit("cache-set", { key, bytes, at: now });
    return meta;
  }

  /** Undefined: there is no level that needs it, or it cannot be written down and the caller can do without. */
  function encode(key: string, value: unknown, isRequired: boolean): Uint8Array | undefined {
    if (lower.isEmpty) return undefined;
    try {
      return codec.encode(value);
    } catch (error) {
      if (isRequired) throw error;
      failed("codec", error, key);
      lower.remove({ kind: "key", key });
      return undefined;
    }
  }

  function accept(entry: StoredEntry): EntryMeta | undefined {
    const now = clock.now();
    if (now >= entry.meta.deadAt) return undefined;
    const verdict = invalidations.judge(entry.key, entry.meta);
    if (verdict === "evicted") return undefined;
    const meta = verdict === "expired" ? expireNow(entry.meta, now) : entry.meta;
    return now < meta.deadAt ? meta : undefined;
  }

  /** Reads below, and fills what is above with what is left of its life. */
  async function readBelow(key: string, policy: ResolvedPolicy, signal?: AbortSignal): Promise<Found | undefined> {
    if (lower.isEmpty) return undefined;
    const found = await lower.read(key, policy, accept, signal);
    if (found === undefined) return undefined;
    keepInMemory(key, found.value, found.meta, found.bytes, policy);
    if (found.level !== order[0])
      lower.write({ key, meta: found.meta, payload: found.payload }, policy, clock.now(), found.level);
    return found;
  }

  function outcomeOf(found: Found, policy: ResolvedPolicy): Outcome {
    if (found.meta.isError) throw found.value as Error;
    const isStale = clock.now() >= found.meta.staleAt;
    return { value: found.value, meta: found.meta, source: isStale ? "stale" : found.level, mutation: policy.mutation };
  }

  interface FlyParams {
    readonly factory: Factory<unknown>;
    readonly policy: ResolvedPolicy;
    readonly tags: readonly string[];
    /** Stale, in memory. */
    readonly candidate: MemoryRecord | undefined;
    /** What is on the levels will not do. */
    readonly isForced: boolean;
    readonly isKept: boolean;
  }

  function fly(key: string, params: FlyParams): CacheFlight {
    const extra: FlightExtra = { moment: invalidations.moment(), tags: new Set(params.tags), isSuperseded: false };
    return flights.start(key, extra, (flight) => work(flight, params), params.isKept);
  }

  async function work(flight: CacheFlight, params: FlyParams): Promise<Outcome> {
    const { policy, isForced, isKept } = params;
    const { key, signal } = flight;
    const startedAt = clock.now();
    let candidate: Outcome | undefined =
      params.candidate === undefined || params.candidate.meta.isError
        ? undefined
        : { value: params.candidate.value, meta: params.candidate.meta, source: "stale", mutation: policy.mutation };

    const find = async (): Promise<Outcome | undefined> => {
      const found = await readBelow(key, policy, signal);
      if (found === undefined) return undefined;
      if (clock.now() < found.meta.staleAt && (!isForced || found.meta.createdAt > startedAt))
        return outcomeOf(found, policy);
      if (!found.meta.isError) candidate = { ...outcomeOf(found, policy), source: "stale" };
      return undefined;
    };
    const run = (): Promise<Outcome> => make(flight, params, () => candidate);

    if (!isForced && !lower.isEmpty) {
      const found = await find();
      if (found !== undefined) return found;
      if (candidate !== undefined && clock.now() < candidate.meta.staleAt + policy.staleWhileRevalidateMs)
        flight.offer(candidate);
    }
    if (!isKept && candidate === undefined) countMiss(key);
    if (!policy.isShared || backend.level === undefined) return await run();
    return await flyShared({
      key,
      leases,
      clock,
      random,
      signal,
      find,
      run,
      settle: () => lower.drain(),
      onError: (error) => failed("lease", error, key),
    });
  }

  function countMiss(key: string): void {
    counters.of(key).misses++;
    if (events?.hears("cache-miss") === true) events.emit("cache-miss", { key, at: clock.now() });
  }

  /** Runs the factory, once for all who wait, also when it fails. */
  async function make(
    flight: CacheFlight,
    { factory, policy }: FlyParams,
    candidate: () => Outcome | undefined,
  ): Promise<Outcome> {
    const { key, signal, tags, moment } = flight;
    const counting = counters.of(key);
    const startedAt = clock.monotonic();
    const base = { policy, tags, moment, mustEncode: false };
    counting.factoryRuns++;
    try {
      const made = await runFactory({ key, factory, signal, tags, timeoutMs: policy.factoryTimeoutMs, clock });
      const isStored = made.isKept && !flight.isSuperseded && closing === undefined;
      const meta = store(key, { ...base, value: made.value, ttlMs: made.ttlMs, isError: false, isStored });
      tellRefresh(key, true, startedAt);
      return { value: made.value, meta, source: "fresh", mutation: policy.mutation };
    } catch (error) {
      if (signal.aborted) throw error;
      counting.factoryFailures++;
      tellRefresh(key, false, startedAt);
      holdBack(key);
      const stale = candidate();
      if (stale !== undefined && isServable(key, stale, policy.staleIfErrorMs)) return stale;
      if (policy.negativeTtlMs > 0 && policy.isNegative(error)) {
        store(key, {
          ...base,
          value: error,
          ttlMs: undefined,
          isError: true,
          isStored: !flight.isSuperseded && closing === undefined,
        });
      }
      throw error;
    }
  }

  function isServable(key: string, { meta }: Outcome, boundMs: number): boolean {
    const now = clock.now();
    return now < meta.deadAt && now < meta.staleAt + boundMs && invalidations.judge(key, meta) !== "evicted";
  }

  function holdBack(key: string): void {
    const record = memory?.peek(key) as MemoryRecord | undefined;
    if (record !== undefined) record.retryAt = clock.now() + RETRY_REFRESH_MS;
  }

  function tellRefresh(key: string, isOk: boolean, startedAt: number): void {
    if (events?.hears("cache-refresh") !== true) return;
    events.emit("cache-refresh", { key, isOk, ms: clock.monotonic() - startedAt, at: clock.now() });
  }

  function requireOpen(): void {
    if (closing !== undefined) throw new MillraceError("CACHE_CLOSED", "The cache is closed.");
  }

  /** The flight of a key, unless something was invalidated since it began: later callers must not get what it brings. */
  function flightOf(key: string): CacheFlight | undefined {
    const flight = flights.get(key);
    if (flight === undefined) return undefined;
    if (!invalidations.isOutdated(key, flight.tags, flight.moment, invalidations.moment()) && !flight.isSuperseded)
      return flight;
    flights.forget(flight);
    return undefined;
  }

  function toCached<V>(outcome: Outcome, source: CacheSource): Cached<V> {
    const { value, meta, mutation } = outcome;
    const now = clock.now();
    return {
      value: give<V>(value, mutation),
      source,
      ageMs: Math.max(0, now - meta.createdAt),
      isStale: outcome.source === "stale",
    };
  }

  function hitOf<V>(record: MemoryRecord): Cached<V> {
    if (record.meta.isError) throw record.value as Error;
    return {
      value: give<V>(record.value, record.mutation),
      source: "memory",
      ageMs: Math.max(0, clock.now() - record.meta.createdAt),
      isStale: false,
    };
  }

  async function fetchSlowly<V>(key: string, factory: Factory<V>, given: CacheOptions | undefined): Promise<Cached<V>> {
    requireOpen();
    const signal = given?.signal;
    signal?.throwIfAborted();
    const policy = policies.resolve(given);
    const isVerified = !policy.isStrict || (await invalidations.sync(signal));
    const askedAt = invalidations.moment();
    for (;;) {
      const now = clock.now();
      const record = isVerified ? recordOf(key, now) : undefined;
      if (record !== undefined && now < record.meta.staleAt) {
        countMemoryHit(record);
        return hitOf<V>(record);
      }
      const running = isVerified ? flightOf(key) : undefined;
      const params = { factory, policy, tags: given?.tags ?? [], candidate: record, isForced: !isVerified };
      if (record !== undefined && !record.meta.isError && now < record.meta.staleAt + policy.staleWhileRevalidateMs) {
        if (running === undefined && now >= record.retryAt) fly(key, { ...params, isKept: true });
        countHit(key, "memory", true);
        return toCached<V>(
          { value: record.value, meta: record.meta, source: "stale", mutation: record.mutation },
          "stale",
        );
      }
      if (running === undefined) replaceFlight(key);
      const flight = running ?? fly(key, { ...params, isKept: false });
      const outcome = await flights.join(flight, {
        signal,
        accepts: ({ meta }) => clock.now() < meta.staleAt + policy.staleWhileRevalidateMs,
      });
      if (running !== undefined) counters.of(key).joined++;
      // Invalidated after the flight began and before this caller asked: not for this caller.
      if (running !== undefined && invalidations.isOutdated(key, outcome.meta.tags, flight.moment, askedAt)) continue;
      return tell<V>(key, outcome, running !== undefined);
    }
  }

  function replaceFlight(key: string): void {
    const left = flights.get(key);
    if (left !== undefined) flights.forget(left);
  }

  function tell<V>(key: string, outcome: Outcome, isJoined: boolean): Cached<V> {
    if (outcome.source === "stale") {
      counters.of(key).staleServed++;
      return toCached<V>(outcome, "stale");
    }
    if (outcome.source === "fresh") return toCached<V>(outcome, isJoined ? "joined" : "fresh");
    countHit(key, outcome.source, false);
    return toCached<V>(outcome, outcome.source);
  }

  async function invalidate(mode: InvalidationMode, scopes: readonly Scope[]): Promise<void> {
    requireOpen();
    if (scopes.length === 0) return;
    if (mode === "evict")
      for (const scope of scopes) own.set(nameOf(mode, scope), (own.get(nameOf(mode, scope)) ?? 0) + 1);
    await invalidations.append(scopes.map((scope) => ({ mode, scope })));
    if (events?.hears("cache-invalidate") === true) {
      events.emit("cache-invalidate", { mode, scopes: scopes.map(toNamed), at: clock.now() });
    }
  }

  async function isThere(key: string): Promise<boolean> {
    const record = recordOf(key, clock.now());
    if (record !== undefined) return !record.meta.isError;
    const found = await lower.read(key, policies.resolve(undefined), accept);
    return found !== undefined && !found.meta.isError;
  }

  return {
    peek<V>(key: string): V | undefined {
      const record = freshRecord(key);
      if (record === undefined || record.meta.isError) return undefined;
      countMemoryHit(record);
      return give<V>(record.value, record.mutation);
    },

    getOrSet<V>(key: string, factory: Factory<V>, given?: CacheOptions): Promise<V> {
      if (!policies.isStrict(given) && given?.signal?.aborted !== true) {
        const record = freshRecord(key);
        if (record !== undefined) {
          countMemoryHit(record);
          return record.meta.isError
            ? rejection(record.value)
            : Promise.resolve(give<V>(record.value, record.mutation));
        }
      }
      return fetchSlowly(key, factory, given).then((cached) => cached.value);
    },

    fetch: fetchSlowly,

    async get<V>(key: string, given?: CacheOptions): Promise<Cached<V> | undefined> {
      requireOpen();
      given?.signal?.throwIfAborted();
      const policy = policies.resolve(given);
      if (policy.isStrict && !(await invalidations.sync(given?.signal))) return undefined;
      const record = recordOf(key, clock.now());
      const isFresh = record !== undefined && clock.now() < record.meta.staleAt;
      const found = isFresh ? undefined : await readBelow(key, policy, given?.signal);
      const best = found ?? record;
      if (best === undefined || best.meta.isError || invalidations.judge(key, best.meta) === "evicted") {
        countMiss(key);
        return undefined;
      }
      const level = found?.level ?? "memory";
      const isStale = clock.now() >= best.meta.staleAt;
      countHit(key, level, isStale);
      const mutation = found === undefined ? (record?.mutation ?? policy.mutation) : policy.mutation;
      return toCached<V>(
        { value: best.value, meta: best.meta, source: isStale ? "stale" : "fresh", mutation },
        isStale ? "stale" : level,
      );
    },

    async set(key, value, given) {
      requireOpen();
      given?.signal?.throwIfAborted();
      const running = flights.get(key);
      if (running !== undefined) {
        running.isSuperseded = true;
        flights.forget(running);
      }
      const params = {
        value,
        policy: policies.resolve(given),
        tags: new Set(given?.tags),
        moment: invalidations.moment(),
      };
      store(key, { ...params, ttlMs: undefined, isError: false, isStored: true, mustEncode: true });
    },

    expire: (...scopes) => invalidate("expire", scopes),
    evict: (...scopes) => invalidate("evict", scopes),
    async link(tag, dependencies) {
      requireOpen();
      await backend.journal.link(tag, dependencies);
    },
    clear: () => invalidate("evict", [{ kind: "pattern", pattern: "**" }]),

    async keys(pattern, limit = 1_000) {
      requireOpen();
      const wanted = parsePattern(pattern);
      const above =
        memory === undefined ? [] : [...memory.entries()].map(({ key }) => key).filter((key) => wanted.matches(key));
      const all = [...new Set([...above, ...(await lower.keys(pattern, limit * 2))])];
      const outcomes = await mapParallel(all, isThere, { parallel: 20 });
      return all.filter((_, index) => outcomes[index]?.status === "fulfilled" && outcomes[index].value).slice(0, limit);
    },

    async stats() {
      const above = memory === undefined ? [] : [{ name: "memory" as const, ...memory.stats(), isOpen: false }];
      return { levels: [...above, ...(await lower.stats())], namespaces: counters.snapshot() };
    },

    async refresh<V>(key: string, factory: Factory<V>, given?: CacheOptions): Promise<V> {
      requireOpen();
      const running = flightOf(key);
      const params = {
        factory,
        policy: policies.resolve(given),
        tags: given?.tags ?? [],
        candidate: recordOf(key, clock.now()),
      };
      const flight = running ?? fly(key, { ...params, isForced: true, isKept: true });
      const outcome = await flights.join(flight, { signal: given?.signal });
      return give<V>(outcome.value, outcome.mutation);
    },

    async promote(key) {
      requireOpen();
      if (recordOf(key, clock.now()) !== undefined) return undefined;
      return (await readBelow(key, policies.resolve(undefined)))?.bytes;
    },
    hottest: (limit) => memory?.hottest(limit) ?? [],
    flush: () => lower.drain(),

    close() {
      closing ??= (async () => {
        memorySweep?.cancel();
        sweep?.cancel();
        flights.abort(new MillraceError("CACHE_CLOSED", "The cache is closed."));
        await flights.settled();
        await lower.drain();
        invalidations.close();
        await backend.close();
        await files?.close();
        memory?.clear();
      })();
      return closing;
    },
  };
}

/** A kept error is given as it was thrown. */
async function rejection(error: unknown): Promise<never> {
  throw error as Error;
}

function nameOf(mode: InvalidationMode, scope: Scope): string {
  const { kind, name } = toNamed(scope);
  return `${mode} ${kind} ${name}`;
}

function toNamed(scope: Scope): { readonly kind: Scope["kind"]; readonly name: string } {
  switch (scope.kind) {
    case "key":
      return { kind: scope.kind, name: scope.key };
    case "tag":
      return { kind: scope.kind, name: scope.tag };
    case "pattern":
      return { kind: scope.kind, name: scope.pattern };
  }
}
