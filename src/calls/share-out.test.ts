import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { shareOut } from "./share-out.ts";
import { createTally, spentOf } from "./tally.ts";

describe("what one request used, parted", () => {
  it("adds up to the last token and dollar, whoever weighs what", () => {
    const amount = fc.nat(100_000);
    const weight = fc.record({ input: fc.nat(500), output: fc.nat(500) });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.array(weight, { minLength: 1, maxLength: 10 }),
        (input, output, read, weights) => {
          const tokens = { input, output, cacheRead: read, cacheWrite: 3, cacheWrite1h: 0, reasoning: 7 };
          const spent = { ...spentOf(tokens, 0.01), requests: 2, providerMs: 40 };
          const sum = createTally();
          const parts = shareOut(spent, weights);
          for (const part of parts) sum.add(part);
          const { usd, usage, known, requests } = sum.total();
          assert.deepEqual([usage, known, requests], [spent.usage, spent.known, 2]);
          assert.ok(Math.abs((usd ?? Number.NaN) - 0.01) < 1e-12);
          assert.ok(parts.every(({ providerMs }) => providerMs === 40));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is not known to anybody where it is not known at all", () => {
    const unknown = spentOf({ input: null, output: null, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 }, null);
    for (const part of shareOut(unknown, [
      { input: 1, output: 1 },
      { input: 2, output: 0 },
    ])) {
      assert.deepEqual([part.usage.inputTokens, part.usage.outputTokens, part.usd], [null, null, null]);
    }
  });
});
