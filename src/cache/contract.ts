/* The ports of the cache. Words: an *entry* is a value under a key, fresh until `staleAt`, stale until `deadAt`, dead afterwards. A *level* keeps
   entries as bytes below the memory of this process. The *journal* is the one order of all invalidations that every process agrees on: each
   has a position, and an entry knows the position at which its factory began. So one comparison tells whether an entry was made before its
   key, one of its tags or a pattern was invalidated, and a factory that was slower than an invalidation cannot bring an old value back.
   Instants are milliseconds since the epoch, UTC. */

/**
 * `expire`: may still be served as stale within its grace, which begins anew at this moment and ends no later than the entry would have
 * died. `evict`: never served again.
 */
export type InvalidationMode = "expire" | "evict";

/** What an invalidation reaches. Patterns are globs over the segments of a key, which are parted by `:`; `*` is one segment, `**` any number. */
export type Scope =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "pattern"; readonly pattern: string };

export interface Invalidation {
  readonly mode: InvalidationMode;
  readonly scope: Scope;
}

/** An invalidation in its place. */
export interface JournalRecord extends Invalidation {
  readonly position: number;
}

/** What goes with a value, the same on every level. */
export interface EntryMeta {
  readonly createdAt: number;
  readonly staleAt: number;
  /** At least `staleAt`; between the two the entry is stale. */
  readonly deadAt: number;
  readonly tags: readonly string[];
  /** Where the journal stood, as this process knew it, before the factory began. */
  readonly position: number;
  /** True: the factory failed, and the value is the error that it threw. */
  readonly isError: boolean;
}

/** An entry as levels below memory keep it. */
export interface StoredEntry {
  readonly key: string;
  readonly meta: EntryMeta;
  /** Written by the codec; its first byte names the format. */
  readonly payload: Uint8Array;
}

export interface LevelStats {
  readonly items: number;
  readonly bytes: number;
  readonly evictions: number;
  /** Most entries; left out where they are not bounded by their number. */
  readonly maxItems?: number;
  /** Most bytes; left out where they are not bounded by their size. */
  readonly maxBytes?: number;
}

/**
 * A tier below memory. It may be slow, full or gone at any time: whoever calls it bounds the time and falls back. It knows nothing of
 * invalidations but what it is told to delete; a dead entry may still be given, the caller judges it.
 */
export interface Level {
  readonly name: "database" | "files";
  /** Whether it takes a payload of so many bytes at all. */
  accepts(bytes: number): boolean;
  /** Undefined also for an entry that cannot be read: of an unknown format, torn, or failing its checksum; such an entry is removed. */
  get(key: string, signal?: AbortSignal): Promise<StoredEntry | undefined>;
  /** Writes entries; a later one of the same key wins. What does not fit is left out, never an error. */
  set(entries: readonly StoredEntry[]): Promise<void>;
  /** Gives how many there were. */
  delete(keys: readonly string[]): Promise<number>;
  /** Deletes entries whose position is at most `upTo` and whose key matches, in bites; gives how many there were. */
  deleteMatching(pattern: string, upTo: number): Promise<number>;
  /** The same for those that carry the tag. */
  deleteTagged(tag: string, upTo: number): Promise<number>;
  /** Keys that match, at most `limit`: in no promised order, or, with `after`, the first ones above it by code points. */
  keys(pattern: string, limit: number, after?: string): Promise<readonly string[]>;
  clear(): Promise<void>;
  /** Removes what is dead and, past a bound, what was least worth keeping. Gives how many went. */
  sweep(now: number): Promise<number>;
  stats(): Promise<LevelStats>;
  close(): Promise<void>;
}

/**
 * The order of invalidations, shared by all processes on one backend. Everything but `append`, `link` and `sync` is answered from a mirror
 * in memory, at once.
 */
export interface Journal {
  /** The last position that this process knows. */
  position(): number;
  /** Position of the last invalidation of a tag, itself or through what it depends on; 0 for none. */
  tagPosition(tag: string, mode: InvalidationMode): number;
  /** Position of the last invalidation of a key, itself or by a pattern; 0 for none. */
  keyPosition(key: string, mode: InvalidationMode): number;
  /** False: so old a position that nothing is known of what came after it. */
  covers(position: number): boolean;
  /** Adds invalidations in order. Resolves once they are stored for all and applied in this process. */
  append(invalidations: readonly Invalidation[]): Promise<void>;
  /** From now on invalidating one of `dependencies` invalidates `tag` as well, through any number of links; cycles are fine. */
  link(tag: string, dependencies: readonly string[]): Promise<void>;
  /** Brings the mirror up to what is stored for all. */
  sync(signal?: AbortSignal): Promise<void>;
  /**
   * Hears of records as they are applied, own ones included, after the mirror has them. `reset`: some were missed for good,
   * so everything in memory must go.
   */
  subscribe(
    listener: (
      change: { readonly kind: "records"; readonly records: readonly JournalRecord[] } | { readonly kind: "reset" },
    ) => void,
  ): () => void;
  close(): Promise<void>;
}

/** A right to run one factory among all processes, until it ends, is released or runs out. */
export interface Lease {
  /** Prolongs it by its duration. False: it was lost. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface Leases {
  /** Undefined: somebody else holds it. A dead holder's runs out after `durationMs`. */
  acquire(key: string, durationMs: number): Promise<Lease | undefined>;
}

/** What processes share: a level, the journal, and leases, on SQLite, Redis, or in memory for a single process without a database. */
export interface Backend {
  readonly level: Level | undefined;
  readonly journal: Journal;
  readonly leases: Leases;
  close(): Promise<void>;
}

/** An entry in the memory of this process: the value itself. */
export interface MemoryEntry<V = unknown> {
  readonly key: string;
  readonly value: V;
  readonly meta: EntryMeta;
  /** What the value takes in memory: an estimate. */
  readonly bytes: number;
}

/** Under what conditions a value of memory may be given out without looking at its entry. */
export interface Voucher {
  readonly stamp: number;
  readonly until: number;
  /** Where hits are counted. */
  readonly hits: { memory: number };
}

/** The upper tier: synchronous, bounded by items and by bytes. */
export interface MemoryLevel {
  /** The entry, whatever its age; counts as a use. */
  peek(key: string): MemoryEntry | undefined;
  /** The value of an entry that is vouched for under this stamp and at this moment; undefined for any other. Counts as a use and as a hit. */
  hit(key: string, stamp: number, at: number): unknown;
  /** Lets `hit` give the value that is there now to anybody as it is, as long as the stamp is the same, and before `until`. */
  vouch(key: string, voucher: Voucher): void;
  /** False: too large to be kept. */
  set(entry: MemoryEntry): boolean;
  delete(key: string): boolean;
  /** Deletes those for which the test holds; gives how many. */
  deleteWhere(test: (entry: MemoryEntry) => boolean): number;
  clear(): void;
  /** Keeps at most this share of the bytes that it holds now, until `regrow`; gives how many entries left. */
  shrinkTo(share: number): number;
  /** Takes as much again as it was made for. */
  regrow(): void;
  /** The keys most worth having again, best first, at most `limit`. */
  hottest(limit: number): readonly string[];
  entries(): Iterable<MemoryEntry>;
  stats(): LevelStats;
}

/** Turns values into bytes and back, exactly: undefined, Date, Map, Set, BigInt, typed arrays, NaN, -0 and errors included. */
export interface Codec {
  /** Throws INPUT_INVALID, naming the place, for what cannot be kept: functions, symbols, cycles. */
  encode(value: unknown): Uint8Array;
  /** Throws for bytes it did not write or that were damaged. */
  decode(payload: Uint8Array): unknown;
}

/** The SQL that the database level needs: the store's `Database` fits. */
export interface CacheDatabase {
  /** Changes whenever anything was written, by this process or another one. Without it the journal is read each time it is asked. */
  version?(): number;
  get(
    sql: string,
    params?: Readonly<Record<string, CacheSqlValue>>,
  ): Promise<Readonly<Record<string, CacheSqlValue>> | undefined>;
  all(
    sql: string,
    params?: Readonly<Record<string, CacheSqlValue>>,
  ): Promise<readonly Readonly<Record<string, CacheSqlValue>>[]>;
  /** All or nothing. */
  write(
    statements: readonly {
      readonly sql: string;
      readonly params?: Readonly<Record<string, CacheSqlValue>>;
      readonly atLeast?: number;
    }[],
  ): Promise<
    | readonly { readonly changes: number; readonly rows: readonly Readonly<Record<string, CacheSqlValue>>[] }[]
    | undefined
  >;
}

export type CacheSqlValue = string | number | bigint | Uint8Array | null;
