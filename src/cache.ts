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
  Voucher,
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
export { createSimilar, type NamespaceOptions, type SimilarOptions } from "./cache/semantic/create-similar.ts";
export { createDatabaseRows, SIMILAR_MIGRATIONS } from "./cache/semantic/database-rows.ts";
export type { Embedder } from "./cache/semantic/embedders/embedder.ts";
export { createHashEmbedder } from "./cache/semantic/embedders/hash-embedder.ts";
export { openLocalEmbedder } from "./cache/semantic/embedders/local-embedder.ts";
export { createProviderEmbedder, type ProviderEmbedderOptions } from "./cache/semantic/embedders/provider-embedder.ts";
export type { FalseReuse } from "./cache/semantic/false-reuse.ts";
export type { SimilarMode } from "./cache/semantic/guards/judge.ts";
export type { SimilarPartition } from "./cache/semantic/partition.ts";
export type { RecentHit } from "./cache/semantic/recent-hits.ts";
export type { CallFacts, Refusal } from "./cache/semantic/routing.ts";
export type { SimilarRow, SimilarRows, SimilarSamples } from "./cache/semantic/rows.ts";
export type {
  Candidate,
  LookupParams,
  Similar,
  SimilarHit,
  SimilarMiss,
  SimilarStats,
  StoreOutcome,
  StoreParams,
} from "./cache/semantic/similar.ts";
export {
  createVectorIndex,
  quantize,
  type Found,
  type VectorIndex,
  type VectorIndexOptions,
} from "./cache/semantic/vectors/vector-index.ts";
export type { Verifier } from "./cache/semantic/verifier.ts";
export type { Feedback } from "./cache/semantic/learned-bound.ts";
export { createCache, type CreateCacheOptions, type OpenCache } from "./cache/create-cache.ts";
export type { CacheEntries, CacheEntry, ListEntriesOptions } from "./cache/inspecting.ts";
export {
  keepHotKeys,
  loadHotKeys,
  type HotKeysBudget,
  type HotKeysReport,
  type KeepHotKeysOptions,
} from "./cache/hot-keys.ts";
export { CACHE_POLICIES } from "./cache/policies.ts";
export { createQueryCache, type QueryCache, type QueryOptions } from "./cache/query-cache.ts";
export { createWarming, type Warming, type WarmingLoader, type WarmingReport } from "./cache/warm.ts";
export { HEAP_GROWTH_FLAG } from "./heap.ts";
