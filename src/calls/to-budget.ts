import type { Clock } from "../core/clock.ts";
import { type Budget, type BudgetLimit, createBudget } from "../resilience/budget.ts";
import type { BudgetStore } from "../resilience/budget-store.ts";
import type { CallsConfig } from "./config.ts";

/** What `*` stands for where nothing is said: no bound. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;

export interface ToBudgetOptions {
  readonly clock: Clock;
  readonly timezone: string;
  /** Undefined: what was spent is known as long as the process lives. */
  readonly store?: BudgetStore | undefined;
}

/** Makes the budgets of a configuration; undefined when it has none. */
export function toBudget(
  budgets: CallsConfig["budgets"] = {},
  { clock, timezone, store }: ToBudgetOptions,
): Budget | undefined {
  const { day, perAutomation, perTenant } = budgets;
  const base = { unit: "usd", period: "day", timezone } as const;
  const limits: readonly BudgetLimit[] = [
    ...(day === undefined ? [] : [{ ...base, amount: day }]),
    ...(perAutomation === undefined ? [] : [{ ...base, per: "automation", amount: amountOf(perAutomation) }]),
    ...(perTenant === undefined ? [] : [{ ...base, per: "tenant", amount: amountOf(perTenant) }]),
  ];
  return limits.length === 0 ? undefined : createBudget({ clock, limits, ...(store && { store }) });
}

function amountOf(named: Readonly<Record<string, number>>): (name: string) => number {
  return (name) => (Object.hasOwn(named, name) ? named[name] : named["*"]) ?? NO_BOUND;
}
