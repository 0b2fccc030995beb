import type { OpenCache } from "../../cache/create-cache.ts";
import { createPolicies } from "../../cache/policies.ts";
import type { Clock } from "../../core/clock.ts";
import { toMs } from "../../core/duration.ts";
import type { Random } from "../../core/random.ts";
import type { BudgetStore } from "../../resilience/budget-store.ts";
import { createAnswerShelf } from "../answer-shelf.ts";
import { attemptStages } from "../attempt-stages.ts";
import type { CallsConfig } from "../config.ts";
import { fallBack } from "../fall-back.ts";
import { keepAnswers } from "../keep-answers.ts";
import type { Models } from "../models.ts";
import type { Question, Stage } from "../pipeline.ts";
import type { Routes } from "../routes.ts";
import { spendBudget } from "../spend-budget.ts";
import { toBackoff } from "../to-backoff.ts";
import { toBudget } from "../to-budget.ts";
import { marked } from "../trail.ts";

export interface StagesOptions {
  readonly config: CallsConfig;
  readonly timezone: string;
  readonly models: Pick<Models, "find" | "priceOf">;
  /** Names of those who stand in for a model, in turn. */
  readonly candidatesOf: (question: Question) => readonly string[];
  readonly routes: Routes;
  /** Undefined: every question is asked anew. */
  readonly cache: OpenCache | undefined;
  /** Where it is kept what was spent; undefined: in this process. */
  readonly budgets: BudgetStore | undefined;
  readonly clock: Clock;
  readonly random: Random;
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
  cache,
  budgets,
  clock,
  random,
  whyNot,
}: StagesOptions): readonly Stage[] {
  const { firstByte = "30s" } = config;
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
    ...attemptStages({ config, routes, clock, backoff: toBackoff(config.retry, random) }),
  ];
}
