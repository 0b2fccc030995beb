import { join } from "node:path";
import type { Backend } from "./cache/contract.ts";
import { createCache, type OpenCache } from "./cache/create-cache.ts";
import { openFilesLevel } from "./cache/files/level.ts";
import { keepHotKeys, loadHotKeys } from "./cache/hot-keys.ts";
import { createMemoryBackend } from "./cache/memory-backend.ts";
import { createMemoryLevel } from "./cache/memory/memory-level.ts";
import { createQueryCache, type QueryCache } from "./cache/query-cache.ts";
import type { Embedder } from "./cache/semantic/embedders/embedder.ts";
import type { Similar } from "./cache/semantic/similar.ts";
import { openSqliteBackend } from "./cache/sqlite/open.ts";
import { createWarming, type Warming, type WarmingLoader } from "./cache/warm.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Events } from "./core/events.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Random } from "./core/random.ts";
import type { Resources } from "./core/resources.ts";
import type { Database } from "./store/store.ts";

/** The cache of a host, and what stands on it. */
export interface HostCache {
  readonly cache: OpenCache;
  readonly queries: QueryCache;
  /** The finder of similar questions; opened by the first call. */
  similar(): Promise<Similar>;
  /** Undefined until the first call of `similar`. */
  similarIfOpen(): Similar | undefined;
  /** Undefined before `warm`. */
  warming(): Warming | undefined;
  /** Brings what was hot at the last close back into memory, and starts the loaders. Never throws for want of a value. */
  warm(loaders: readonly WarmingLoader[]): Promise<void>;
}

export interface OpenHostCacheOptions {
  readonly config: Pick<Config, "cache" | "data" | "redis"> & Partial<Pick<Config, "database">>;
  readonly db: Database;
  /** For the reads and writes of apps. Default `db`. */
  readonly appDb?: Database;
  /** False: nothing is written outside of the database. */
  readonly hasFiles: boolean;
  /** Opens an embedder of a provider, by `provider/model`. */
  readonly openEmbedder: (name: string) => Promise<Embedder>;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly events: Events;
  readonly log: Log;
  readonly resources: Resources;
}

/** Opens the cache that a configuration describes: memory; Redis where there is one, else the store's SQLite (on Postgres none); files below the data folder. */
export async function openHostCache(options: OpenHostCacheOptions): Promise<HostCache> {
  const { config, db, clock, random, events, log, resources } = options;
  const { memory = {}, files = {}, policies = {} } = config.cache;
  const backend = await openBackend(options);
  const cache = createCache({
    memory: createMemoryLevel(memory),
    backend,
    ...(options.hasFiles
      ? { files: await openFilesLevel({ ...files, directory: join(config.data, "cache"), clock }) }
      : {}),
    policies,
    clock,
    random,
    events,
    log,
  });
  let warming: Warming | undefined;
  let similar: Promise<Similar> | undefined;
  let opened: Similar | undefined;
  resources.add("cache", async () => {
    await warming?.close();
    // What a command looked at says nothing of what a server will be asked.
    if (warming !== undefined)
      await keepHotKeys(cache, { except: ["responses"] }).catch((error: unknown) =>
        log.debug({ error }, "the hot keys could not be kept"),
      );
    await cache.close();
  });

  async function openSimilar(): Promise<Similar> {
    const [{ createSimilar }, { createDatabaseRows, SIMILAR_MIGRATIONS }] = await Promise.all([
      import("./cache/semantic/create-similar.ts"),
      import("./cache/semantic/database-rows.ts"),
    ]);
    await db.migrate({ owner: "similar", directory: SIMILAR_MIGRATIONS });
    const { embedder: _embedder, ...bounds } = config.cache.similar ?? {};
    opened = createSimilar({
      ...bounds,
      embedder: await openEmbedder(options),
      rows: createDatabaseRows(db),
      clock,
      random,
    });
    return opened;
  }

  return {
    cache,
    queries: createQueryCache({ cache, db: options.appDb ?? db }),
    similar() {
      similar ??= openSimilar();
      similar.catch(() => (similar = undefined));
      return similar;
    },
    similarIfOpen: () => opened,
    warming: () => warming,
    async warm(loaders) {
      await loadHotKeys(cache, { clock }).catch((error: unknown) =>
        log.warn({ error }, "the cache could not be warmed with what was hot before"),
      );
      warming = createWarming({ cache, loaders, clock, log });
      await warming.start();
    },
  };
}

async function openBackend({ config, db, clock, ids, log, resources }: OpenHostCacheOptions): Promise<Backend> {
  const url = config.redis?.url;
  if (url === undefined && config.database !== undefined) {
    log.warn(
      {},
      "the store is Postgres and there is no Redis: this process keeps a cache of its own, in memory and files, and what others invalidate does not reach it; set MILLRACE_REDIS_URL to share one",
    );
    return createMemoryBackend({ clock });
  }
  if (url === undefined) return await openSqliteBackend({ db, clock, ids, log, ...config.cache.database });
  const [{ connectRedis }, { openRedisBackend }] = await Promise.all([
    import("./cache/redis/connect.ts"),
    import("./cache/redis/open.ts"),
  ]);
  const redis = await connectRedis(url, { log });
  resources.add("redis", () => redis.close());
  const { maxItems } = config.cache.database ?? {};
  return await openRedisBackend({ ...redis, clock, ids, log, ...(maxItems === undefined ? {} : { maxItems }) });
}

/** What the configuration names; else the encoder of the optional packages where they are installed; else hashed n-grams. */
async function openEmbedder({ config, openEmbedder }: OpenHostCacheOptions): Promise<Embedder> {
  const named = config.cache.similar?.embedder;
  if (named?.includes("/") === true) return await openEmbedder(named);
  const [{ openLocalEmbedder }, { createHashEmbedder }] = await Promise.all([
    import("./cache/semantic/embedders/local-embedder.ts"),
    import("./cache/semantic/embedders/hash-embedder.ts"),
  ]);
  return (config.cache.similar?.embedder === "hash" ? undefined : await openLocalEmbedder()) ?? createHashEmbedder();
}
