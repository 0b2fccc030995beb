import type { Clock } from "../core/clock.ts";
import { hedge } from "../resilience/hedge.ts";
import type { Ask, Stage } from "./pipeline.ts";
import type { Routes } from "./routes.ts";

/** Before so many answers are known nobody can say what is late. */
const FEWEST = 20;

/**
 * Asks once more beside a request that is later than 95 % of its model's, takes the first answer and calls the other off; what that cost stays
 * on the bill. Streams that were begun are not doubled.
 */
export function hedgeLate({ clock, routes }: { readonly clock: Clock; readonly routes: Routes }): Stage {
  return (next) => async (question, context) => {
    const { durations, hedges } = routes.get(question.model.name);
    const timed: Ask = async (asked, during) => {
      const startedAt = clock.monotonic();
      const reply = await next(asked, during);
      durations.record(clock.monotonic() - startedAt);
      return reply;
    };
    if (context.sink !== undefined) return await timed(question, context);
    return await hedge(
      ({ signal }) => {
        const own = AbortSignal.any([signal, context.deadline.signal]);
        const deadline = { ...context.deadline, signal: own, [Symbol.dispose]: () => undefined };
        return timed(question, { ...context, deadline });
      },
      {
        clock,
        budget: hedges,
        afterMs: () => (durations.count() < FEWEST ? undefined : durations.quantile(0.95)),
        signal: context.deadline.signal,
      },
    );
  };
}
