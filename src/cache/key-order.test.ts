import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareKeys, firstAfter } from "./key-order.ts";

describe("the order of keys", () => {
  it("is that of their bytes as UTF-8, which a database uses", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it("goes on after a key, whether it is still there or not", () => {
    assert.deepEqual(firstAfter(["c", "a", "d", "b"], "a", 2), ["b", "c"]);
    assert.deepEqual(firstAfter(["c", "a"], "b", 2), ["c"]);
  });
});
