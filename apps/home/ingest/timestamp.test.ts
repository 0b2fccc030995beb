import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { openZone } from "../domain/zone.ts";
import { parseInstant } from "./timestamp.ts";

const AMSTERDAM = openZone("Europe/Amsterdam");

describe("parseInstant", () => {
  it("takes a time without an offset as local, and believes an offset where there is one", () => {
    const local = Date.UTC(2026, 6, 1, 10, 0);
    assert.equal(parseInstant("2026-07-01T12:00:00", AMSTERDAM), local);
    assert.equal(parseInstant("2026-07-01 12:00", AMSTERDAM), local);
    assert.equal(parseInstant("2026-07-01T10:00:00Z", AMSTERDAM), local);
    assert.equal(parseInstant("2026-07-01T10:00:00+00:00", AMSTERDAM), local);
    assert.equal(parseInstant("2026-07-01T05:30:00-0430", AMSTERDAM), local);
    assert.equal(parseInstant("2026-07-01T12:00:00+02", AMSTERDAM), local);
  });

  it("cuts what is finer than a millisecond off", () => {
    assert.equal(parseInstant("2026-07-01T10:00:00.123987Z", AMSTERDAM), Date.UTC(2026, 6, 1, 10, 0, 0, 123));
    assert.equal(parseInstant("2026-07-01T10:00:00,5Z", AMSTERDAM), Date.UTC(2026, 6, 1, 10, 0, 0, 500));
    assert.equal(parseInstant("2026-07-01T10:00:00.123456789012Z", AMSTERDAM), Date.UTC(2026, 6, 1, 10, 0, 0, 123));
  });

  it("reads seconds and milliseconds since the epoch, whatever the zone", () => {
    const at = Date.UTC(2026, 6, 1, 10);
    assert.equal(parseInstant(String(at / 1_000), AMSTERDAM), at);
    assert.equal(parseInstant(`${at / 1_000}.7509`, AMSTERDAM), at + 750);
    assert.equal(parseInstant(String(at), AMSTERDAM), at);
  });

  it("refuses what is no date and time", () => {
    const wrong = [
      "",
      "2026-07-01",
      "2026-02-30T10:00:00",
      "2025-02-29T10:00:00",
      "2026-13-01T10:00:00",
      "2026-07-01T24:00:00",
      "2026-07-01T10:60:00",
      "2026-07-01T10:00:00+25:00",
      "2026-07-01T10:0",
      "yesterday",
      "17513",
      "17513640000",
    ];
    for (const text of wrong) assert.equal(parseInstant(text, AMSTERDAM), undefined, text);
  });

  it("reads every instant that JavaScript writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), (at) => {
        assert.equal(parseInstant(new Date(at).toISOString(), AMSTERDAM), at);
      }),
    );
  });
});
