import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareWords } from "./word-difference.ts";

describe("two questions side by side", () => {
  it("show which words differ, whatever their case", () => {
    const { a, b } = compareWords("how do I reset my password", "How can I quickly reset my password?");
    assert.deepEqual(a, [
      { text: "how ", isShared: true },
      { text: "do ", isShared: false },
      { text: "I reset my password", isShared: true },
    ]);
    assert.deepEqual(
      b.filter(({ isShared }) => !isShared).map(({ text }) => text),
      ["can ", "quickly "],
    );
  });

  it("lose no letter of either text, and share the same words", () => {
    const words = fc
      .array(fc.constantFrom("a", "b", "C", "d\n", "", " "), { maxLength: 12 })
      .map((list) => list.join(" "));
    fc.assert(
      fc.property(words, words, (one, two) => {
        const { a, b } = compareWords(one, two);
        assert.equal(a.map(({ text }) => text).join(""), one);
        assert.equal(b.map(({ text }) => text).join(""), two);
        const shared = (side: typeof a) =>
          side
            .filter(({ isShared }) => isShared)
            .flatMap(({ text }) => text.toLowerCase().trim().split(/\s+/))
            .filter((word) => word !== "");
        assert.deepEqual(shared(a), shared(b));
      }),
    );
  });

  it("are compared quickly also when they are documents", () => {
    const long = "word ".repeat(5_000);
    assert.equal(compareWords(long, `${long}more`).b.at(-1)?.isShared, false);
  });
});
