import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "./random.ts";

describe("seeded random", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    const draw = (seed: number): number[] => {
      const random = createSeededRandom(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    assert.deepEqual(draw(42), draw(42));
    assert.notDeepEqual(draw(42), draw(43));
  });

  it("spreads evenly over 0 to 1", () => {
    const random = createSeededRandom(3);
    const buckets = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) {
      const bucket = Math.floor(random.next() * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) assert.ok(count > 880 && count < 1_120, buckets.join(" "));
  });
});
