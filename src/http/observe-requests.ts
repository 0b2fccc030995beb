import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ServedMetrics } from "./served-metrics.ts";

/** What eases the process, or costs it next to nothing. */
const LIGHT = /^\/api\/(?:cache|audit)\b|^\/api\/runs\/[^/]+\/cancel$/;

/** Counts every request by the template of its address, and refuses heavy ones while the process is at its limits. */
export function observeRequests(app: FastifyInstance, metrics: ServedMetrics, streams: ReadonlySet<string>): void {
  app.addHook("onRequest", (request, _reply, done) => {
    metrics.began();
    done(isHeavy(request) ? metrics.refusal() : undefined);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    const ms = streams.has(route) ? null : reply.elapsedTime;
    metrics.answered({ method: request.method, route, status: reply.statusCode, ms });
    done();
  });
}

/** Whatever starts work: runs, calls, deliveries. */
function isHeavy({ method, url }: FastifyRequest): boolean {
  return method === "POST" && !LIGHT.test(url);
}
