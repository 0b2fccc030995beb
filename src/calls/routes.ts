import type { Clock } from "../core/clock.ts";
import { toMs } from "../core/duration.ts";
import type { Random } from "../core/random.ts";
import { ModelFailure } from "../model/failure.ts";
import type { RateLimits } from "../model/rate-limits.ts";
import { type AttemptBudget, createAttemptBudget } from "../resilience/attempt-budget.ts";
import { type Breaker, type BreakerState, createBreaker, type Health } from "../resilience/breaker.ts";
import { type Bulkhead, type BulkheadStats, createBulkhead } from "../resilience/bulkhead.ts";
import { aimdLimit } from "../resilience/concurrency-limit.ts";
import { createQuantiles, type Quantiles } from "../resilience/quantiles.ts";
import { createRateLimiter, type RateLimiter, type RateLimiterStats } from "../resilience/rate-limiter.ts";
import type { LimitSharing } from "../resilience/shared/limit-sharing.ts";
import type { CallsConfig, ModelLimits } from "./config.ts";

/** What providers count; `tokens` are input and output together. */
export type CallAxis = "requests" | "tokens" | "input-tokens" | "output-tokens";

/** One model of one provider, with what keeps calls to it in bounds. */
export interface Route {
  readonly limiter: RateLimiter<CallAxis>;
  readonly bulkhead: Bulkhead;
  /** Bounds what clients of the gateway ask, who bound themselves; where `parallel` is set it is the same as `bulkhead`. */
  readonly clients: Bulkhead;
  readonly breaker: Breaker;
  readonly retries: AttemptBudget;
  readonly hedges: AttemptBudget;
  /** How long whole requests took, in milliseconds. */
  readonly durations: Quantiles;
  /** How many tokens answers had. */
  readonly outputs: Quantiles;
  /** What the provider's headers say, handed on to the limiter once each time they said something new. */
  observe(limits: RateLimits | undefined): void;
}

/** How a route stands, for a dashboard. */
export interface RouteState {
  readonly model: string;
  readonly limits: RateLimiterStats<CallAxis>;
  readonly parallel: BulkheadStats;
  /** Of clients of the gateway, where they are bounded by themselves. */
  readonly clients?: BulkheadStats;
  readonly breaker: BreakerState;
}

export interface Routes {
  /** By `provider/model`. */
  get(model: string): Route;
  states(): readonly RouteState[];
}

export interface RoutesOptions {
  readonly config: CallsConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Names under which limits may be set for a model, besides its own: its aliases. */
  readonly namesOf: (model: string) => readonly string[];
  /** Takes no more than the limits together with other processes. Default: they are this process's own. */
  readonly sharing?: LimitSharing | undefined;
}

/** As many models as anybody would ask by name; the one that was asked longest ago is forgotten, with its counts. */
const MOST_ROUTES = 1_000;
/** What automations ask of one model at once, unless it is said: many items of one run must not crowd out all others. */
const OWN_PARALLEL = 5;
/** The same for clients of the gateway: as many as sockets to one provider are kept alive. */
const CLIENTS_PARALLEL = 100;
const AXES = ["requests", "tokens", "input-tokens", "output-tokens"] as const satisfies readonly CallAxis[];

export function createRoutes({ config, clock, random, namesOf, sharing }: RoutesOptions): Routes {
  const routes = new Map<string, Route>();
  /** The one at the end of the map: each stage of a call asks for the same. */
  let last: { readonly model: string; readonly route: Route } | undefined;

  function limitsOf(model: string): ModelLimits {
    const own = [model, ...namesOf(model)].map((name) => config.perModel?.[name]);
    return { ...config, ...own.find((limits) => limits !== undefined) };
  }

  function open(model: string): Route {
    const { parallel, requestsPerMinute, tokensPerMinute } = limitsOf(model);
    const { breaker = {}, retry = {}, adaptive = false } = config;
    const bounded = (most: number): Bulkhead =>
      createBulkhead({
        clock,
        parallel: adaptive ? aimdLimit({ initial: most, max: Math.max(100, most) }) : most,
        isOverload: (error) => error instanceof ModelFailure && isTooMuch(error),
      });
    // A bound that learns, or that nobody set, says nothing of what the provider takes from all.
    const bulkhead =
      sharing === undefined || parallel === undefined || adaptive
        ? bounded(parallel ?? OWN_PARALLEL)
        : sharing.bulkhead(model, { clock, parallel });
    const limits = {
      clock,
      axes: {
        requests: { limit: requestsPerMinute ?? Infinity },
        tokens: { limit: tokensPerMinute ?? Infinity },
        "input-tokens": { limit: Infinity },
        "output-tokens": { limit: Infinity },
      },
    };
    const limiter = sharing?.rateLimiter<CallAxis>(model, limits) ?? createRateLimiter<CallAxis>(limits);
    const circuit = createBreaker({
      clock,
      random,
      judge: healthOf,
      ...(breaker.failures === undefined ? {} : { failures: breaker.failures }),
      ...(breaker.open === undefined ? {} : { openMs: toMs(breaker.open) }),
    });
    sharing?.join(model, circuit);
    let toldAt = -Infinity;
    return {
      limiter,
      bulkhead,
      clients: parallel === undefined ? bounded(CLIENTS_PARALLEL) : bulkhead,
      breaker: circuit,
      retries: createAttemptBudget({ clock, ...(retry.share === undefined ? {} : { share: retry.share }) }),
      hedges: createAttemptBudget({ clock, share: 0.05, burst: 1, perMinute: 0 }),
      durations: createQuantiles({ clock }),
      outputs: createQuantiles({ clock, windowMs: 3_600_000 }),
      observe(limits) {
        if (limits === undefined || limits.at <= toldAt) return;
        toldAt = limits.at;
        for (const axis of AXES) {
          const said = limits.axes[axis];
          if (said === undefined) continue;
          limiter.observe(axis, {
            ...(said.limit === null ? {} : { limit: said.limit }),
            ...(said.remaining === null ? {} : { remaining: said.remaining }),
            ...(said.resetAt === null ? {} : { resetMs: Math.max(0, said.resetAt - limits.at) }),
          });
        }
      },
    };
  }

  return {
    get(model) {
      if (last?.model === model) return last.route;
      const route = routes.get(model) ?? open(model);
      routes.delete(model);
      const oldest = routes.size < MOST_ROUTES ? undefined : routes.keys().next().value;
      if (oldest !== undefined) routes.delete(oldest);
      routes.set(model, route);
      last = { model, route };
      return route;
    },
    states: () => [...routes].map(([model, route]) => stateOf(model, route)),
  };
}

function stateOf(model: string, { limiter, bulkhead, clients, breaker }: Route): RouteState {
  const state = { model, limits: limiter.stats(), parallel: bulkhead.stats(), breaker: breaker.state() };
  return clients === bulkhead ? state : { ...state, clients: clients.stats() };
}

/** What a failure says about a route. One that takes neither key nor money is left alone like one that fails. */
export function healthOf(error: unknown): Health {
  if (!(error instanceof ModelFailure)) return "unknown";
  return error.breaker === "ignored" ? "working" : "failing";
}

/** What says that more was asked than the other side can do. */
function isTooMuch({ kind, limiter }: ModelFailure): boolean {
  return limiter !== "none" || kind === "overloaded" || kind === "silent";
}
