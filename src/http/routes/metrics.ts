import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ServedMetrics } from "../served-metrics.ts";
import { type Route, route } from "../route.ts";

const RANGE = "The range is hour, day or month.";

export function metricsRoutes(metrics: ServedMetrics): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/metrics/summary",
      summary:
        "Tells how long requests, calls and statements took, what the process takes, and which objectives are met.",
      query: z.object({ range: z.enum(["hour", "day", "month"], RANGE).default("hour") }),
      handle: ({ query: { range } }) => metrics.summary(range),
    }),
  ];
}

const METRICS_PATH = "/metrics";

/** Serves all metrics to a Prometheus. */
export function registerMetrics(app: FastifyInstance, metrics: ServedMetrics): void {
  app.get(METRICS_PATH, async (_request, reply) => {
    reply.type("text/plain; version=0.0.4; charset=utf-8");
    return await metrics.text();
  });
}
