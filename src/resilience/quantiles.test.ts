import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createQuantiles, type Quantiles } from "./quantiles.ts";
import { createTestClock } from "./test-clock.ts";

const VALUES = fc.array(fc.double({ min: 0.1, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 });

/** The exact one, as DDSketch ranks values. */
function exact(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
}
function assertClose(quantiles: Quantiles, values: readonly number[]): void {
  for (const q of [0, 0.5, 0.95, 0.99, 1]) {
    const wanted = exact(values, q);
    const found = quantiles.quantile(q) ?? Number.NaN;
    assert.ok(Math.abs(found - wanted) <= wanted * 0.01 + 1e-9, `${q}: ${found} for ${wanted}`);
  }
}

describe("createQuantiles", () => {
  it("is off by at most one per cent, whatever the values", () => {
    fc.assert(
      fc.property(VALUES, (values) => {
        const quantiles = createQuantiles({ clock: createTestClock() });
        for (const value of values) quantiles.record(value);
        assert.equal(quantiles.count(), values.length);
        assertClose(quantiles, values);
      }),
    );
  });

  it("adds up what several processes saw as if one had seen it all", () => {
    fc.assert(
      fc.property(VALUES, VALUES, (mine, others) => {
        const clock = createTestClock();
        const quantiles = createQuantiles({ clock });
        const other = createQuantiles({ clock });
        for (const value of mine) quantiles.record(value);
        for (const value of others) other.record(value);
        quantiles.merge(JSON.parse(JSON.stringify(other.snapshot())) as ReturnType<Quantiles["snapshot"]>);
        assertClose(quantiles, [...mine, ...others]);
      }),
    );
  });

  it("forgets what lies behind its window, and nothing of the last five sixths", async () => {
    const clock = createTestClock();
    const quantiles = createQuantiles({ clock, windowMs: 60_000 });
    quantiles.record(1_000);
    await clock.advance(50_000);
    quantiles.record(10);
    assert.equal(quantiles.count(), 2);
    await clock.advance(10_000);
    assert.equal(quantiles.count(), 1);
    assert.ok(Math.abs((quantiles.quantile(0.95) ?? 0) - 10) < 0.1);
    await clock.advance(600_000);
    assert.deepEqual([quantiles.count(), quantiles.quantile(0.5)], [0, undefined]);
    quantiles.record(3);
    assert.equal(quantiles.count(), 1);
  });

  it("counts what is too small or too large as its least or greatest", () => {
    const quantiles = createQuantiles({ clock: createTestClock(), least: 1, greatest: 100 });
    for (const value of [0, 0.5, 1e9]) quantiles.record(value);
    assert.equal(quantiles.quantile(0), 1);
    assert.ok(Math.abs((quantiles.quantile(1) ?? 0) - 100) <= 1.01);
  });

  it("refuses what is no measurement, and sketches of another kind", () => {
    const clock = createTestClock();
    const quantiles = createQuantiles({ clock });
    assert.throws(() => quantiles.record(-1), /got -1/);
    assert.throws(() => quantiles.record(Number.NaN), /got NaN/);
    assert.throws(() => quantiles.merge(createQuantiles({ clock, accuracy: 0.05 }).snapshot()), /accuracy 0.05/);
  });
});
