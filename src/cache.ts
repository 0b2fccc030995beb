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
