import type { Budget, BudgetScope } from "../resilience/budget.ts";
import { estimateInput } from "./estimate.ts";
import type { Models } from "./models.ts";
import type { CallContext, Question, Stage } from "./pipeline.ts";

export interface SpendBudgetOptions {
  readonly budget: Budget;
  readonly models: Pick<Models, "priceOf">;
}

/**
 * Sets aside what a question may cost at most before it is asked, and settles what it did cost. Rejects with BUDGET_SPENT before a limit is
 * passed. A model whose price is not known counts nothing: set it under `prices`.
 */
export function spendBudget({ budget, models }: SpendBudgetOptions): Stage {
  return (next) => async (question, context) => {
    const estimate = mostUsd(question, models) ?? 0;
    const reservation = await budget.reserve(scopeOf(question, context), { usd: estimate });
    const before = context.tally.total();
    try {
      return await next(question, context);
    } finally {
      const after = context.tally.total();
      // What is not known is taken for the most that it can be.
      const usd = before.usd === null || after.usd === null ? estimate : after.usd - before.usd;
      await reservation.settle({ usd });
    }
  };
}

/** Whose budgets a question goes by. */
export function scopeOf(
  { tenant }: Pick<Question, "tenant">,
  { automation }: Pick<CallContext, "automation">,
): BudgetScope {
  return { ...(tenant === undefined ? {} : { tenant }), ...(automation === undefined ? {} : { automation }) };
}

/** The most that one answer to a question may cost in US dollars; null where the model's price is not known. */
export function mostUsd(question: Question, models: Pick<Models, "priceOf">): number | null {
  const tokens = { input: estimateInput(question), output: question.maxOutputTokens };
  return models.priceOf(question.model)({ ...tokens, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 });
}
