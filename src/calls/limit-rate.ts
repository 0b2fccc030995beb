import { ModelFailure } from "../model/failure.ts";
import type { Amounts, RateLimiter } from "../resilience/rate-limiter.ts";
import { estimateInput } from "./estimate.ts";
import type { Question, Stage } from "./pipeline.ts";
import type { CallAxis, Route, Routes } from "./routes.ts";

/** What is set aside for the output of a model whose answers are not known yet, as a share of the longest one allowed. */
const FIRST_SHARE = 0.5;

/**
 * Lets requests pass as fast as the provider takes them: what was configured, and what its headers say, which are obeyed from the first reply
 * on. Each sets its estimate aside and settles what it used. Rejects with RATE_LIMITED at once when the wait would pass the deadline.
 */
export function limitRate(routes: Routes): Stage {
  return (next) => async (question, context) => {
    const route = routes.get(question.model.name);
    const { deadline, tally } = context;
    const amounts = estimate(question, route);
    const { tenant = "", priority } = question;
    const reservation =
      route.limiter.tryReserve(amounts) ?? (await route.limiter.reserve(amounts, { tenant, priority, deadline }));
    tally.took("waitMs", reservation.waitedMs);
    const before = tally.total().known;
    try {
      const reply = await next(question, context);
      const { inputTokens, outputTokens } = tally.total().known;
      const output = outputTokens - before.outputTokens;
      if (output > 0) route.outputs.record(output);
      reservation.settle(used(question, { input: inputTokens - before.inputTokens, output }));
      return reply;
    } catch (error) {
      // A request that was refused counts as one all the same, and its tokens come back.
      if (error instanceof ModelFailure) {
        if (!error.mayBeBilled) reservation.settle({ tokens: 0, "input-tokens": 0, "output-tokens": 0 });
        else reservation.settle({});
        leaveAlone(route, error);
      } else reservation.release();
      throw error;
    }
  };
}

/**
 * Anthropic counts input and output apart, output as it is written; the others count the prompt and the longest answer allowed
 * together, on arrival. Nothing larger than a bucket is asked of it: a server that takes the request is right.
 */
function estimate(question: Question, { limiter, outputs }: Route): Amounts<CallAxis> {
  const input = estimateInput(question);
  const { maxOutputTokens, model } = question;
  if (model.kind !== "anthropic") {
    return clamped(limiter, { requests: 1, tokens: Math.max(input, maxOutputTokens) });
  }
  const output = Math.min(maxOutputTokens, outputs.quantile(0.9) ?? Math.ceil(maxOutputTokens * FIRST_SHARE));
  return clamped(limiter, { requests: 1, tokens: input + output, "input-tokens": input, "output-tokens": output });
}

/** How long nobody asks a model after one word of its provider, in milliseconds: what is longer may be nonsense, so somebody finds out. */
const LONGEST_BLOCK_MS = 3_600_000;

/** Asks nothing of a model that takes no more for now, for as long as its provider says. */
export function leaveAlone({ limiter }: Pick<Route, "limiter">, { limiter: view, notBeforeMs }: ModelFailure): void {
  if (view !== "none" && notBeforeMs > 0) limiter.blockFor(Math.min(notBeforeMs, LONGEST_BLOCK_MS));
}

/** As much of the amounts as the limits ever hold. */
export function clamped(limiter: RateLimiter<CallAxis>, amounts: Amounts<CallAxis>): Amounts<CallAxis> {
  const fitting: { [axis in CallAxis]?: number } = {};
  for (const [axis, amount] of Object.entries(amounts) as [CallAxis, number][]) {
    fitting[axis] = Math.min(amount, limiter.capacity(axis));
  }
  return fitting;
}

/** What the others set aside for the longest answer they do not give back: their own headers tell. */
function used({ model }: Question, { input, output }: { input: number; output: number }): Amounts<CallAxis> {
  if (input + output === 0 || model.kind !== "anthropic") return {};
  return { tokens: input + output, "input-tokens": input, "output-tokens": output };
}
