import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BudgetStore } from "./budget-store.ts";

const ENDS_AT = 4_000_000_000_000;

/** What every store of budgets must do. `open` gives an empty one each time. */
export function runBudgetStoreContract(name: string, open: () => BudgetStore | Promise<BudgetStore>): void {
  const charge = (account: string, amount: number, limit = 10) => ({ account, amount, limit, endsAt: ENDS_AT });

  describe(`${name}: budget store`, () => {
    it("knows nothing of an account that was never charged", async () => {
      const store = await open();
      assert.deepEqual(await store.read(["a", "b"]), [0, 0]);
    });

    it("adds up to the limit, and tells what is spent when it would be passed", async () => {
      const store = await open();
      assert.equal(await store.reserve([charge("a", 6)]), undefined);
      assert.equal(await store.reserve([charge("a", 4)]), undefined);
      assert.deepEqual(await store.reserve([charge("a", 0.1)]), { account: "a", spent: 10 });
      assert.deepEqual(await store.read(["a"]), [10]);
    });

    it("charges all accounts or none", async () => {
      const store = await open();
      await store.reserve([charge("b", 9)]);
      assert.deepEqual(await store.reserve([charge("a", 1), charge("b", 2)]), { account: "b", spent: 9 });
      assert.deepEqual(await store.read(["a", "b"]), [0, 9]);
    });

    it("lets no two callers at once pass a limit together", async () => {
      const store = await open();
      const refusals = await Promise.all(Array.from({ length: 20 }, () => store.reserve([charge("a", 1)])));
      assert.equal(refusals.filter((refusal) => refusal === undefined).length, 10);
      assert.deepEqual(await store.read(["a"]), [10]);
    });

    it("forgives what fractions lose in adding up", async () => {
      const store = await open();
      for (let n = 0; n < 10; n++) assert.equal(await store.reserve([charge("a", 0.1, 1)]), undefined);
      assert.ok((await store.reserve([charge("a", 0.01, 1)])) !== undefined);
    });

    it("adjusts past the limit and never below nothing", async () => {
      const store = await open();
      await store.reserve([charge("a", 8), charge("b", 1)]);
      await store.adjust([charge("a", 5), charge("b", -3)]);
      assert.deepEqual(await store.read(["a", "b"]), [13, 0]);
    });
  });
}
