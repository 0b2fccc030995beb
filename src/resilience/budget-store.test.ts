import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isErrorCode } from "../core/errors.ts";
import { createMemoryBudgetStore } from "./budget-store.ts";
import { runBudgetStoreContract } from "./budget-store-contract.ts";

runBudgetStoreContract("memory", () => createMemoryBudgetStore({ now: () => 0 }));

describe("createMemoryBudgetStore", () => {
  it("drops accounts whose period is over when it is full, and refuses more than it may keep", async () => {
    let now = 0;
    const store = createMemoryBudgetStore({ now: () => now, maxAccounts: 3 });
    const charge = (account: string, endsAt: number) => ({ account, amount: 1, limit: 5, endsAt });
    await store.reserve([charge("a", 10), charge("b", 10), charge("c", 30)]);
    await assert.rejects(store.reserve([charge("d", 10)]), (error) => isErrorCode(error, "CAPACITY_REACHED"));
    now = 10;
    assert.equal(await store.reserve([charge("d", 30)]), undefined);
    assert.deepEqual(await store.read(["a", "b", "c", "d"]), [0, 0, 1, 1]);
    await store.adjust([charge("a", 10)]);
    assert.deepEqual(await store.read(["a"]), [0]);
  });
});
