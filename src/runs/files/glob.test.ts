import assert from "node:assert/strict";
import { matchesGlob } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode } from "../../core/errors.ts";
import { compileGlob, splitGlob } from "./glob.ts";

describe("compileGlob", () => {
  it("matches what Node's own matcher does, over patterns and paths made at random", () => {
    const word = fc.stringMatching(/^[ab.]{1,3}$/).filter((text) => !/^\.+$/.test(text));
    const part = fc.oneof(
      word,
      fc.constantFrom("*", "?", "**", "*.a", "a*b", "[ab]", "[!a]*", "{a,b}", "{a*,?b}", "b{,a}", "+(a)", "a|b", "^$"),
    );
    const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(glob, path, (glob, path) => {
        // Node matches extended globs such as +(a), which this one takes by the letter.
        fc.pre(!glob.includes("+("));
        assert.equal(compileGlob(glob)(path), matchesGlob(path, glob), `${glob} ${path}`);
      }),
      { numRuns: 3_000 },
    );
  });

  it("takes characters that mean something in expressions by the letter", () => {
    for (const name of ["a+b(c).txt", "price $5^2.txt", "x|y.txt", "back\\slash.txt", "日本.txt"]) {
      assert.ok(compileGlob(name)(name), name);
      assert.ok(!compileGlob(name)(`${name}x`), name);
    }
    assert.ok(compileGlob("[a-c]?.txt")("b👍.txt"), "a sign outside of the basic plane is one character");
  });

  it("refuses a brace or a bracket that is left open", () => {
    for (const glob of ["{a,b", "a}", "[ab"]) {
      assert.throws(
        () => compileGlob(glob),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.includes(glob),
      );
    }
  });
});

describe("splitGlob", () => {
  it("gives the folder that is fixed, and the pattern of what is in it", () => {
    assert.deepEqual(splitGlob("inbox/**/*.pdf"), { folder: "inbox", pattern: "**/*.pdf" });
    assert.deepEqual(splitGlob("/srv/in/a.txt"), { folder: "/srv/in", pattern: "a.txt" });
    assert.deepEqual(splitGlob("/*.txt"), { folder: "/", pattern: "*.txt" });
    assert.deepEqual(splitGlob("*.txt"), { folder: ".", pattern: "*.txt" });
    assert.deepEqual(splitGlob("../in/*"), { folder: "../in", pattern: "*" });
  });

  it("refuses a glob that names no file", () => {
    for (const glob of ["", "inbox/", "..", "in/*/../b"]) {
      assert.throws(
        () => splitGlob(glob),
        (error) => isErrorCode(error, "INPUT_INVALID"),
        glob,
      );
    }
  });
});
