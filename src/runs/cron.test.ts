import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isErrorCode } from "../core/errors.ts";
import { type CronTimes, parseCron } from "./cron.ts";

const at = (iso: string): number => Date.parse(iso);

function times(expression: string, timezone = "Europe/Amsterdam"): CronTimes {
  return parseCron({ expression, timezone, automation: "home.daily", now: at("2026-01-01T00:00:00Z") });
}

function following(expression: string, from: string, count: number): string[] {
  const planned = times(expression);
  const found: string[] = [];
  let now = at(from);
  while (found.length < count) {
    now = planned.after(now) ?? Number.NaN;
    found.push(new Date(now).toISOString());
  }
  return found;
}

describe("parseCron", () => {
  it("plans in local time, before and after the clocks change", () => {
    assert.deepEqual(following("0 3 * * *", "2026-03-28T00:00:00Z", 3), [
      "2026-03-28T02:00:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T01:00:00.000Z",
    ]);
  });

  it("moves a time that daylight saving skips to right after the gap", () => {
    assert.deepEqual(following("30 2 * * *", "2026-03-28T12:00:00Z", 2), [
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("plans a time that comes twice once", () => {
    assert.deepEqual(following("30 2 * * *", "2026-10-24T12:00:00Z", 2), [
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
    assert.equal(times("30 2 * * *").latest(at("2026-10-25T12:00:00Z")), at("2026-10-25T00:30:00Z"));
  });

  it("plans every hour in both of the hours that look alike", () => {
    assert.deepEqual(following("0 * * * *", "2026-10-24T23:30:00Z", 3), [
      "2026-10-25T00:00:00.000Z",
      "2026-10-25T01:00:00.000Z",
      "2026-10-25T02:00:00.000Z",
    ]);
  });

  it("counts the very moment as come, and not as still to come", () => {
    const planned = times("0 3 * * *", "UTC");
    assert.equal(planned.latest(at("2026-05-01T03:00:00.000Z")), at("2026-05-01T03:00:00Z"));
    assert.equal(planned.latest(at("2026-05-01T02:59:59.999Z")), at("2026-04-30T03:00:00Z"));
    assert.equal(planned.after(at("2026-05-01T02:59:59.999Z")), at("2026-05-01T03:00:00Z"));
    assert.equal(planned.after(at("2026-05-01T03:00:00.000Z")), at("2026-05-02T03:00:00Z"));
  });

  it("names the expression, the automation and the mistake", () => {
    for (const expression of ["0 3 * *", "61 * * * *", "every day", "", "0 0 30 2 *"]) {
      assert.throws(
        () => times(expression),
        (error) =>
          isErrorCode(error, "SCHEDULE_INVALID") &&
          error.message.includes(`"${expression}"`) &&
          error.message.includes("home.daily"),
      );
    }
  });

  it("refuses a time zone that nobody knows", () => {
    assert.throws(
      () => times("0 3 * * *", "Mars/Base"),
      (error) => isErrorCode(error, "TIMEZONE_INVALID") && error.message.includes("Mars/Base"),
    );
  });
});
