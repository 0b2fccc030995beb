import assert from "node:assert/strict";
import { it } from "node:test";
import { compareLines } from "./compare-lines.ts";

it("marks the lines of an automation that are others now, and gives both texts back", () => {
  const before = "alias: A\ntriggers:\n  - at: 07:10:00\nconditions: []\nmode: single\n";
  const after = "alias: A\ntriggers:\n  - at: 07:20:00\nconditions:\n  - weekday: mon\nmode: single\n";
  const lines = compareLines(before, after);
  const textOf = (other: "added" | "removed") =>
    lines.flatMap(({ kind, text }) => (kind === other ? [] : [`${text}\n`])).join("");
  assert.deepEqual([textOf("added"), textOf("removed")], [before, after]);
  assert.equal(lines.filter(({ kind }) => kind === "same").length, 3);
  assert.ok(compareLines(before, before).every(({ kind }) => kind === "same"));
});
