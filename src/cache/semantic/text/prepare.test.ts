import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { prepare } from "./prepare.ts";
import { stem } from "./stem.ts";

describe("prepare", () => {
  it("keeps identifiers whole and reads figures with their units", () => {
    assert.deepEqual(
      prepare("Is #WX-12 at 5 km, 3.5 °C or 20%?").values,
      ["20|percent", "3.5|celsius", "5000|meter", "wx-12"].toSorted(),
    );
    assert.deepEqual(prepare("a dozen eggs").values, ["12"]);
    assert.deepEqual(prepare("two hundred and fifty steps").values, ["250"]);
  });

  it("tells names from words, in other scripts too", () => {
    const names = prepare("Does the iPhone in Paris show 東京 or NASA?").content.filter(({ isEntity }) => isEntity);
    assert.deepEqual(
      names.map(({ text }) => text),
      ["iphone", "paris", "東京", "nasa"],
    );
  });

  it("knows English from other languages", () => {
    for (const prompt of ["How do I cook rice?", "minimum age to drive a van"])
      assert.equal(prepare(prompt).isEnglish, true);
    for (const prompt of [
      "Wie koche ich Reis?",
      "Où est la gare ?",
      "Dónde está el baño",
      "米の炊き方は",
      "Bonn Trier",
    ])
      assert.equal(prepare(prompt).isEnglish, false, prompt);
  });

  it("reads anything without failing", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (prompt) => void prepare(prompt)));
  });

  it("stays linear in long prompts", () => {
    for (const piece of ["a-", "1.", "$ ", "'x", '"', "--a", "A", "/a", "1,"]) {
      const before = process.cpuUsage();
      prepare(piece.repeat(8000 / piece.length));
      assert.ok(process.cpuUsage(before).user < 10_000_000, JSON.stringify(piece));
    }
  });
});

describe("stem", () => {
  it("brings forms of a word together and keeps words apart", () => {
    const groups = [
      "rate rates rated rating",
      "plan plans planned planning",
      "plane planes",
      "city cities",
      "buy bought buying",
      "box boxes",
      "waive waived waiving",
    ];
    const stems = groups.map((group) => new Set(group.split(" ").map(stem)));
    for (const found of stems) assert.equal(found.size, 1, String(found.size));
    assert.equal(stems.reduce((all, found) => all.union(found), new Set<string>()).size, groups.length);
  });
});
