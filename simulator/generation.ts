import type { Admitted, Refusal } from "./account/limits.ts";
import type { Usage } from "./account/usage.ts";
import { type Exchange, refuse } from "./exchange.ts";
import { FAILOVER_TIMINGS, isFailoverModel } from "./faults/failover.ts";
import type { FaultSpec } from "./faults/fault.ts";
import type { Complaint, Dialect } from "./lane.ts";
import type { Question } from "./question.ts";
import type { World } from "./world.ts";

/** A question that was let in. */
export interface Generation extends Exchange {
  readonly dialect: Dialect;
  readonly question: Question;
  readonly spec: FaultSpec | undefined;
  readonly admitted: Admitted;
  readonly name: string;
  readonly repeat: number;
  readonly body: unknown;
}

const REFUSALS: Readonly<Record<Refusal, Extract<Complaint, { readonly model: string }>["kind"]>> = {
  requests: "rate-limit",
  tokens: "token-limit",
  concurrent: "concurrent",
  ramp: "slow-down",
  spend: "spend-limit",
};

/** Asks the limits; says no and gives undefined where they do not allow it. */
export function admit(exchange: Exchange, model: string, inputTokens: number, maxTokens: number): Admitted | undefined {
  const { world, lane, organization } = exchange;
  const spentUsd = world.ledger.usdOf(organization);
  const ask = { lane: lane.name, organization, model, inputTokens, maxTokens, spentUsd };
  const admission = world.limits().admit(ask, world.clock.now());
  if (admission.ok) return admission;
  const { because, retryAfterMs } = admission;
  const wait: Record<string, string> = {};
  if (retryAfterMs !== undefined) {
    const waitMs = Math.ceil(Number(retryAfterMs.toFixed(3)));
    wait["retry-after"] = String(Math.ceil(waitMs / 1_000));
    if (lane.name === "openai") wait["retry-after-ms"] = String(waitMs);
  }
  world.stats.failed(`limit-${because}`);
  refuse(exchange, { kind: REFUSALS[because], model }, { ...rateHeaders(exchange, model), ...wait });
  return undefined;
}

/** Ends what was admitted when its answer is handed over, or its connection is gone. */
export function endWith({ response }: Exchange, admitted: Admitted): void {
  response.once("finish", () => admitted.end());
  response.once("close", () => admitted.end());
}

/** The state of the limits, as the lane tells it. */
export function rateHeaders(
  { world, lane, organization }: Exchange,
  model: string,
  skewMs = 0,
): Record<string, string> {
  const { clock } = world;
  return world
    .limits()
    .headers({ lane: lane.name, organization, model }, clock.now(), skewMs + world.behaviour().skewMs);
}

/** Books an answer. */
export function book(
  { world, organization, question }: Generation,
  usage: Usage,
  outcome: "whole" | "aborted" | "cut",
): void {
  world.ledger.charge({ organization, model: question.model, tier: question.serviceTier, usage, outcome });
}

/** How long a slow answer takes unless a fault says otherwise. */
export const SLOW_MS = 20_000;

/** How long a token takes, in milliseconds. */
export function tokenMs(world: World, model: string): number {
  const { tokensPerSecond, failoverTimings } = world.behaviour();
  if (isFailoverModel(model)) return FAILOVER_TIMINGS[failoverTimings].tokenMs;
  return tokensPerSecond === 0 ? 0 : 1_000 / tokensPerSecond;
}

/** Resolves when the client has left. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
