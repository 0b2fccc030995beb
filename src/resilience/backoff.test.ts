import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSeededRandom } from "../core/random.ts";
import { exponentialBackoff } from "./backoff.ts";

describe("exponentialBackoff", () => {
  it("never waits longer than the bound of its step, nor than the longest wait", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, failures) => {
        const wait = exponentialBackoff({ random: createSeededRandom(seed) })(failures);
        assert.ok(wait >= 0 && wait <= Math.min(10_000, 4_000 * 2 ** (failures - 1)));
      }),
    );
  });

  it("reaches 4, 8, 10 and 10 s at the highest draw", () => {
    const wait = exponentialBackoff({ random: { next: () => 1 } });
    assert.deepEqual([1, 2, 3, 4].map(wait), [4_000, 8_000, 10_000, 10_000]);
  });

  it("spreads callers who failed together", () => {
    const wait = exponentialBackoff({ random: createSeededRandom(7) });
    const waits = Array.from({ length: 200 }, () => wait(1));
    assert.ok(Math.min(...waits) < 400 && Math.max(...waits) > 3_600);
  });

  it("with equal jitter waits for half of the bound at least", () => {
    const waits = [0, 1].map((draw) => exponentialBackoff({ random: { next: () => draw }, jitter: "equal" })(2));
    assert.deepEqual(waits, [4_000, 8_000]);
  });

  it("names the bad option", () => {
    const random = createSeededRandom(1);
    assert.throws(() => exponentialBackoff({ random, baseMs: 20_000 }), /got 20000 and 10000/);
    assert.throws(() => exponentialBackoff({ random, factor: 0.5 }), /factor must be at least 1, got 0.5/);
  });
});
