import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCount, formatPercent } from "./count.ts";

describe("formatCount", () => {
  it("gives the noun its number", () => {
    assert.equal(formatCount(1, "run"), "1 run");
    assert.equal(formatCount(0, "run"), "0 runs");
    assert.equal(formatCount(1204, "entity", "entities"), "1,204 entities");
  });
});

describe("formatPercent", () => {
  it("claims certainty only where it is certain", () => {
    assert.equal(formatPercent(1), "100%");
    assert.equal(formatPercent(0.999), "over 99%");
    assert.equal(formatPercent(0.001), "under 1%");
    assert.equal(formatPercent(0), "0%");
    assert.equal(formatPercent(0.874), "87%");
  });
});
