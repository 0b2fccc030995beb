import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "./json.ts";

describe("canonicalJson", () => {
  it("gives one text to equal values, whatever the order of their fields", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        assert.equal(canonicalJson(reversed), canonicalJson(value));
      }),
    );
  });

  it("writes what JSON.stringify does, but for the order", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
    const odd = { at: new Date(0), gone: () => 1, list: [undefined, Number.NaN], text: "\ud800" };
    assert.equal(canonicalJson(odd), JSON.stringify(odd));
  });

  it("keeps the order of lists and leaves out what is undefined", () => {
    assert.equal(canonicalJson({ b: [2, 1], a: undefined }), '{"b":[2,1]}');
  });
});
