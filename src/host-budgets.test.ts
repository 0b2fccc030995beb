import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog } from "./core/log.ts";
import { createManualClock } from "./core/manual-clock.ts";
import { createDatabaseBudgetStore } from "./host-budgets.ts";
import type { BudgetStore } from "./resilience/budget-store.ts";
import { runBudgetStoreContract } from "./resilience/budget-store-contract.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";

const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
let store: Store;

before(async () => {
  store = await openSqliteStore({ directory: ":memory:", clock, log: createLog({ level: "silent" }) });
});
after(() => store.close());

async function openEmpty(): Promise<BudgetStore> {
  await store.db.write([{ sql: "delete from call_budgets" }]);
  return createDatabaseBudgetStore(store.db, clock);
}

runBudgetStoreContract("database", openEmpty);

describe("budgets in the database", () => {
  it("are forgotten once their period is over", async () => {
    const budgets = await openEmpty();
    const endsAt = clock.now() + 1_000;
    await budgets.reserve([{ account: "old", amount: 1, limit: 5, endsAt }]);
    clock.jump(3_600_000);
    await budgets.reserve([{ account: "new", amount: 1, limit: 5, endsAt: clock.now() + 1_000 }]);
    assert.deepEqual(await store.db.all("select account from call_budgets"), [{ account: "new" }]);
    await budgets.adjust([{ account: "old", amount: 1, endsAt }]);
    assert.deepEqual(await budgets.read(["old", "new"]), [0, 1]);
  });
});
