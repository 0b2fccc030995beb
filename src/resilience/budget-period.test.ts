import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isErrorCode } from "../core/errors.ts";
import { budgetPeriods } from "./budget-period.ts";

function period(name: "hour" | "day" | "month", timezone: string, at: string): readonly [string, string] {
  const { name: found, endsAt } = budgetPeriods(name, timezone)(Date.parse(at));
  return [found, new Date(endsAt).toISOString()];
}

describe("budgetPeriods", () => {
  it("begins days and months at midnight in the zone", () => {
    assert.deepEqual(period("day", "Europe/Amsterdam", "2026-11-28T23:30:00Z"), [
      "2026-11-29",
      "2026-11-29T23:00:00.000Z",
    ]);
    assert.deepEqual(period("day", "America/New_York", "2026-11-28T02:00:00Z"), [
      "2026-11-27",
      "2026-11-28T05:00:00.000Z",
    ]);
    assert.deepEqual(period("month", "UTC", "2028-02-01T00:00:00Z"), ["2028-02", "2028-03-01T00:00:00.000Z"]);
    assert.deepEqual(period("hour", "Asia/Kolkata", "2026-11-28T02:59:59.999Z"), [
      "2026-11-28T02Z",
      "2026-11-28T03:00:00.000Z",
    ]);
  });

  it("knows days of 23 and 25 hours", () => {
    assert.deepEqual(period("day", "Europe/Amsterdam", "2026-03-29T00:00:00Z"), [
      "2026-03-29",
      "2026-03-29T22:00:00.000Z",
    ]);
    assert.deepEqual(period("day", "Europe/Amsterdam", "2026-10-24T22:00:00Z"), [
      "2026-10-25",
      "2026-10-25T23:00:00.000Z",
    ]);
  });

  it("follows the clock through its periods, also back", () => {
    const periodAt = budgetPeriods("day", "UTC");
    const names = ["2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00Z", "2026-01-02T12:00:00Z", "2026-01-01T00:00:00Z"];
    assert.deepEqual(
      names.map((at) => periodAt(Date.parse(at)).name),
      ["2026-01-01", "2026-01-02", "2026-01-02", "2026-01-01"],
    );
  });

  it("refuses a zone that is not known", () => {
    assert.throws(
      () => budgetPeriods("day", "Europe/Atlantis"),
      (error) => isErrorCode(error, "TIMEZONE_INVALID"),
    );
  });
});
