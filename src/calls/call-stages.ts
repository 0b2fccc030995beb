import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock } from "../core/clock.ts";
import { toMs } from "../core/duration.ts";
import type { Backoff } from "../resilience/backoff.ts";
import type { Budget } from "../resilience/budget.ts";
import type { AnswerShelf } from "./answer-shelf.ts";
import { boundParallel } from "./bound-parallel.ts";
import { breakCircuit } from "./break-circuit.ts";
import type { CallsConfig } from "./config.ts";
import { fallBack } from "./fall-back.ts";
import { hedgeLate } from "./hedge-late.ts";
import { keepAnswers } from "./keep-answers.ts";
import { limitRate } from "./limit-rate.ts";
import type { Models } from "./models.ts";
import type { Question, Stage } from "./pipeline.ts";
import { retryAttempts } from "./retry-attempts.ts";
import type { Routes } from "./routes.ts";
import { spendBudget } from "./spend-budget.ts";
import { type Concerns, marked } from "./trail.ts";

export interface CallStagesOptions {
  readonly config: CallsConfig;
  readonly models: Pick<Models, "find" | "priceOf">;
  /** Names of those who stand in for a model, in turn. */
  readonly candidatesOf: (question: Question) => readonly string[];
  readonly routes: Routes;
  readonly backoff: Backoff;
  /** Undefined: every question is asked anew. */
  readonly cache: OpenCache | undefined;
  /** Where an answer of a stand-in is found and kept. Undefined: nowhere. */
  readonly shelf: AnswerShelf | undefined;
  /** Undefined: there is no bound. */
  readonly budget: Budget | undefined;
  readonly clock: Clock;
  /** Says in words why there is no fresh answer. */
  readonly whyNot: (question: Question, failure: unknown) => string;
  /** Undefined: no answer to another question will do. */
  readonly similar?: Stage | undefined;
  /** Undefined: each question goes alone. */
  readonly pack?: Stage | undefined;
  /** Undefined: whoever words the calls sees to it that objects fit. */
  readonly fit?: Stage | undefined;
}

/**
 * The way of a question, from what costs nothing to what costs most. What stands before `retry` happens once for a call, what stands behind it
 * once for each request: a retry waits without holding a place, and each attempt is admitted by itself.
 */
export function callStages({
  config,
  models,
  candidatesOf,
  routes,
  backoff,
  cache,
  shelf,
  budget,
  clock,
  whyNot,
  similar,
  pack,
  fit,
}: CallStagesOptions): readonly Stage[] {
  const { retry: { attempts = 3 } = {}, hedge = false, firstByte = "30s" } = config;
  const fallback = fallBack({ models, candidatesOf, shelf, firstByteMs: toMs(firstByte), whyNot });
  return [
    ...optional("similar", similar, (question) => question.similar !== undefined),
    ...optional("cache", cache && keepAnswers({ cache, clock, whyNot }), ({ keep }) => keep !== undefined),
    ...optional("budget", budget && spendBudget({ budget, models })),
    ...optional("pack", pack, (question) => question.pack !== undefined),
    marked("fallback", fallback, (question) => candidatesOf(question).length > 0),
    ...optional("fit", fit, ({ object }) => object !== undefined),
    marked("retry", retryAttempts({ clock, backoff, attempts, routes })),
    ...optional("hedge", hedge ? hedgeLate({ clock, routes }) : undefined),
    marked("rate", limitRate(routes)),
    marked("parallel", boundParallel({ routes, clock })),
    marked("breaker", breakCircuit(routes)),
    marked("provider", (next) => next),
  ];
}

function optional(name: string, stage: Stage | undefined, concerns?: Concerns): readonly Stage[] {
  return stage === undefined ? [] : [marked(name, stage, concerns)];
}
