import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatDuration } from "./duration.ts";

describe("formatDuration", () => {
  it("uses the unit that fits, and a second one where it helps", () => {
    assert.equal(formatDuration(0), "0 ms");
    assert.equal(formatDuration(840.4), "840 ms");
    assert.equal(formatDuration(1_000), "1 s");
    assert.equal(formatDuration(12_430), "12.4 s");
    assert.equal(formatDuration(200_000), "3 min 20 s");
    assert.equal(formatDuration(120_000), "2 min");
    assert.equal(formatDuration(2 * 3_600_000 + 5 * 60_000), "2 h 5 min");
    assert.equal(formatDuration(97 * 3_600_000), "4 d 1 h");
  });

  it("never shows sixty seconds as a number of seconds", () => {
    assert.equal(formatDuration(59_999), "59.9 s");
    assert.equal(formatDuration(60_000), "1 min");
  });

  it("shows a clock that runs behind as no time at all", () => {
    assert.equal(formatDuration(-250), "0 ms");
  });
});
