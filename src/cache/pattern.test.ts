import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchesPattern, parsePattern } from "./pattern.ts";

const YES: readonly (readonly [string, string])[] = [
  ["user:1", "user:1"],
  ["user:*", "user:1"],
  ["user:*:name", "user:1:name"],
  ["user:**", "user"],
  ["user:**", "user:1:name"],
  ["**", "user:1"],
  ["**", ""],
  ["**:name", "name"],
  ["**:name", "user:1:name"],
  ["a:**:b:**:c", "a:b:c"],
  ["a:**:b:**:c", "a:x:b:b:y:c"],
  ["user:4*", "user:42"],
  ["user:*2", "user:42"],
  ["*:*", ":"],
];
const NO: readonly (readonly [string, string])[] = [
  ["user:1", "user:12"],
  ["user:*", "user"],
  ["user:*", "user:1:name"],
  ["user:**", "users:1"],
  ["user:4*", "user:4:2"],
  ["user:4*", "user:14"],
  ["**:name", "user:surname"],
  ["a:**:b", "a:b:c"],
  ["*", "a:b"],
];

describe("pattern", () => {
  for (const [pattern, key] of YES)
    it(`${pattern} reaches ${JSON.stringify(key)}`, () => assert.ok(matchesPattern(pattern, key)));
  for (const [pattern, key] of NO)
    it(`${pattern} does not reach ${key}`, () => assert.ok(!matchesPattern(pattern, key)));

  it("says what every key it reaches begins with", () => {
    assert.equal(parsePattern("user:**").prefix, "user");
    assert.equal(parsePattern("user:*").prefix, "user:");
    assert.equal(parsePattern("user:4*:x").prefix, "user:4");
    assert.equal(parsePattern("user:a**").prefix, "user:a");
    assert.equal(parsePattern("**").prefix, "");
    assert.equal(parsePattern("user:1").prefix, "user:1");
  });

  it("agrees with a plain reading of the rules", () => {
    const segment = fc.constantFrom("a", "b", "ab", "");
    const glob = fc.constantFrom("a", "b", "*", "**", "a*", "*b");
    fc.assert(
      fc.property(
        fc.array(glob, { minLength: 1, maxLength: 5 }),
        fc.array(segment, { minLength: 1, maxLength: 6 }),
        (pattern, key) => {
          const text = key.join(":");
          assert.equal(matchesPattern(pattern.join(":"), text), plainly(pattern, key));
          if (plainly(pattern, key)) assert.ok(text.startsWith(parsePattern(pattern.join(":")).prefix));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("does not slow down on many stars", () => {
    assert.equal(matchesPattern(`${"**:a:".repeat(30)}b`, `${"a:".repeat(2_000)}c`), false);
    assert.equal(matchesPattern(`${"*a".repeat(30)}b`, "a".repeat(5_000)), false);
  });
});

function plainly([head, ...pattern]: readonly string[], key: readonly string[]): boolean {
  if (head === undefined) return key.length === 0;
  if (head === "**") return plainly(pattern, key) || (key.length > 0 && plainly([head, ...pattern], key.slice(1)));
  const [first, ...rest] = key;
  if (first === undefined) return false;
  return new RegExp(`^${head.replaceAll("*", ".*")}$`).test(first) && plainly(pattern, rest);
}
