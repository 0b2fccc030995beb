import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { binomialTail, wilsonBound } from "./binomial.ts";
import { falseDiscoveryRates } from "./false-discovery.ts";

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1e-12, expected), `${actual} is not ${expected}`);
}

describe("binomialTail", () => {
  it("is the sum of the chances of that many hits and of more", () => {
    near(binomialTail(1, 1, 0.3), 0.3);
    near(binomialTail(2, 3, 0.5), 0.5);
    near(binomialTail(8, 10, 0.5), 56 / 1_024);
    near(binomialTail(20, 20, 0.1), 1e-20);
    near(binomialTail(3, 5, 0.2), 10 * 0.2 ** 3 * 0.8 ** 2 + 5 * 0.2 ** 4 * 0.8 + 0.2 ** 5);
  });

  it("knows what is certain and what cannot be", () => {
    assert.equal(binomialTail(0, 10, 0.1), 1);
    assert.equal(binomialTail(11, 10, 0.9), 0);
    assert.equal(binomialTail(3, 10, 0), 0);
    assert.equal(binomialTail(3, 10, 1), 1);
  });

  it("falls as more hits are asked for and rises with the chance", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 3_000 }),
        fc.double({ min: 0.001, max: 0.9, noNaN: true }),
        (trials, chance) => {
          const hits = Math.ceil(trials / 2);
          assert.ok(binomialTail(hits, trials, chance) >= binomialTail(hits + 1, trials, chance));
          assert.ok(binomialTail(hits, trials, chance) <= binomialTail(hits, trials, chance + 0.05) + 1e-12);
        },
      ),
    );
  });
});

describe("wilsonBound", () => {
  it("is the textbook's bound, and nothing without trials", () => {
    assert.ok(Math.abs(wilsonBound(9, 10) - 0.5958) < 1e-4);
    assert.ok(Math.abs(wilsonBound(50, 100) - 0.4038) < 1e-4);
    assert.equal(wilsonBound(0, 0), 0);
    assert.ok(wilsonBound(0, 10) < 1e-12);
  });
});

describe("falseDiscoveryRates", () => {
  it("adjusts by the number of all tests, in the order given", () => {
    assert.deepEqual(falseDiscoveryRates([0.04, 0.01, 0.02], 4), [0.16 / 3, 0.04, 0.04]);
    assert.deepEqual(falseDiscoveryRates([0.9], 100), [1]);
    assert.deepEqual(falseDiscoveryRates([], 100), []);
  });
});
