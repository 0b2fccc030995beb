import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { type BudgetPeriod, type BudgetPeriodName, budgetPeriods } from "./budget-period.ts";
import { type BudgetLimitedCharge, type BudgetStore, createMemoryBudgetStore } from "./budget-store.ts";

/** What may be spent of one unit in each period. */
export interface BudgetLimit {
  /** What the amounts are called: usd, tokens, … */
  readonly unit: string;
  /** How much, or how much for each tenant, automation, … */
  readonly amount: number | ((name: string) => number);
  /** Whose budget it is: each tenant, each automation, whatever the scope names. Default: one for all. */
  readonly per?: string;
  readonly period: BudgetPeriodName;
  /** Whose days and months these are, an IANA name. Default UTC. */
  readonly timezone?: string;
}

/** On whose behalf something is spent, for example { tenant: "anna", automation: "digest" }. Limits for what is not named do not apply. */
export type BudgetScope = Readonly<Record<string, string>>;

/** Amounts by unit. */
export type BudgetAmounts = Readonly<Record<string, number>>;

/** What was set aside. Settle or release it, once; a second time does nothing. A process that dies first leaves it spent. */
export interface BudgetReservation {
  /** Says what was spent. A unit that is not named spent what was estimated, if it was. Counts for the period in which it was set aside. */
  settle(actual: BudgetAmounts): Promise<void>;
  /** Gives it all back: nothing was spent. */
  release(): Promise<void>;
}

/** How one budget stands. */
export interface BudgetStanding {
  readonly unit: string;
  /** Whose it is, for example "tenant anna"; "all" for the one that is everybody's. */
  readonly owner: string;
  readonly period: BudgetPeriodName;
  /** Spent and set aside. */
  readonly spent: number;
  readonly amount: number;
  /** When it begins anew, in milliseconds since the epoch. */
  readonly resetAt: number;
}

/**
 * Stops spending before a limit is passed. What is set aside counts as spent at once, so calls in parallel cannot pass a limit together: it is passed
 * at most by what calls spent beyond their own estimates, and from then on nothing more is set aside.
 */
export interface Budget {
  /** Sets the estimate aside on every budget that applies, or on none: rejects with BUDGET_SPENT, which names the budget and `resetAt`. */
  reserve(scope: BudgetScope, estimate: BudgetAmounts): Promise<BudgetReservation>;
  /** All budgets that apply. */
  standings(scope: BudgetScope): Promise<readonly BudgetStanding[]>;
}

export interface BudgetOptions {
  readonly clock: Clock;
  readonly limits: readonly BudgetLimit[];
  /** Where it is kept. Default: in this process. */
  readonly store?: BudgetStore;
}

interface Applied {
  readonly account: string;
  readonly owner: string;
  readonly amount: number;
  readonly limit: BudgetLimit;
  readonly period: BudgetPeriod;
}

/** Creates budgets. Throws TIMEZONE_INVALID, and RangeError for an amount below 0 or two limits for the same thing. */
export function createBudget({
  clock,
  limits,
  store = createMemoryBudgetStore({ now: () => clock.now() }),
}: BudgetOptions): Budget {
  const periods = limits.map(({ period, timezone = "UTC" }) => budgetPeriods(period, timezone));
  const seen = new Set<string>();
  for (const { unit, amount, per = "all", period, timezone = "UTC" } of limits) {
    if (typeof amount === "number") requireAmount(unit, amount);
    const name = `${unit} of ${per} a ${period} in ${timezone}`;
    if (seen.has(name)) throw new RangeError(`two limits are given for ${name}: keep one`);
    seen.add(name);
  }

  function apply(scope: BudgetScope): Applied[] {
    const now = clock.now();
    return limits.flatMap((limit, index) => {
      const name = limit.per === undefined ? "" : scope[limit.per];
      const period = periods[index]?.(now);
      if (name === undefined || period === undefined) return [];
      const owner = limit.per === undefined ? "all" : `${limit.per} ${name}`;
      const amount = typeof limit.amount === "number" ? limit.amount : requireAmount(limit.unit, limit.amount(name));
      const account = JSON.stringify([limit.unit, limit.per ?? null, name, limit.timezone ?? "UTC", period.name]);
      return [{ account, owner, amount, limit, period }];
    });
  }

  return {
    async reserve(scope, estimate) {
      for (const [unit, amount] of Object.entries(estimate)) requireAmount(unit, amount);
      const applied = apply(scope);
      const charges = applied.map(({ account, amount, limit, period }): BudgetLimitedCharge => ({
        account,
        amount: estimate[limit.unit] ?? 0,
        limit: amount,
        endsAt: period.endsAt,
      }));
      // What costs nothing passes no limit, also one that is passed already.
      const refusal = await store.reserve(charges.filter(({ amount }) => amount > 0));
      if (refusal !== undefined) {
        throw spentError(
          applied.find(({ account }) => account === refusal.account),
          refusal.spent,
          estimate,
        );
      }
      let isOver = false;
      async function end(actual: BudgetAmounts): Promise<void> {
        for (const [unit, amount] of Object.entries(actual)) requireAmount(unit, amount);
        if (isOver) return;
        isOver = true;
        const changes = applied.map(({ limit: { unit } }, index) => {
          const charge = charges[index] as BudgetLimitedCharge;
          return {
            account: charge.account,
            amount: (actual[unit] ?? charge.amount) - charge.amount,
            endsAt: charge.endsAt,
          };
        });
        await store.adjust(changes.filter(({ amount }) => amount !== 0));
      }
      return {
        settle: end,
        release: () => end(Object.fromEntries(Object.keys(estimate).map((unit) => [unit, 0]))),
      };
    },
    async standings(scope) {
      const applied = apply(scope);
      const spent = await store.read(applied.map(({ account }) => account));
      return applied.map(({ owner, amount, limit: { unit, period }, period: { endsAt } }, index) => ({
        unit,
        owner,
        period,
        spent: spent[index] ?? 0,
        amount,
        resetAt: endsAt,
      }));
    },
  };
}

function requireAmount(unit: string, amount: number): number {
  if (!(amount >= 0 && Number.isFinite(amount))) {
    throw new RangeError(`${unit} must be a number of at least 0, got ${amount}`);
  }
  return amount;
}

function spentError(applied: Applied | undefined, spent: number, estimate: BudgetAmounts): MillraceError {
  if (applied === undefined) return new MillraceError("BUDGET_SPENT", "A budget is spent.");
  const { owner, amount, limit, period } = applied;
  const asked = estimate[limit.unit] ?? 0;
  const resetAt = period.endsAt;
  const text = `${asked} ${limit.unit} more would pass the budget of ${owner}: ${spent} of ${amount} a ${limit.period} are spent.`;
  return new MillraceError("BUDGET_SPENT", text, {
    facts: { unit: limit.unit, owner, period: limit.period, spent, amount, asked, resetAt },
    advice: `It begins anew at ${new Date(resetAt).toISOString()}; or raise the limit.`,
  });
}
