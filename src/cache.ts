export type {
  Cache,
  Cached,
  CacheCounters,
  CacheOptions,
  CachePolicy,
  CacheSource,
  CacheStats,
  Factory,
  FactoryContext,
} from "./cache/cache.ts";
export type {
  Backend,
  CacheDatabase,
  Codec,
  EntryMeta,
  Invalidation,
  InvalidationMode,
  Journal,
  JournalRecord,
  Lease,
  Leases,
  Level,
  LevelStats,
  MemoryEntry,
  MemoryLevel,
  Scope,
  StoredEntry,
} from "./cache/contract.ts";
export { createCodec, type CodecOptions } from "./cache/codec/codec.ts";
export { protect, type MutationMode } from "./cache/codec/protect.ts";
export { sizeOf } from "./cache/codec/size-of.ts";
export { createMemoryLevel, type EvictionPolicyName, type MemoryLevelOptions } from "./cache/memory/memory-level.ts";
export { createMemoryBackend } from "./cache/memory-backend.ts";
export { openFilesLevel, type FilesLevelOptions } from "./cache/files/level.ts";
export { openSqliteBackend, type SqliteBackendOptions, type SqliteCacheDatabase } from "./cache/sqlite/open.ts";
export { connectRedis, type ConnectRedisOptions, type RedisConnections } from "./cache/redis/connect.ts";
export { openRedisBackend, type RedisBackendOptions } from "./cache/redis/open.ts";
export type { RedisArgument, RedisLike, RedisSubscriber } from "./cache/redis/client.ts";
export { bounded, type BoundedLevel, type BoundedOptions, type LevelHealth } from "./cache/guarded-level.ts";
export { boundedLeases, type BoundedLeasesOptions } from "./cache/guarded-leases.ts";
