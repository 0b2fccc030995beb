import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wilsonBound } from "./binomial.ts";
import { weighRecent } from "./recent.ts";

function days(from: number, to: number, hit: boolean): { day: number; hit: boolean }[] {
  return Array.from({ length: to - from }, (_, index) => ({ day: from + index, hit }));
}

describe("weighRecent", () => {
  it("is the plain Wilson bound where all firings are of one day", () => {
    const firings = [...Array.from({ length: 9 }, () => ({ day: 4, hit: true })), { day: 4, hit: false }];
    assert.ok(Math.abs(weighRecent(firings, 5).wilson - wilsonBound(9, 10)) < 1e-12);
    assert.equal(weighRecent([], 5).wilson, 0);
  });

  it("lets a habit fall that was given up, and one rise that was taken up", () => {
    const givenUp = weighRecent([...days(0, 90, true), ...days(90, 180, false)], 180);
    const takenUp = weighRecent([...days(0, 90, false), ...days(90, 180, true)], 180);
    assert.ok(givenUp.wilson < 0.35 && takenUp.wilson > 0.6);
  });

  it("halves the weight in sixty days", () => {
    assert.equal(weighRecent([{ day: 39, hit: true }], 100).trials, 0.5);
    assert.equal(weighRecent([{ day: 99, hit: true }], 100).trials, 1);
  });
});
