import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { floorsOf, isGrowing, slopeOf } from "./growth.ts";

const points = (valueAt: (at: number) => number) => Array.from({ length: 90 }, (_, at) => ({ at, value: valueAt(at) }));

describe("growth", () => {
  it("is the slope of the line that fits best", () => {
    assert.equal(slopeOf(points((at) => 3 * at + 7)), 3);
    assert.equal(slopeOf(points(() => 7)), 0);
    assert.ok(Math.abs(slopeOf(points((at) => 2 * at + (at % 2 === 0 ? 5 : -5)))) - 2 < 0.01);
    assert.equal(slopeOf([]), 0);
  });

  it("does not take a saw for a leak, and finds one under it", () => {
    const saw = floorsOf(
      points((at) => 100 + 5 * (at % 10)),
      3,
    );
    assert.deepEqual(saw, [100, 100, 100]);
    assert.equal(isGrowing(saw, 0.02), false);
    const leak = floorsOf(
      points((at) => 100 + at + 5 * (at % 10)),
      3,
    );
    assert.deepEqual(leak, [100, 130, 160]);
    assert.equal(isGrowing(leak, 0.02), true);
  });
});
