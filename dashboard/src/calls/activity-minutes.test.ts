import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallMinute } from "../../../src/http/api.ts";
import { callsIn, countSources, fillMinutes, sumMinutes } from "./activity-minutes.ts";

function minute(at: string, sources: CallMinute["sources"]): CallMinute {
  return {
    at: `2026-11-24T${at}:00.000Z`,
    sources,
    inputTokens: 10,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    usd: 0.5,
    savedUsd: 0,
    times: { p50: 1, p90: 2, p99: 3 },
  };
}

describe("the last hour of calls", () => {
  it("has every minute, and tells those without a call from those that nothing is known of", () => {
    const minutes = fillMinutes({
      at: "2026-11-24T12:00:30.000Z",
      from: "2026-11-24T11:40:20.000Z",
      minutes: [minute("11:59", { memory: 3, provider: 1 }), minute("12:00", { memory: 2, failed: 1 })],
    });
    assert.equal(minutes.length, 60);
    assert.deepEqual(minutes.slice(-3).map(callsIn), [0, 4, 3]);
    assert.equal(minutes.filter(({ isKnown }) => isKnown).length, 21);
    assert.equal(new Date(minutes.at(-1)?.from ?? 0).toISOString(), "2026-11-24T12:00:00.000Z");
    assert.deepEqual(countSources(minutes), [
      { source: "memory", count: 5 },
      { source: "provider", count: 1 },
      { source: "failed", count: 1 },
    ]);
    assert.equal(
      sumMinutes(minutes, ({ usd }) => usd),
      1,
    );
  });
});
