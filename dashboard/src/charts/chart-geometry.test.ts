import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { columnAt, columnOf, layLine, niceTop, stackColumns } from "./chart-geometry.ts";

const PLOT = { x: 40, y: 10, width: 100, height: 50 };

describe("a chart", () => {
  it("ends its axis at a round value that nothing passes", () => {
    assert.deepEqual([0, 0.3, 1, 1.1, 3, 7, 240, 251].map(niceTop), [1, 0.5, 1, 2, 5, 10, 250, 500]);
  });

  it("stacks columns from the ground up, and leaves a gap where there is nothing to tell", () => {
    const [first, second] = stackColumns(
      [
        [0.5, null],
        [0.25, 1],
      ],
      PLOT,
      1,
    );
    assert.deepEqual(first, [{ x: 40, width: 49, y: 35, height: 25 }]);
    assert.deepEqual(second, [
      { x: 40, width: 49, y: 22.5, height: 12.5 },
      { x: 90, width: 49, y: 10, height: 50 },
    ]);
  });

  it("breaks a line where there is no value, and shows a lonely value as a dot", () => {
    const { path, dots } = layLine([1, 0.5, null, 0, null], PLOT, 1);
    assert.equal(path, "M50 10L70 35M110 60");
    assert.deepEqual(dots, [{ x: 110, y: 60 }]);
  });

  it("finds the column that is pointed at, and the nearest beyond the edges", () => {
    assert.deepEqual(
      [0, 40, 59, 61, 139, 400].map((x) => columnOf(x, 5, PLOT)),
      [0, 0, 0, 1, 4, 4],
    );
    assert.deepEqual(columnAt(1, 50, PLOT), { x: 42, width: 2 });
  });
});
