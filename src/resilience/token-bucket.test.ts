import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createTokenBucket } from "./token-bucket.ts";

describe("createTokenBucket", () => {
  it("refills continuously, not at the end of a window", () => {
    const bucket = createTokenBucket({ capacity: 60, perMs: 60_000 });
    bucket.draw(60, 0);
    assert.equal(bucket.waitMs(1, 0), 1_000);
    assert.equal(bucket.waitMs(1, 1_000), 0);
    assert.equal(bucket.level(30_000), 30);
    assert.equal(bucket.level(600_000), 60);
  });

  it("gives back what was estimated too high, but not what would have run over in the meantime", () => {
    const bucket = createTokenBucket({ capacity: 100, perMs: 100_000 });
    const first = bucket.draw(60, 0);
    // Full again after 60 s: had the first draw been of 10, it would have been full too.
    bucket.draw(50, 60_000);
    bucket.correct(first, 60, 10, 60_000);
    assert.equal(bucket.level(60_000), 50);
    const second = bucket.draw(50, 60_000);
    bucket.correct(second, 50, 20, 61_000);
    assert.equal(bucket.level(61_000), 31);
  });

  it("gives back once what two open draws would both have filled up to", () => {
    const bucket = createTokenBucket({ capacity: 100, perMs: 100_000 });
    const [first, second] = [bucket.draw(30, 0), bucket.draw(30, 0)];
    // 80 are in it; with either draw corrected it would have been full here, with both as well.
    bucket.draw(60, 40_000);
    bucket.correct(first, 30, 0, 40_000);
    bucket.correct(second, 30, 0, 40_000);
    assert.equal(bucket.level(40_000), 40);
  });

  it("lets what was used never pass capacity and refill in any window, whatever was estimated and whenever it was settled", () => {
    const call = fc.record({
      gapMs: fc.nat(3_000),
      estimate: fc.double({ min: 0, max: 100, noNaN: true }),
      usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
      settledAfter: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 80 }), (calls) => {
        const bucket = createTokenBucket({ capacity: 100, perMs: 10_000 });
        const used: { readonly at: number; readonly amount: number }[] = [];
        const open: { draw: number; estimate: number; actual: number; at: number; left: number }[] = [];
        let now = 0;
        for (const { gapMs, estimate, usedShare, settledAfter } of calls) {
          now += gapMs;
          for (const one of open) one.left -= 1;
          for (const one of open.filter(({ left }) => left === 0)) {
            bucket.correct(one.draw, one.estimate, one.actual, now);
          }
          now += bucket.waitMs(estimate, now);
          const actual = estimate * usedShare;
          open.push({ draw: bucket.draw(estimate, now), estimate, actual, at: now, left: settledAfter + 1 });
          used.push({ at: now, amount: actual });
        }
        for (const [from, { at: start }] of used.entries()) {
          let sum = 0;
          for (const { at, amount } of used.slice(from)) {
            sum += amount;
            assert.ok(sum <= 100 + (at - start) / 100 + 1e-6, `${sum} in ${at - start} ms`);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the bound when more draws are open than it remembers one by one", () => {
    const bucket = createTokenBucket({ capacity: 1_000, perMs: 1_000_000 });
    const draws = Array.from({ length: 600 }, (_, n) => bucket.draw(2, n));
    for (const draw of draws) bucket.correct(draw, 2, 0, 600);
    assert.ok(bucket.level(600) <= 1_000);
    assert.ok(bucket.level(600) > 900, `${bucket.level(600)}`);
  });

  it("leaves a debt when more was used than estimated, and waits it off", () => {
    const bucket = createTokenBucket({ capacity: 10, perMs: 10_000 });
    bucket.correct(bucket.draw(10, 0), 10, 15, 0);
    assert.equal(bucket.waitMs(1, 0), 6_000);
  });

  it("takes a server's lower limit and remainder, and never goes beyond its own", () => {
    const bucket = createTokenBucket({ capacity: 100, perMs: 60_000 });
    bucket.observe({ limit: 1_000, remaining: 900 }, 0);
    assert.deepEqual([bucket.capacity, bucket.level(0)], [100, 100]);
    bucket.observe({ limit: 50, remaining: 20 }, 0);
    assert.deepEqual([bucket.capacity, bucket.level(0)], [50, 20]);
    bucket.observe({ remaining: 40 }, 0);
    assert.equal(bucket.level(0), 20);
  });

  it("refills no faster than the server says until its reset", () => {
    const bucket = createTokenBucket({ capacity: 60, perMs: 60_000 });
    bucket.observe({ limit: 60, remaining: 0, resetMs: 120_000 }, 0);
    assert.equal(bucket.waitMs(1, 0), 2_000);
    assert.equal(bucket.level(60_000), 30);
    assert.equal(bucket.waitMs(60, 60_000), 60_000);
  });

  it("is not led astray by headers that make no sense", () => {
    const bucket = createTokenBucket({ capacity: 60, perMs: 60_000 });
    bucket.observe({ limit: Number.NaN, remaining: Number.NaN, resetMs: Number.NaN }, 0);
    bucket.observe({ limit: -1, remaining: -1, resetMs: -1 }, 0);
    bucket.observe({ limit: 0, remaining: 30, resetMs: 0 }, 0);
    assert.deepEqual([bucket.capacity, bucket.level(0), bucket.waitMs(31, 0)], [60, 30, 1_000]);
  });

  it("limits nothing until the server tells a limit, when its own is infinite", () => {
    const bucket = createTokenBucket({ capacity: Infinity, perMs: 60_000 });
    const draw = bucket.draw(1e9, 5);
    bucket.correct(draw, 1e9, 1, 6);
    assert.equal(bucket.waitMs(1e12, 10), 0);
    bucket.observe({ limit: 60, remaining: 10 }, 10);
    assert.equal(bucket.level(10), 10);
    assert.equal(bucket.waitMs(11, 10), 1_000);
  });
});
