import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchesPattern } from "../pattern.ts";
import { createLatestPatterns } from "./latest-patterns.ts";

const segment = fc.constantFrom("a", "b", "ab", "", "*", "**", "a*");
const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(":"));
const key = fc
  .array(fc.constantFrom("a", "b", "ab", ""), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join(":"));

describe("where the patterns of a key were last invalidated", () => {
  it("is the newest that matches, as if every pattern were tried", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 20 }), key, (patterns, asked) => {
        const latest = createLatestPatterns(100);
        let expected = 0;
        for (const [at, each] of patterns.entries()) {
          latest.set(each, at + 1);
          if (matchesPattern(each, asked)) expected = at + 1;
        }
        assert.equal(latest.position(asked), expected);
      }),
    );
  });

  it("stays bounded, and takes what was forgotten for a match of every key", () => {
    const latest = createLatestPatterns(10);
    for (let n = 1; n <= 50; n++) latest.set(`user:${n}:**`, n);
    assert.equal(latest.position("user:50:name"), 50);
    assert.equal(latest.position("user:1:name"), 40);
    assert.equal(latest.position("other"), 40);
    latest.clear();
    assert.equal(latest.position("user:50:name"), 0);
  });
});
