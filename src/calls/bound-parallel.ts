import type { Clock } from "../core/clock.ts";
import type { Stage } from "./pipeline.ts";
import type { Routes } from "./routes.ts";

/** Bounds how many requests to a model are under way at once; who waits is served fairly between tenants. */
export function boundParallel({ routes, clock }: { readonly routes: Routes; readonly clock: Clock }): Stage {
  return (next) => (question, context) => {
    const { deadline, tally } = context;
    const askedAt = clock.monotonic();
    const options = { tenant: question.tenant ?? "", priority: question.priority, deadline };
    const { bulkhead, clients } = routes.get(question.model.name);
    return (question.whole === undefined ? bulkhead : clients).run(() => {
      tally.took("waitMs", clock.monotonic() - askedAt);
      return next(question, context);
    }, options);
  };
}
