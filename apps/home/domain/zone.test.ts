import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { clockOfMinute, dateOfDay, isTimezone, openZone } from "./zone.ts";

const AMSTERDAM = openZone("Europe/Amsterdam");
const HOUR_MS = 3_600_000;

describe("openZone", () => {
  it("shows what the clock on the wall shows, before and after it changes", () => {
    assert.deepEqual(AMSTERDAM.local(Date.UTC(2026, 2, 29, 0, 30)), { day: 20_541, minute: 90 });
    assert.deepEqual(AMSTERDAM.local(Date.UTC(2026, 2, 29, 1, 30)), { day: 20_541, minute: 210 });
    assert.equal(dateOfDay(20_541), "2026-03-29");
  });

  it("moves a time that daylight saving skips on by as much, and takes the first of two", () => {
    assert.equal(AMSTERDAM.instant(Date.UTC(2026, 2, 29, 2, 30)), Date.UTC(2026, 2, 29, 1, 30));
    assert.equal(AMSTERDAM.instant(Date.UTC(2026, 9, 25, 2, 30)), Date.UTC(2026, 9, 25, 0, 30));
  });

  it("finds its way back from a local time, but for the hour that occurs twice", () => {
    const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
    const zones = fc.constantFrom("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC");
    fc.assert(
      fc.property(instants, zones, (at, name) => {
        const zone = openZone(name);
        const { day, minute } = zone.local(at);
        const back = zone.instant(Math.round(day * 24 * HOUR_MS + minute * 60_000));
        assert.ok(back === at || back === at - HOUR_MS || back === at - HOUR_MS / 2, `${name} ${at} ${back}`);
        assert.deepEqual(zone.local(back), { day, minute });
      }),
    );
  });

  it("knows zones by their names only", () => {
    assert.equal(isTimezone("Europe/Amsterdam"), true);
    assert.equal(isTimezone("Europe/Atlantis"), false);
    assert.equal(isTimezone(""), false);
  });
});

describe("clockOfMinute", () => {
  it("rounds to the minute and stays within the day", () => {
    assert.deepEqual([0, 1_439.6, -1, 1_441, 405.4].map(clockOfMinute), ["00:00", "00:00", "23:59", "00:01", "06:45"]);
  });
});
