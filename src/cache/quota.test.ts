import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createQuota } from "./quota.ts";

describe("createQuota", () => {
  it("lets the key go that came first, and never more keys stay than it allows", () => {
    const quota = createQuota(2);
    assert.deepEqual(
      ["a", "b", "a", "c", "a", "d"].map((key) => quota.add(key)),
      [undefined, undefined, undefined, "a", "b", "c"],
    );
  });
});
