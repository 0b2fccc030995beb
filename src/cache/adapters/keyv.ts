import type { Cache } from "../cache.ts";
import { segment } from "./segment.ts";

/** What Keyv asks of a store; typed by hand, so that nobody needs Keyv to use Millrace. */
export interface KeyvStore {
  opts: Record<string, unknown>;
  namespace?: string | undefined;
  get(key: string): Promise<unknown>;
  getMany(keys: readonly string[]): Promise<unknown[]>;
  has(key: string): Promise<boolean>;
  set(key: string, value: unknown, ttlMs?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: readonly string[]): Promise<boolean>;
  clear(): Promise<void>;
  iterator(namespace?: string): AsyncGenerator<[string, unknown]>;
}

export interface KeyvStoreOptions {
  /** Closed by whoever made it. */
  readonly cache: Cache;
  /** First segment of its keys in the cache. Default keyv. */
  readonly name?: string;
}

/** What Keyv stores without a TTL is kept for so long, in milliseconds. */
const FOR_GOOD_MS = 10 * 365 * 24 * 3_600_000;
const MOST_KEYS = 1_000_000;

/** Creates a store for `new Keyv({ store })` on a cache. */
export function createKeyvStore({ cache, name = "keyv" }: KeyvStoreOptions): KeyvStore {
  const root = segment(name);
  /** Keyv puts `namespace:` before its keys; so that part is a segment of ours. */
  function keyOf(key: string, namespace: string | undefined): string {
    const prefix = namespace === undefined ? undefined : `${namespace}:`;
    if (prefix !== undefined && key.startsWith(prefix))
      return `${root}:${segment(prefix)}:${segment(key.slice(prefix.length))}`;
    return `${root}:${segment("")}:${segment(key)}`;
  }
  const spaceOf = (namespace: string | undefined): string =>
    `${root}:${segment(namespace === undefined ? "" : `${namespace}:`)}`;

  const store: KeyvStore = {
    // Keyv iterates over stores of dialects that it knows, and only those.
    opts: { name, dialect: "sqlite", url: "millrace" },
    namespace: undefined,
    get: async (key) => (await cache.get(keyOf(key, store.namespace)))?.value,
    getMany: (keys) => Promise.all(keys.map((key) => store.get(key))),
    has: async (key) => (await cache.get(keyOf(key, store.namespace))) !== undefined,
    async set(key, value, ttlMs) {
      const ttl = ttlMs === undefined || ttlMs === 0 ? FOR_GOOD_MS : ttlMs;
      await cache.set(keyOf(key, store.namespace), value, { ttl, jitter: 0, mutation: "clone" });
      return true;
    },
    async delete(key) {
      const wasThere = await store.has(key);
      if (wasThere) await cache.evict({ kind: "key", key: keyOf(key, store.namespace) });
      return wasThere;
    },
    async deleteMany(keys) {
      const outcomes = await Promise.all(keys.map((key) => store.delete(key)));
      return outcomes.some(Boolean);
    },
    clear: () => cache.evict({ kind: "pattern", pattern: `${spaceOf(store.namespace)}:**` }),
    async *iterator(namespace = store.namespace) {
      const prefix = namespace === undefined ? "" : `${namespace}:`;
      for (const key of await cache.keys(`${spaceOf(namespace)}:*`, MOST_KEYS)) {
        const found = await cache.get(key);
        if (found !== undefined) yield [prefix + decodeURIComponent(key.slice(key.lastIndexOf(":") + 2)), found.value];
      }
    },
  };
  return store;
}
