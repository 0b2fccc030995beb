import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measurePaired, median, ratio } from "./paired.ts";

describe("measurePaired", () => {
  it("alternates the sides, turns their order around, and leaves the warm-up out", async () => {
    const order: string[] = [];
    const side = (name: string, base: number) => ({
      name,
      unit: "ms",
      measure: async (round: number) => {
        order.push(name);
        return round < 0 ? 1_000_000 : base + round;
      },
    });
    const rows = await measurePaired([side("naive", 100), side("ours", 10)], { rounds: 3 });
    assert.deepEqual(order, ["ours", "naive", "naive", "ours", "ours", "naive", "naive", "ours"]);
    assert.deepEqual(rows[1], { side: "ours", value: 11, unit: "ms", spread: [10, 12] });
    assert.equal(ratio(rows, "naive", "ours"), 101 / 11);
    assert.throws(() => ratio(rows, "naive", "theirs"), /theirs/);
  });
});

describe("median", () => {
  it("is the middle, or the mean of the two in the middle", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });
});
