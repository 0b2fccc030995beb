import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCounters } from "./counters.ts";

describe("createCounters", () => {
  it("counts by what stands before the first colon, or by the whole key", () => {
    const counters = createCounters();
    counters.of("user:1:name").misses++;
    counters.of("user:2").misses++;
    counters.of("plain").hits.memory++;
    const { user, plain } = counters.snapshot();
    assert.deepEqual([user?.misses, plain?.hits.memory, plain?.misses], [2, 1, 0]);
  });

  it("gives a copy that does not count on", () => {
    const counters = createCounters();
    counters.of("a").hits.files++;
    const before = counters.snapshot();
    counters.of("a").hits.files++;
    assert.equal(before["a"]?.hits.files, 1);
  });

  it("counts the rest together when keys bring ever new namespaces", () => {
    const counters = createCounters();
    for (let index = 0; index < 5_000; index++) counters.of(`n${index}:x`).misses++;
    const kept = counters.snapshot();
    assert.ok(Object.keys(kept).length <= 1_001);
    assert.equal(
      Object.values(kept).reduce((sum, { misses }) => sum + misses, 0),
      5_000,
    );
  });
});
