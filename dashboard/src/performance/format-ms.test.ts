import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMs } from "./format-ms.ts";

describe("formatMs", () => {
  it("tells parts of a millisecond where they count", () => {
    assert.deepEqual([0, 0.44, 9.96, 12.4, 1_250].map(formatMs), ["0 ms", "0.4 ms", "10 ms", "12 ms", "1.2 s"]);
  });
});
