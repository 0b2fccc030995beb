import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { didYouMean, nearest } from "./nearest.ts";

describe("nearest", () => {
  const known = ["port", "host", "timezone", "providers"];
  for (const [typed, meant] of [
    ["prot", "port"],
    ["Port", "port"],
    ["timezoen", "timezone"],
    ["provider", "providers"],
    ["hostt", "host"],
  ] as const) {
    it(`takes ${typed} for ${meant}`, () => assert.equal(nearest(typed, known), meant));
  }

  it("finds a name among names with dots", () => {
    assert.equal(nearest("home.dayly", ["home.daily", "home.import", "tasks.sort"]), "home.daily");
  });

  it("guesses nothing for a word that resembles none", () => {
    assert.equal(nearest("colour", known), undefined);
    assert.equal(didYouMean("colour", known), "");
    assert.equal(nearest("anything", []), undefined);
  });
});
