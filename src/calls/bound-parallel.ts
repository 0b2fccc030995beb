import type { Stage } from "./pipeline.ts";
import type { Routes } from "./routes.ts";

/** Bounds how many requests to a model are under way at once; who waits is served fairly between tenants. */
export function boundParallel(routes: Routes): Stage {
  return (next) => async (question, context) => {
    const { deadline } = context;
    const options = { tenant: question.tenant ?? "", priority: question.priority, deadline };
    return await routes.get(question.model.name).bulkhead.run(() => next(question, context), options);
  };
}
