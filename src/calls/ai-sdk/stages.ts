import type { OpenCache } from "../../cache/create-cache.ts";
import { createPolicies } from "../../cache/policies.ts";
import type { Clock } from "../../core/clock.ts";
import { toMs } from "../../core/duration.ts";
import type { Backoff } from "../../resilience/backoff.ts";
import type { BudgetStore } from "../../resilience/budget-store.ts";
import { createAnswerShelf } from "../answer-shelf.ts";
import { boundParallel } from "../bound-parallel.ts";
import { breakCircuit } from "../break-circuit.ts";
import type { CallsConfig } from "../config.ts";
import { fallBack } from "../fall-back.ts";
import { hedgeLate } from "../hedge-late.ts";
import { keepAnswers } from "../keep-answers.ts";
import { limitRate } from "../limit-rate.ts";
import type { Models } from "../models.ts";
import type { Question, Stage } from "../pipeline.ts";
import { retryAttempts } from "../retry-attempts.ts";
import type { Routes } from "../routes.ts";
import { spendBudget } from "../spend-budget.ts";
import { toBudget } from "../to-budget.ts";
import { marked } from "../trail.ts";

export interface StagesOptions {
  readonly config: CallsConfig;
  readonly timezone: string;
  readonly models: Pick<Models, "find" | "priceOf">;
  /** Names of those who stand in for a model, in turn. */
  readonly candidatesOf: (question: Question) => readonly string[];
  readonly routes: Routes;
  readonly backoff: Backoff;
  /** Undefined: every question is asked anew. */
  readonly cache: OpenCache | undefined;
  /** Where it is kept what was spent; undefined: in this process. */
  readonly budgets: BudgetStore | undefined;
  readonly clock: Clock;
  /** Says in words why there is no fresh answer. */
  readonly whyNot: (question: Question, failure: unknown) => string;
}

/** The way of a call that somebody else words: as `ai.text` goes it, but for similar questions and the repair of objects. */
export function createStages({
  config,
  timezone,
  models,
  candidatesOf,
  routes,
  backoff,
  cache,
  budgets,
  clock,
  whyNot,
}: StagesOptions): readonly Stage[] {
  const { retry = {}, firstByte = "30s" } = config;
  const budget = toBudget(config.budgets, { clock, timezone, store: budgets });
  return [
    ...(cache === undefined ? [] : [marked("cache", keepAnswers({ cache, clock, whyNot }))]),
    ...(budget === undefined ? [] : [marked("budget", spendBudget({ budget, models }))]),
    marked(
      "fallback",
      fallBack({
        models,
        candidatesOf,
        shelf: cache && createAnswerShelf({ cache, clock, policies: createPolicies({}) }),
        firstByteMs: toMs(firstByte),
        whyNot,
      }),
    ),
    marked("retry", retryAttempts({ clock, backoff, attempts: retry.attempts ?? 3, routes })),
    ...(config.hedge === true ? [marked("hedge", hedgeLate({ clock, routes }))] : []),
    marked("rate", limitRate(routes)),
    marked("parallel", boundParallel({ routes, clock })),
    marked("breaker", breakCircuit(routes)),
    marked("provider", (next) => next),
  ];
}
