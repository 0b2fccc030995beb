import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toFalseReuse } from "./false-reuse.ts";
import { errorBound } from "./learned-bound.ts";

const times = (count: number, similarity: number, isRight: boolean) =>
  Array.from({ length: count }, () => ({ similarity, isRight }));

describe("what was learned of an entry", () => {
  it("bounds its error by what it got right, and more tightly the more there is", () => {
    assert.equal(errorBound([], 0.9), undefined);
    const few = errorBound(times(3, 0.9, true), 0.9) ?? 0;
    const many = errorBound(times(40, 0.9, true), 0.9) ?? 1;
    assert.ok(many < few && many < 0.3, `${few} ${many}`);
  });

  it("bounds its error high where it was wrong and lower where it was right", () => {
    const feedback = [...times(20, 0.78, false), ...times(25, 0.96, true)];
    const [low = 0, high = 1] = [0.78, 0.96].map((similarity) => errorBound(feedback, similarity));
    assert.ok(low > 0.8 && high < 0.3, `${low} ${high}`);
  });
});

describe("the rate of false reuse", () => {
  it("comes with a 95 % interval that narrows with samples", () => {
    assert.deepEqual(toFalseReuse(0, 0).interval, [0, 1]);
    const { rate, interval } = toFalseReuse(100, 2);
    assert.equal(rate, 0.02);
    assert.ok(interval[0] > 0.004 && interval[0] < 0.006 && interval[1] > 0.06 && interval[1] < 0.08);
  });
});
