export { createLog, type LogOptions } from "./core/log.ts";
export { createManualClock, type ManualClock } from "./core/manual-clock.ts";
export { createSeededRandom, type Random } from "./core/random.ts";
export { runCacheContract, type CacheUnderTest, type OpenCacheUnderTest } from "./cache/cache-contract/contract.ts";
export { runStoreContract } from "./store/contract.ts";
export type { OpenStore } from "./store/contract/bench.ts";
export { runJournalContract, type OpenJournals } from "./cache/level-contract/journal.ts";
export { runLeaseContract, type OpenLeases } from "./cache/level-contract/leases.ts";
export { runLevelContract, type OpenLevel } from "./cache/level-contract/level.ts";
