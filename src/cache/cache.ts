import type { Duration } from "../core/duration.ts";
import type { Scope } from "./contract.ts";

/** Where a value came from. `fresh`: its factory ran for this caller; `joined`: it ran for another one at the same time. */
export type CacheSource = "memory" | "database" | "files" | "fresh" | "joined" | "stale";

/** A value with its story. */
export interface Cached<V> {
  readonly value: V;
  readonly source: CacheSource;
  /** Since it was made, in milliseconds. */
  readonly ageMs: number;
  readonly isStale: boolean;
}

/** How entries of a kind are kept. Every field may be left out; the defaults are those of the cache. */
export interface CachePolicy {
  /** How long an entry is fresh. Default 5m. */
  readonly ttl?: Duration;
  /** How long past its TTL an entry may be served while one caller refreshes it. Default 0. */
  readonly staleWhileRevalidate?: Duration;
  /** How long past its TTL an entry may be served when its factory fails. Default 0. */
  readonly staleIfError?: Duration;
  /** How long an error of the factory is kept and thrown again without running it. Default 0: not at all. */
  readonly negativeTtl?: Duration;
  /** Which errors are kept so. Default: none. */
  readonly isNegative?: (error: unknown) => boolean;
  /** Share by which TTLs are spread at random, against entries that run out together. Default 0.1. */
  readonly jitter?: number;
  /** TTL of single levels where it differs, for example memory 1m. A level never keeps an entry past its own TTL. */
  readonly levels?: Readonly<Partial<Record<"memory" | "database" | "files", Duration | false>>>;
  /** Among which callers a factory runs once: those of this process, or of all. Default process. Choose shared for what costs money. */
  readonly flight?: "process" | "shared";
  /**
   * How long the process that runs a shared factory may give no sign of life before another one runs it, in milliseconds, 100 to
   * 3 600 000. Default 5 000. Lower it where waiting costs more than running a factory twice.
   */
  readonly leaseMs?: number;
  /** True: ask the journal before every answer, so that no other process's invalidation is missed. Default false. */
  readonly isStrict?: boolean;
  /** How a value is kept from being changed by whoever got it. Default freeze. `share` gives the same object to all. */
  readonly mutation?: "freeze" | "clone" | "share";
  /** Longest time a factory may take, in milliseconds, before its waiters get an error or what is stale. Default: none. */
  readonly factoryTimeoutMs?: number;
  /** How many entries of this policy memory keeps at most. Default: no bound but that of all. */
  readonly maxItems?: number;
}

export interface CacheOptions extends CachePolicy {
  /** Name of a policy to start from. */
  readonly policy?: string;
  readonly tags?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What a factory is given: it may decide about its own entry. */
export interface FactoryContext {
  /** Fires when nobody waits any longer, or the time is up. */
  readonly signal: AbortSignal;
  /** Adds tags found on the way. */
  tag(...tags: readonly string[]): void;
  /** Replaces the TTL of this entry. */
  setTtl(ttl: Duration): void;
  /** The value is given to the waiters and not kept. */
  skipStore(): void;
}

export type Factory<V> = (context: FactoryContext) => V | Promise<V>;

/** A cache for expensive answers. Keys are segments parted by `:`. */
export interface Cache {
  /** What memory holds and is fresh, without waiting. The hot path: no promise. A kept error is no value. */
  peek<V>(key: string): V | undefined;
  /** What any level holds and may be served; undefined when there is nothing. It does not protect from a stampede: prefer `getOrSet`. */
  get<V>(key: string, options?: CacheOptions): Promise<Cached<V> | undefined>;
  /**
   * The value of a key, made by the factory if need be: once, however many ask at the same time, and for all of them also when it fails.
   * Rejects with the factory's error, or the signal's reason for this caller alone.
   */
  getOrSet<V>(key: string, factory: Factory<V>, options?: CacheOptions): Promise<V>;
  /** The same with its story. */
  fetch<V>(key: string, factory: Factory<V>, options?: CacheOptions): Promise<Cached<V>>;
  set<V>(key: string, value: V, options?: CacheOptions): Promise<void>;
  /** Makes entries stale: they may be served within their grace. Resolves when this process serves none of them as fresh. */
  expire(...scopes: readonly Scope[]): Promise<void>;
  /** Makes entries dead, on every level and in every process; resolves when this process serves none of them. */
  evict(...scopes: readonly Scope[]): Promise<void>;
  /** From now on invalidating one of `dependencies` invalidates `tag` too. */
  link(tag: string, dependencies: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  keys(pattern: string, limit?: number): Promise<readonly string[]>;
  stats(): Promise<CacheStats>;
  /** Writes what is pending and lets go of everything. */
  close(): Promise<void>;
}

export interface CacheStats {
  readonly levels: readonly {
    readonly name: "memory" | "database" | "files";
    readonly items: number;
    readonly bytes: number;
    readonly evictions: number;
    /** Most entries and bytes; what is left out is not bounded. */
    readonly maxItems?: number;
    readonly maxBytes?: number;
    readonly isOpen: boolean;
  }[];
  /** By namespace, the first segment of a key. */
  readonly namespaces: Readonly<Record<string, CacheCounters>>;
}

export interface CacheCounters {
  readonly hits: Readonly<Record<"memory" | "database" | "files", number>>;
  readonly misses: number;
  readonly joined: number;
  readonly staleServed: number;
  readonly factoryRuns: number;
  readonly factoryFailures: number;
  readonly levelErrors: number;
  readonly droppedWrites: number;
}
