import assert from "node:assert/strict";
import { it } from "node:test";
import { formatUsd } from "./usd.ts";

it("writes money so that small sums are still told apart, and none reads as nothing", () => {
  for (const [usd, text] of [
    [0, "$0"],
    [0.000_01, "under $0.0001"],
    [0.001_593_75, "$0.0016"],
    [0.099, "$0.099"],
    [0.1, "$0.10"],
    [1.239, "$1.24"],
    [999.99, "$999.99"],
    [1_204.4, "$1,204"],
  ] as const) {
    assert.equal(formatUsd(usd), text);
  }
});
