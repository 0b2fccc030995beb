import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { layOutEvidence } from "./evidence-geometry.ts";
import { exampleRule, occurrencesFrom } from "./test-rule.ts";

function pictureOf(minutes: readonly (number | null)[], width = 600, date = "2026-11-02") {
  return layOutEvidence(exampleRule({ evidence: { occurrences: occurrencesFrom(date, minutes) } }), width);
}

describe("the picture of the evidence", () => {
  it("goes down with the hours of the day and right with the days", () => {
    const { marks } = pictureOf([400, 420, 100]);
    const [first, second, third] = marks;
    assert.ok(first && second && third);
    assert.ok(first.x < second.x && second.x < third.x);
    assert.ok(third.y < first.y && first.y < second.y);
  });

  it("tells hits, misses and days without anything apart", () => {
    const occurrences = [
      ...occurrencesFrom("2026-11-02", [null, 400]),
      { date: "2026-11-04", minute: 900, hit: false },
    ];
    const picture = layOutEvidence(exampleRule({ evidence: { occurrences } }), 600);
    assert.deepEqual(
      picture.marks.map(({ kind }) => kind),
      ["hit", "nothing", "miss"],
    );
    assert.ok((picture.marks[1]?.y ?? 0) > picture.lane.y);
    assert.equal(pictureOf([400]).lane.height, 0);
  });

  it("leaves a gap for days that are not in the evidence", () => {
    const occurrences = [...occurrencesFrom("2026-11-02", [400]), ...occurrencesFrom("2026-11-06", [400])];
    assert.equal(layOutEvidence(exampleRule({ evidence: { occurrences } }), 600).columns.length, 5);
  });

  it("marks weekends and names weekdays where there is room", () => {
    const { columns } = pictureOf([1, 1, 1, 1, 1, 1, 1]);
    assert.equal(columns.map(({ letter }) => letter).join(""), "MTWTFSS");
    assert.deepEqual(
      columns.map(({ isWeekend }) => isWeekend),
      [false, false, false, false, false, true, true],
    );
  });

  it("shows the newest days when not all fit, and says how many are hidden", () => {
    const wide = pictureOf(
      Array.from({ length: 200 }, () => 400),
      900,
    );
    const narrow = pictureOf(
      Array.from({ length: 200 }, () => 400),
      310,
    );
    assert.equal(wide.hiddenDays, 0);
    assert.equal(narrow.hiddenDays, 200 - narrow.columns.length);
    assert.equal(narrow.columns.at(-1)?.date, wide.columns.at(-1)?.date);
    assert.equal(narrow.marks.length, narrow.columns.length);
  });

  it("draws the window of the rule where its times are", () => {
    const { bands, marks } = pictureOf([400]);
    const [band] = bands;
    const [mark] = marks;
    assert.ok(band && mark);
    assert.ok(band.y <= mark.y && mark.y <= band.y + band.height);
  });

  it("copes with evidence without occurrences", () => {
    const picture = pictureOf([]);
    assert.deepEqual([picture.columns, picture.marks, picture.hiddenDays], [[], [], 0]);
  });

  it("never draws outside of its size, whatever the evidence and the width", () => {
    const minute = fc.option(fc.integer({ min: 0, max: 1_439 }));
    fc.assert(
      fc.property(fc.array(minute, { maxLength: 200 }), fc.integer({ min: 200, max: 1_400 }), (minutes, width) => {
        const picture = pictureOf(minutes, width);
        for (const mark of picture.marks) {
          assert.ok(mark.x >= picture.plot.x && mark.x <= width, `x ${mark.x} of ${width}`);
          assert.ok(mark.y >= 0 && mark.y <= picture.height, `y ${mark.y} of ${picture.height}`);
        }
        for (const column of picture.columns) assert.ok(column.x + column.width <= width + 0.001);
      }),
    );
  });
});
