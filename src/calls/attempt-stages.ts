import type { Clock } from "../core/clock.ts";
import type { Backoff } from "../resilience/backoff.ts";
import { boundParallel } from "./bound-parallel.ts";
import { breakCircuit } from "./break-circuit.ts";
import type { CallsConfig } from "./config.ts";
import { hedgeLate } from "./hedge-late.ts";
import { limitRate } from "./limit-rate.ts";
import type { Stage } from "./pipeline.ts";
import { retryAttempts } from "./retry-attempts.ts";
import type { Routes } from "./routes.ts";
import { marked } from "./trail.ts";

export interface AttemptStagesOptions {
  readonly config: CallsConfig;
  readonly routes: Routes;
  readonly clock: Clock;
  readonly backoff: Backoff;
}

/** The way of a question to one model. A retry waits without holding a place, and each attempt is admitted by itself. */
export function attemptStages({ config, routes, clock, backoff }: AttemptStagesOptions): readonly Stage[] {
  const { retry: { attempts = 3 } = {}, hedge = false } = config;
  return [
    marked("retry", retryAttempts({ clock, backoff, attempts, routes })),
    ...(hedge ? [marked("hedge", hedgeLate({ clock, routes }))] : []),
    marked("rate", limitRate(routes)),
    marked("parallel", boundParallel({ routes, clock })),
    marked("breaker", breakCircuit(routes)),
    marked("provider", (next) => next),
  ];
}
