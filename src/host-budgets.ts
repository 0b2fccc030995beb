import type { Clock } from "./core/clock.ts";
import { MillraceError } from "./core/errors.ts";
import type { BudgetLimitedCharge, BudgetRefusal, BudgetStore } from "./resilience/budget-store.ts";
import { number } from "./store/row.ts";
import type { Database } from "./store/store.ts";

/** Changes no row when the account would pass `most`. */
const RESERVE = `
  insert into call_budgets (account, spent, ends_at)
  select :account, :amount, :endsAt where :amount <= :most
  on conflict (account) do update set spent = call_budgets.spent + excluded.spent
  where call_budgets.spent + excluded.spent <= :most`;
const ADD = `
  update call_budgets set spent = case when spent + :amount > 0 then spent + :amount else 0 end where account = :account`;
const OPEN = `
  insert into call_budgets (account, spent, ends_at) values (:account, 0, :endsAt) on conflict (account) do nothing`;
const READ = "select spent from call_budgets where account = :account";
const FORGET = "delete from call_budgets where ends_at <= :now";

/** As in every store of budgets: what fractions lose in adding up. */
const FORGIVEN = 1 + 1e-9;
const SWEEP_MS = 3_600_000;
const TRIES = 5;

/** Keeps budgets in the store's database: what a day may cost holds over restarts, and for all processes that share it. */
export function createDatabaseBudgetStore(db: Database, clock: Clock): BudgetStore {
  let sweepAt = 0;

  async function read(accounts: readonly string[]): Promise<readonly number[]> {
    const rows = await Promise.all(accounts.map((account) => db.get(READ, { account })));
    return rows.map((row) => (row === undefined ? 0 : number(row, "spent")));
  }

  async function refusalOf(charges: readonly BudgetLimitedCharge[]): Promise<BudgetRefusal | undefined> {
    const spent = await read(charges.map(({ account }) => account));
    for (const [index, { account, amount, limit }] of charges.entries()) {
      const standing = spent[index] ?? 0;
      if (standing + amount > limit * FORGIVEN) return { account, spent: standing };
    }
    return undefined;
  }

  function sweep() {
    const now = clock.now();
    if (now < sweepAt) return [];
    sweepAt = now + SWEEP_MS;
    return [{ sql: FORGET, params: { now } }];
  }

  return {
    async reserve(charges) {
      if (charges.length === 0) return undefined;
      const statements = charges.map(({ account, amount, limit, endsAt }) => ({
        sql: RESERVE,
        params: { account, amount, endsAt, most: limit * FORGIVEN },
        atLeast: 1,
      }));
      // Between the refusal and the look at why, another call may have given its money back.
      for (let attempt = 0; attempt < TRIES; attempt++) {
        if ((await db.write([...sweep(), ...statements])) !== undefined) return undefined;
        const refusal = await refusalOf(charges);
        if (refusal !== undefined) return refusal;
      }
      throw new MillraceError("STORE_FAILED", "The budgets changed too often while money was to be set aside.", {
        isRetryable: true,
      });
    },
    async adjust(charges) {
      const now = clock.now();
      const statements = charges.flatMap(({ account, amount, endsAt }) => [
        ...(endsAt > now ? [{ sql: OPEN, params: { account, endsAt } }] : []),
        { sql: ADD, params: { account, amount } },
      ]);
      if (statements.length > 0) await db.write(statements);
    },
    read,
  };
}
