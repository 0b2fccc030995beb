import { MillraceError } from "../core/errors.ts";
import type { Health } from "../resilience/breaker.ts";
import type { Stage } from "./pipeline.ts";
import { healthOf, type Routes } from "./routes.ts";

/**
 * Keeps requests away from a model of a provider that fails again and again, and from one that takes neither key nor money; a probe
 * finds out when it works again. Rejects with BREAKER_OPEN meanwhile.
 */
export function breakCircuit(routes: Routes): Stage {
  return (next) => async (question, context) => {
    const { name } = question.model;
    const admission = routes.get(name).breaker.admit();
    if (!admission.isGranted) {
      const seconds = Math.ceil(admission.retryAfterMs / 1_000);
      throw new MillraceError("BREAKER_OPEN", `${name} failed too often and is left alone for another ${seconds} s.`, {
        facts: { model: name, retryAfterMs: admission.retryAfterMs },
      });
    }
    let health: Health = "unknown";
    try {
      const reply = await next(question, context);
      health = "working";
      return reply;
    } catch (error) {
      health = healthOf(error);
      throw error;
    } finally {
      const isCalledOff = context.deadline.signal.aborted && !context.deadline.isOver();
      admission.end(isCalledOff ? "unknown" : health);
    }
  };
}
