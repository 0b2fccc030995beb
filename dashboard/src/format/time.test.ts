import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatDate, formatInstant, relativeTime, weekdayOfDate } from "./time.ts";

const NOW = Date.UTC(2026, 10, 24, 20, 30);

describe("relativeTime", () => {
  it("says how long ago, or how long until", () => {
    assert.equal(relativeTime(NOW - 2_000, NOW), "just now");
    assert.equal(relativeTime(NOW - 42_900, NOW), "42 s ago");
    assert.equal(relativeTime(NOW - 12.7 * 60_000, NOW), "12 min ago");
    assert.equal(relativeTime(NOW + 6.2 * 3_600_000, NOW), "in 6 h 12 min");
    assert.equal(relativeTime(NOW + 26.2 * 3_600_000, NOW), "in 1 d 2 h");
    assert.equal(relativeTime(NOW - 76 * 3_600_000, NOW), "3 d ago");
  });
});

describe("formatInstant", () => {
  it("writes weekday, date and a 24 hour clock in the zone that is asked for", () => {
    assert.equal(formatInstant(NOW, { now: NOW, timezone: "UTC" }), "Tue 24 Nov, 20:30");
    assert.equal(formatInstant(NOW, { now: NOW, timezone: "Asia/Tokyo" }), "Wed 25 Nov, 05:30");
    assert.equal(formatInstant(Date.UTC(2026, 10, 24), { now: NOW, timezone: "UTC" }), "Tue 24 Nov, 00:00");
  });

  it("adds the year when it is another one", () => {
    assert.equal(formatInstant(Date.UTC(2024, 1, 29, 7, 5), { now: NOW, timezone: "UTC" }), "Thu 29 Feb 2024, 07:05");
  });
});

describe("calendar dates", () => {
  it("have a weekday and a short form", () => {
    assert.equal(weekdayOfDate("2026-11-24"), "Tuesday");
    assert.equal(weekdayOfDate("2024-02-29"), "Thursday");
    assert.equal(formatDate("2026-11-04"), "4 Nov");
  });
});
