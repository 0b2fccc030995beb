import type { Cache } from "../cache.ts";
import { segment } from "./segment.ts";

/** What bentocache asks of a driver of its second level; typed by hand, so that nobody needs bentocache to use Millrace. */
export interface BentocacheDriver {
  readonly type: "l2";
  readonly name: string;
  namespace(namespace: string): BentocacheDriver;
  get(key: string): Promise<string | undefined>;
  pull(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: readonly string[]): Promise<boolean>;
  clear(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface BentocacheDriverOptions {
  /** Closed by whoever made it, as several drivers may share it. */
  readonly cache: Cache;
  /** First segment of its keys in the cache. Default bentocache. */
  readonly prefix?: string;
}

/** What bentocache stores without a TTL is kept for so long, in milliseconds. */
const FOR_GOOD_MS = 10 * 365 * 24 * 3_600_000;

/** For `bentostore().useL2Layer(millraceDriver({ cache }))`. */
export function millraceDriver(options: BentocacheDriverOptions): {
  readonly options: BentocacheDriverOptions;
  readonly factory: (config: { readonly prefix?: string }) => BentocacheDriver;
} {
  return {
    options,
    factory: ({ prefix }) => createBentocacheDriver({ ...options, ...(prefix === undefined ? {} : { prefix }) }),
  };
}

/** Creates a driver on a cache. */
export function createBentocacheDriver({ cache, prefix = "bentocache" }: BentocacheDriverOptions): BentocacheDriver {
  return driverIn(cache, segment(prefix));
}

function driverIn(cache: Cache, space: string): BentocacheDriver {
  const keyOf = (key: string): string => `${space}:${segments(key)}`;
  const driver: BentocacheDriver = {
    type: "l2",
    name: "millrace",
    namespace: (namespace) => driverIn(cache, `${space}:${segments(namespace)}`),
    get: async (key) => (await cache.get<string>(keyOf(key)))?.value,
    async pull(key) {
      const value = await driver.get(key);
      await driver.delete(key);
      return value;
    },
    async set(key, value, ttlMs = FOR_GOOD_MS) {
      await cache.set(keyOf(key), value, { ttl: ttlMs, jitter: 0 });
      return true;
    },
    async delete(key) {
      const wasThere = (await cache.get(keyOf(key))) !== undefined;
      if (wasThere) await cache.evict({ kind: "key", key: keyOf(key) });
      return wasThere;
    },
    async deleteMany(keys) {
      await cache.evict(...keys.map((key) => ({ kind: "key", key: keyOf(key) }) as const));
      return true;
    },
    clear: () => cache.evict({ kind: "pattern", pattern: `${space}:**` }),
    disconnect: async () => undefined,
  };
  return driver;
}

/** A namespace of bentocache and a key with colons are one and the same. */
function segments(text: string): string {
  return text.split(":").map(segment).join(":");
}
