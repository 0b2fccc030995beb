import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalKey } from "./canonical-key.ts";

describe("canonicalKey", () => {
  it("folds case, space, Unicode form, punctuation and politeness", () => {
    assert.equal(canonicalKey("Please  explain what “WAL” is!"), canonicalKey('explain what "WAL" is'));
    assert.equal(canonicalKey("Hi, what is a caf\u0065\u0301?"), canonicalKey("what is a caf\u00e9"));
    assert.equal(canonicalKey("Thank you. Why is it so?"), canonicalKey("why is it so, please"));
    assert.notEqual(canonicalKey("How do I say thanks in Thai?"), canonicalKey("How do I say hello in Thai?"));
    assert.notEqual(canonicalKey("Hello in Thai?"), canonicalKey("Thanks in Thai?"));
  });

  it("keeps identifiers, numbers, operators and quotes apart", () => {
    const prompts = [
      "is A-1 x",
      "is A-2 x",
      "is 1.5 x",
      "is 15 x",
      "is -15 x",
      'is "A" x',
      'is "a" x',
      "is x < 1",
      "is x > 1",
    ];
    assert.equal(new Set(prompts.map(canonicalKey)).size, prompts.length);
  });

  it("gives one key however a prompt is spaced", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }), (words) => {
        assert.equal(canonicalKey(words.join("  ")), canonicalKey(` ${words.join(" ")}.`));
      }),
    );
  });
});
