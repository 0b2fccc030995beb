import type { FastifyInstance, FastifyRequest } from "fastify";
import type { MillraceError } from "../core/errors.ts";

/** What a server tells of its requests, and asks before it takes a heavy one. */
export interface ServedMetrics {
  began(): void;
  /** `ms` is null for a stream, whose length says nothing. `route` is the template of its address. */
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly ms: number | null;
  }): void;
  /** Why heavy requests are refused now; undefined: they are not. */
  refusal(): MillraceError | undefined;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  summary(range: "hour" | "day" | "month"): Promise<object>;
}

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
