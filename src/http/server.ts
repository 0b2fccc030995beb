import type { OutgoingHttpHeaders } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createCacheHistory } from "./cache-history.ts";
import type { Gateway } from "../calls/gateway/gateway.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events, LimitsState, PressureLevel } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Engine } from "../runs/engine.ts";
import type { Store } from "../store/store.ts";
import { listenError } from "./address.ts";
import { type AddressEntry, createAddresses } from "./addresses.ts";
import { registerDashboard } from "./dashboard.ts";
import { putGatewayFront } from "./gateway-front.ts";
import { requireLoopback, requireOwnOrigin, SECURITY_HEADERS, toUrl } from "./guard.ts";
import { createLive, type Live } from "./live.ts";
import { observeRequests } from "./observe-requests.ts";
import { PROBLEM_TYPE, statusOf, toMillraceError, toProblem } from "./problem.ts";
import { LOOPBACK, type PrincipalOf } from "./principal.ts";
import { registerRoute } from "./register-route.ts";
import { createResponseCache } from "./response-cache.ts";
import type { Route } from "./route.ts";
import { isGatewayPath, registerGateway } from "./routes/gateway.ts";
import { auditRoutes, type ServedAudit } from "./routes/audit.ts";
import { automationRoutes } from "./routes/automations.ts";
import { cacheRoutes } from "./routes/cache.ts";
import { callRoutes, type ServedCalls } from "./routes/calls.ts";
import type { ServedMetrics } from "./served-metrics.ts";
import type { ServedCache } from "./show-cache.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes, registerMetrics } from "./routes/metrics.ts";
import { eventRoutes } from "./routes/events.ts";
import { runRoutes } from "./routes/runs.ts";
import { registerWebhooks, webhookAddresses } from "./routes/webhooks.ts";

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly version: string;
  /** IANA name. */
  readonly timezone: string;
  /** Names of the configured providers. */
  readonly providers: readonly string[];
  readonly store: Pick<Store, "runs" | "db">;
  readonly engine: Engine;
  /** Who executes runs; undefined until the engine has started. */
  readonly role: () => "owner" | "guest" | undefined;
  /** Keeps answers of routes, and is shown under `/api/cache`. */
  readonly cache: ServedCache;
  /** Shown under `/api/calls` and `/api/usage`. Default: nothing is there. */
  readonly calls?: ServedCalls;
  /** Records what people do, and is shown under `/api/audit`. Default: nothing is recorded. */
  readonly audit?: ServedAudit;
  /** Where the limits of model calls stand, for `/api/health`. Default: nobody says. */
  readonly limitsState?: () => LimitsState;
  /** `health`: how the process is, and nothing else. Default all. */
  readonly serves?: "all" | "health";
  /** How near the process is to its limits, for `/api/ready`. Default: nobody looks. */
  readonly pressure?: () => { readonly level: PressureLevel; readonly reason: string };
  /** Counts requests and refuses heavy ones under pressure; shown at `/metrics`. Default: nothing is counted. */
  readonly metrics?: ServedMetrics;
  /** Default: everybody is the one principal of this machine. */
  readonly principalOf?: PrincipalOf;
  /** Models behind the APIs that other clients speak, below `/v1`. Default: nothing is there. */
  readonly gateway?: Gateway;
  /** The routes of apps. */
  readonly routes: readonly Route[];
  /** Folder of the built dashboard, absolute. It may be missing: a page then tells how to build it. */
  readonly dashboard: string;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface Server {
  /** Opens the port and gives the address to visit. Throws ADDRESS_IN_USE, TOKEN_REQUIRED. */
  listen(): Promise<string>;
  /** Answers a request without a socket: for tests. */
  readonly inject: FastifyInstance["inject"];
  /** Stops accepting, says `bye` on the event streams, finishes what is under way. */
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
/** Keys of the cache are parameters too, and hold whole statements. In characters; the longest head of a request is 16 KiB. */
const LONGEST_PARAMETER = 12_288;
const STREAM_PATH = "/api/events/stream";

/** Creates the HTTP server: the API, the apps' routes, the live events and the dashboard. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { host, port, store, engine, clock, ids, audit, metrics, principalOf = () => LOOPBACK } = options;
  const { cache } = options.cache;
  requireLoopback(host);
  if (options.serves === "health") return createHealthServer(options);
  const app = createApp(ids);
  const live = createLive(options);
  const history = createCacheHistory({ cache, clock, log: options.log });
  const routes = [
    ...healthRoutes({ ...options, db: store.db }),
    ...automationRoutes({ engine, runs: store.runs, db: store.db, clock, audit }),
    ...eventRoutes({ engine, audit }),
    ...runRoutes({ engine, runs: store.runs, db: store.db, clock, audit }),
    ...cacheRoutes({ ...options.cache, history, clock, audit }),
    ...(audit === undefined ? [] : auditRoutes(audit)),
    ...(metrics === undefined ? [] : metricsRoutes(metrics)),
    ...(options.calls === undefined ? [] : callRoutes({ ...options.calls, clock })),
    ...options.routes,
  ];
  const hooks = webhookAddresses(engine.webhooks);
  const signed = new Set(hooks.filter(({ isSigned }) => isSigned).map(({ path }) => path));
  if (metrics !== undefined) observeRequests(app, metrics, new Set([STREAM_PATH]));
  guard(app, [...routes, ...hooks, { method: "GET", path: STREAM_PATH, hasHead: false }], signed);
  answerErrors(app, options.log);
  const registering = { responses: createResponseCache(cache), principalOf };
  for (const each of routes) registerRoute(app, each, registering);
  registerStream(app, live);
  if (metrics !== undefined) registerMetrics(app, metrics);
  await registerWebhooks(app, engine.webhooks);
  if (options.gateway !== undefined) await registerGateway(app, options.gateway);
  await registerDashboard(app, options.dashboard);
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
    history.close();
    live.close();
  });
  await app.ready();
  if (options.gateway !== undefined) {
    putGatewayFront(app.server, { gateway: options.gateway, ids, clock, metrics, isClosing: () => isClosing });
  }
  return serverOf(app, { host, port });
}

/** For a process that executes runs: somebody asks how it is, and measures. */
async function createHealthServer(options: ServerOptions): Promise<Server> {
  const { host, port, store, ids, metrics, principalOf = () => LOOPBACK } = options;
  const app = createApp(ids);
  const routes = [
    ...healthRoutes({ ...options, db: store.db }),
    ...(metrics === undefined ? [] : metricsRoutes(metrics)),
  ];
  guard(app, routes, new Set());
  answerErrors(app, options.log);
  for (const each of routes) {
    registerRoute(app, each, { responses: createResponseCache(options.cache.cache), principalOf });
  }
  if (metrics !== undefined) registerMetrics(app, metrics);
  await app.ready();
  return serverOf(app, { host, port });
}

function serverOf(app: FastifyInstance, { host, port }: Pick<ServerOptions, "host" | "port">): Server {
  return {
    inject: app.inject.bind(app),
    async listen() {
      await app.listen({ host, port }).catch((error: unknown) => {
        throw listenError(error, { host, port });
      });
      return toUrl(host, (app.server.address() as AddressInfo).port);
    },
    close: () => app.close(),
  };
}

function createApp(ids: Ids): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    genReqId: () => ids.next(),
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, ids.next()),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  });
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) =>
    body.length === 0 ? done(null, undefined) : parseJson(request, body.toString(), done),
  );
  return app;
}

/** Routes are checked by their own schemas: without Fastify's compilers a hundred modules fewer are loaded at the start. */
function noCompiler(): never {
  throw new MillraceError("INTERNAL", "A route was given a JSON schema: write it with `route` and a Standard Schema.");
}

/** Before anything of a request is read: whose it is, and whether there is something at its address. */
function guard(app: FastifyInstance, routes: readonly AddressEntry[], signed: ReadonlySet<string>): void {
  const addresses = createAddresses(routes);
  function nothingHere(request: FastifyRequest, reply: FastifyReply): MillraceError {
    const path = pathOf(request);
    const isApi = path === "/api" || path.startsWith("/api/");
    const allowed = isApi ? addresses.allowed(path) : ["GET", "HEAD"];
    if (allowed === undefined || allowed.includes(request.method)) {
      return new MillraceError("NOT_FOUND", `There is nothing at ${path}.`);
    }
    reply.header("allow", allowed.join(", "));
    return new MillraceError("METHOD_NOT_ALLOWED", `${path} takes ${allowed.join(", ")}, not ${request.method}.`);
  }

  function check(request: FastifyRequest, reply: FastifyReply): void {
    if (!isGatewayPath(request.url)) {
      reply.headers(SECURITY_HEADERS).header("x-request-id", request.id).header("cache-control", "private, no-cache");
    }
    const { host, origin, "sec-fetch-site": site } = request.headers;
    // A signature says more about whose a request is than the name it was sent to: senders come through tunnels.
    if (request.method !== "POST" || !signed.has(pathOf(request))) {
      requireOwnOrigin({ host, origin, site: typeof site === "string" && request.method !== "GET" ? site : undefined });
    }
    if (request.is404) throw nothingHere(request, reply);
  }

  // With a callback, since a promise would cost every request two turns.
  app.addHook("onRequest", (request, reply, done) => {
    try {
      check(request, reply);
    } catch (error) {
      return done(error as Error);
    }
    done();
  });
  app.setNotFoundHandler(async (request, reply) => {
    throw nothingHere(request, reply);
  });
}

function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const known = toMillraceError(error);
    if (known.code === "INTERNAL") {
      log.error({ requestId: request.id, method: request.method, path: pathOf(request), error }, "a request failed");
      log.debug({ requestId: request.id, stack: stackOf(error) }, "where it failed");
    }
    return sendProblem(known, request, reply);
  });
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toMillraceError(error);
  const place = { instance: pathOf(request), requestId: request.id };
  const { retryAfterMs } = known.facts;
  if (typeof retryAfterMs === "number") reply.header("retry-after", Math.ceil(retryAfterMs / 1_000));
  return reply
    .code(statusOf(known))
    .headers({ ...SECURITY_HEADERS, "x-request-id": request.id, "cache-control": "no-store" })
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(known, place)));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "/";
}

/** What is no HTTP at all gets an answer too, straight onto the socket. */
function answerMalformed(error: Error & { readonly code?: string }, socket: Socket, requestId: string): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const known = new MillraceError("INPUT_INVALID", "The request is not well-formed HTTP.");
  const body = JSON.stringify(toProblem(known, { instance: "", requestId }));
  const head = ["HTTP/1.1 400 Bad Request", `content-type: ${PROBLEM_TYPE}`, `content-length: ${body.length}`];
  socket.end(`${[...head, "connection: close"].join("\r\n")}\r\n\r\n${body}`);
}

function registerStream(app: FastifyInstance, live: Live): void {
  app.get(STREAM_PATH, { exposeHeadRoute: false }, (_request, reply) => {
    live.requireRoom();
    reply.header("content-type", "text/event-stream; charset=utf-8").header("x-accel-buffering", "no");
    reply.hijack();
    reply.raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
    live.connect(reply.raw);
  });
}
