import { MillraceError } from "../core/errors.ts";

/** An amount for an account: one budget, in one period, of one tenant or automation. */
export interface BudgetCharge {
  readonly account: string;
  /** May be negative in `adjust`. */
  readonly amount: number;
  /** When the account's period ends, in milliseconds since the epoch; later it may be dropped. */
  readonly endsAt: number;
}

export interface BudgetLimitedCharge extends BudgetCharge {
  /** What the account must not pass. */
  readonly limit: number;
}

export interface BudgetRefusal {
  readonly account: string;
  /** What stands on it already, set aside or used. */
  readonly spent: number;
}

/** Where budgets keep what was spent. A few rounding errors in sums of fractions are forgiven: 1e-9 of the limit. */
export interface BudgetStore {
  /** Adds all amounts, unless one would take its account past its limit: then nothing is added and that one is told. Atomic. */
  reserve(charges: readonly BudgetLimitedCharge[]): Promise<BudgetRefusal | undefined>;
  /** Adds amounts whatever the limits; no account falls below 0. What belongs to a period that was dropped is forgotten. */
  adjust(charges: readonly BudgetCharge[]): Promise<void>;
  /** What stands on each account, 0 for one that is not known. */
  read(accounts: readonly string[]): Promise<readonly number[]>;
}

export interface MemoryBudgetStoreOptions {
  /** Milliseconds since the epoch, UTC. */
  readonly now: () => number;
  /** How many accounts are kept, at most. Default 100 000. */
  readonly maxAccounts?: number;
}

/**
 * Keeps budgets in this process: they begin anew with it. Accounts of periods that are over are dropped when there are many. `reserve` rejects with
 * CAPACITY_REACHED when more than `maxAccounts` are in use at once.
 */
export function createMemoryBudgetStore({ now, maxAccounts = 100_000 }: MemoryBudgetStoreOptions): BudgetStore {
  const accounts = new Map<string, { spent: number; readonly endsAt: number }>();
  let tidyAt = 1_000;

  function tidy(): void {
    for (const [account, { endsAt }] of accounts) if (endsAt <= now()) accounts.delete(account);
    tidyAt = Math.max(1_000, accounts.size * 2);
  }
  function add({ account, amount, endsAt }: BudgetCharge): void {
    const known = accounts.get(account);
    if (known === undefined) accounts.set(account, { spent: Math.max(0, amount), endsAt });
    else known.spent = Math.max(0, known.spent + amount);
  }

  return {
    async reserve(charges) {
      if (accounts.size + charges.length > Math.min(tidyAt, maxAccounts)) tidy();
      if (accounts.size + charges.length > maxAccounts) {
        throw new MillraceError("CAPACITY_REACHED", `${accounts.size} budgets are in use, ${maxAccounts} may be.`, {
          facts: { accounts: accounts.size, maxAccounts },
        });
      }
      for (const { account, amount, limit } of charges) {
        const spent = accounts.get(account)?.spent ?? 0;
        if (spent + amount > limit * (1 + 1e-9)) return { account, spent };
      }
      for (const charge of charges) add(charge);
      return undefined;
    },
    async adjust(charges) {
      for (const charge of charges) if (charge.endsAt > now() || accounts.has(charge.account)) add(charge);
    },
    read: async (names) => names.map((name) => accounts.get(name)?.spent ?? 0),
  };
}
