import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createAttemptBudget } from "./attempt-budget.ts";
import { createTestClock } from "./test-clock.ts";

describe("createAttemptBudget", () => {
  it("grants no more than its burst, a share of the calls, and what comes in by time", async () => {
    const step = fc.constantFrom("count", "take", "minute");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        const clock = createTestClock();
        const budget = createAttemptBudget({ clock, share: 0.2, burst: 5, perMinute: 2 });
        let allowed = 5;
        let granted = 0;
        for (const step of steps) {
          if (step === "minute") await clock.advance(60_000);
          if (step === "count") budget.count();
          if (step === "take" && budget.take()) granted += 1;
          allowed += step === "minute" ? 2 : step === "count" ? 0.2 : 0;
          assert.ok(granted <= allowed + 1e-6);
        }
      }),
    );
  });

  it("gives one in twenty calls a second attempt at 5 %", () => {
    const budget = createAttemptBudget({ clock: createTestClock(), share: 0.05, burst: 1, perMinute: 0 });
    assert.equal(budget.take(), true);
    let granted = 0;
    for (let n = 0; n < 1_000; n++) {
      budget.count();
      if (budget.take()) granted += 1;
    }
    assert.equal(granted, 50);
  });

  it("names an option out of range", () => {
    assert.throws(() => createAttemptBudget({ clock: createTestClock(), share: 20 }), /share .* got 20/);
  });
});
