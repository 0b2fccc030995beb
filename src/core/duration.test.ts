import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { toMs } from "./duration.ts";
import { isErrorCode } from "./errors.ts";

describe("toMs", () => {
  it("reads numbers as milliseconds and texts with their unit", () => {
    assert.equal(toMs(250), 250);
    assert.equal(toMs("500ms"), 500);
    assert.equal(toMs("2s"), 2_000);
    assert.equal(toMs("1.5h"), 5_400_000);
    assert.equal(toMs(" 7d "), 604_800_000);
  });

  it("refuses anything else and names it", () => {
    for (const bad of ["", "2", "2 weeks", "-1s", "1e3ms", Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      assert.throws(
        () => toMs(bad),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.includes(String(bad)),
      );
    }
  });

  it("agrees with multiplication for every whole number of every unit", () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(fc.nat(10_000), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (count, unit) => {
        assert.equal(toMs(`${count}${unit}`), count * units[unit]);
      }),
    );
  });
});
