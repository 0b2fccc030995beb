import assert from "node:assert/strict";
import { it } from "node:test";
import { formatBytes } from "./bytes.ts";

it("writes sizes with the unit that people would choose", () => {
  for (const [bytes, text] of [
    [0, "0 B"],
    [840, "840 B"],
    [999, "999 B"],
    [1_000, "1 kB"],
    [1_249, "1.2 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1 MB"],
    [100_000_000, "100 MB"],
    [10_000_000_000, "10 GB"],
    [5_000_000_000_000_000, "5000 TB"],
  ] as const) {
    assert.equal(formatBytes(bytes), text);
  }
});
