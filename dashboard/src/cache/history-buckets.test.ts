import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CacheCountsView, CacheSample } from "../../../src/http/api.ts";
import { askedOf, busiest, hitRateOf, sumOf, toBuckets } from "./history-buckets.ts";

const NOW = Date.parse("2026-11-24T12:00:30.000Z");

function counts(memory: number, misses: number): CacheCountsView {
  return {
    hits: { memory, database: 0, files: 0 },
    misses,
    joined: 1,
    staleServed: 0,
    factoryRuns: misses,
    factoryFailures: 0,
  };
}

function sample(at: string, memory: number, misses: number, evictions = 0): CacheSample {
  const each = counts(memory, misses);
  return {
    at: `2026-11-24T${at}.000Z`,
    total: each,
    namespaces: { plans: each, [at]: counts(1, 0) },
    levels: [{ name: "memory", items: 1, bytes: 1, evictions, isOpen: false }],
  };
}

describe("the last hour of the cache", () => {
  it("is summed by the minute; a sample counts for the time before it, and older ones are left out", () => {
    const buckets = toBuckets(
      {
        intervalMs: 10_000,
        samples: [
          sample("10:59:00", 50, 50),
          sample("11:59:50", 3, 1),
          sample("12:00:00", 2, 2, 5),
          sample("12:00:10", 7, 0, 9),
        ],
      },
      NOW,
    );
    assert.equal(buckets.length, 60);
    const [before, last] = buckets.slice(-2);
    assert.deepEqual(
      [before?.total.hits.memory, before?.total.misses, before?.total.joined, before?.evictions],
      [5, 3, 2, 5],
    );
    assert.deepEqual([last?.total.hits.memory, last?.evictions], [7, 4]);
    assert.equal(new Date(last?.from ?? 0).toISOString(), "2026-11-24T12:00:00.000Z");
    assert.equal(askedOf(sumOf(buckets)), 12 + 3 + 3);
    assert.equal(hitRateOf(sumOf(buckets)), 15 / 18);
    assert.equal(hitRateOf(sumOf(buckets.slice(0, 10))), null);
    assert.deepEqual(busiest(buckets, 2)[0], "plans");
  });
});
