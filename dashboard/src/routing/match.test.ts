import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchPath, withQuery } from "./match.ts";

describe("matchPath", () => {
  it("knows a page by its path, with or without a slash at the end", () => {
    assert.deepEqual(matchPath("/", "/"), {});
    assert.deepEqual(matchPath("/runs", "/runs/"), {});
    assert.equal(matchPath("/runs", "/runs/1"), undefined);
    assert.equal(matchPath("/runs/:id", "/runs"), undefined);
  });

  it("gives back every id that was put into an address", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (id) => {
        assert.deepEqual(matchPath("/runs/:id", `/runs/${encodeURIComponent(id)}`), { id });
      }),
    );
  });

  it("takes a broken escape as an unknown address", () => {
    assert.equal(matchPath("/runs/:id", "/runs/%E0%A4%A"), undefined);
  });
});

describe("withQuery", () => {
  it("leaves out what is empty and escapes the rest", () => {
    assert.equal(withQuery("/runs", { status: "", cursor: null, limit: undefined }), "/runs");
    assert.equal(withQuery("/runs", { status: "done", cursor: "a&b" }), "/runs?status=done&cursor=a%26b");
  });
});
