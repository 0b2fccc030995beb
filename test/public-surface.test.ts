import assert from "node:assert/strict";
import { describe, it } from "node:test";

/** What each entry gives at run time. A name that comes or goes is a decision: it is written down here and in the changelog. */
const SURFACE: Readonly<Record<string, readonly string[]>> = {
  millrace: [
    "MillraceError",
    "automation",
    "canonicalJson",
    "createIds",
    "createSeededRandom",
    "defineApp",
    "defineConfig",
    "isErrorCode",
    "json",
    "jsonOrNull",
    "loadConfig",
    "mapParallel",
    "moduleUrl",
    "number",
    "numberOrNull",
    "on",
    "openHost",
    "route",
    "systemClock",
    "systemRandom",
    "text",
    "textOrNull",
    "toErrorRecord",
    "toMs",
  ],
  "millrace/cache": [
    "CACHE_POLICIES",
    "SIMILAR_MIGRATIONS",
    "bounded",
    "boundedLeases",
    "connectRedis",
    "createCache",
    "createCodec",
    "createDatabaseRows",
    "createHashEmbedder",
    "createMemoryBackend",
    "createMemoryLevel",
    "createProviderEmbedder",
    "createQueryCache",
    "createSimilar",
    "createVectorIndex",
    "createWarming",
    "keepHotKeys",
    "loadHotKeys",
    "openFilesLevel",
    "openLocalEmbedder",
    "openRedisBackend",
    "openSqliteBackend",
    "protect",
    "quantize",
    "sizeOf",
  ],
  "millrace/cache/bentocache": ["createBentocacheDriver", "millraceDriver"],
  "millrace/cache/keyv": ["createKeyvStore"],
  "millrace/http": [],
  "millrace/sqlite": ["openSqliteStore"],
  "millrace/simulator": ["FAULTS", "createSimulator"],
  "millrace/testing": [
    "createLog",
    "createManualClock",
    "createSeededRandom",
    "runCacheContract",
    "runJournalContract",
    "runLeaseContract",
    "runLevelContract",
    "runStoreContract",
  ],
};

describe("public surface", () => {
  for (const [entry, names] of Object.entries(SURFACE)) {
    it(`${entry} gives exactly the names that are written down`, async () => {
      const module: object = await import(entry);
      assert.deepEqual(Object.keys(module).toSorted(), [...names].toSorted());
    });
  }
});
