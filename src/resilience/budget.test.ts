import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode, type MillraceError } from "../core/errors.ts";
import { type Budget, type BudgetLimit, createBudget } from "./budget.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

const PER_TENANT: BudgetLimit = { unit: "usd", amount: 1, per: "tenant", period: "day", timezone: "Europe/Amsterdam" };

function open(...limits: readonly BudgetLimit[]): { clock: TestClock; budget: Budget } {
  const clock = createTestClock();
  return { clock, budget: createBudget({ clock, limits }) };
}
async function refusalOf(work: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isErrorCode(error, "BUDGET_SPENT"), String(error));
  return error;
}

describe("createBudget", () => {
  it("stops before the limit is passed, and says whose it is and when it begins anew", async () => {
    const { budget } = open(PER_TENANT);
    await budget.reserve({ tenant: "anna" }, { usd: 0.9 });
    const refusal = await refusalOf(budget.reserve({ tenant: "anna" }, { usd: 0.2 }));
    assert.match(refusal.message, /0.2 usd more would pass the budget of tenant anna: 0.9 of 1 a day are spent/);
    assert.equal(refusal.facts["resetAt"], Date.parse("2026-11-28T23:00:00Z"));
    assert.match(refusal.advice, /2026-11-28T23:00:00.000Z/);
    assert.equal(refusal.isRetryable, false);
  });

  it("keeps tenants apart, and leaves alone what a scope does not name", async () => {
    const { budget } = open(PER_TENANT);
    await budget.reserve({ tenant: "anna" }, { usd: 1 });
    await budget.reserve({ tenant: "ben" }, { usd: 1 });
    await budget.reserve({ automation: "digest" }, { usd: 100 });
    await budget.reserve({ tenant: "anna" }, { tokens: 100 });
    await refusalOf(budget.reserve({ tenant: "anna" }, { usd: 0.01 }));
  });

  it("sets aside on every budget that applies, or on none", async () => {
    const { budget } = open(PER_TENANT, { unit: "usd", amount: 1.5, period: "month" });
    await budget.reserve({ tenant: "anna" }, { usd: 1 });
    const refusal = await refusalOf(budget.reserve({ tenant: "ben" }, { usd: 0.6 }));
    assert.equal(refusal.facts["owner"], "all");
    assert.deepEqual(
      (await budget.standings({ tenant: "ben" })).map(({ owner, spent, amount }) => [owner, spent, amount]),
      [
        ["tenant ben", 0, 1],
        ["all", 1, 1.5],
      ],
    );
  });

  it("frees what was estimated too high, and what was never spent", async () => {
    const { budget } = open(PER_TENANT);
    const scope = { tenant: "anna" };
    const first = await budget.reserve(scope, { usd: 0.6 });
    const second = await budget.reserve(scope, { usd: 0.4 });
    await first.settle({ usd: 0.1 });
    await first.settle({ usd: 0.9 });
    await second.release();
    const [standing] = await budget.standings(scope);
    assert.ok(Math.abs((standing?.spent ?? 0) - 0.1) < 1e-12);
  });

  it("counts also what was spent without having been estimated, and stops nobody from what costs nothing", async () => {
    const { budget } = open(PER_TENANT);
    const scope = { tenant: "anna" };
    const held = await budget.reserve(scope, { tokens: 100 });
    await held.settle({ usd: 1.5 });
    assert.equal((await budget.standings(scope))[0]?.spent, 1.5);
    await refusalOf(budget.reserve(scope, { usd: 0.01 }));
    await budget.reserve(scope, { usd: 0 });
  });

  it("is passed by no more than calls spent beyond their estimates, however many run at once", async () => {
    const call = fc.record({
      estimate: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      ratio: fc.double({ min: 0, max: 1.5, noNaN: true }),
      settlesFirst: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const { budget } = open(PER_TENANT);
        let errors = 0;
        let spent = 0;
        await Promise.all(
          calls.map(async ({ estimate, ratio, settlesFirst }) => {
            const held = await budget.reserve({ tenant: "anna" }, { usd: estimate }).catch(() => undefined);
            if (held === undefined) return;
            const actual = estimate * ratio;
            spent += actual;
            errors += Math.max(0, actual - estimate);
            if (!settlesFirst) await Promise.resolve();
            await held.settle({ usd: actual });
          }),
        );
        assert.ok(spent <= 1 + errors + 1e-9, `${spent} with ${errors}`);
      }),
    );
  });

  it("begins anew at midnight in its zone, and counts what is settled later for the day it was set aside", async () => {
    const { clock, budget } = open(PER_TENANT);
    const scope = { tenant: "anna" };
    const late = await budget.reserve(scope, { usd: 0.5 });
    await clock.advance(23 * 3_600_000);
    assert.equal((await budget.standings(scope))[0]?.spent, 0);
    await late.settle({ usd: 0.9 });
    assert.equal((await budget.standings(scope))[0]?.spent, 0);
    await budget.reserve(scope, { usd: 1 });
  });

  it("asks for each one's own amount", async () => {
    const { budget } = open({ ...PER_TENANT, amount: (name) => (name === "anna" ? 5 : 0) });
    await budget.reserve({ tenant: "anna" }, { usd: 5 });
    await refusalOf(budget.reserve({ tenant: "ben" }, { usd: 0.01 }));
  });

  it("names a bad amount, and two limits for the same thing", async () => {
    const { budget } = open(PER_TENANT);
    await assert.rejects(budget.reserve({ tenant: "a" }, { usd: -1 }), /usd must be .* got -1/);
    assert.throws(() => open(PER_TENANT, { ...PER_TENANT, amount: 2 }), /two limits are given for usd of tenant a day/);
  });
});
