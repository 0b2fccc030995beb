import type { IncomingMessage, ServerResponse } from "node:http";
import { countTokens } from "./anthropic/count-tokens.ts";
import { anthropicLane } from "./anthropic/lane.ts";
import * as messageBatches from "./anthropic/message-batches.ts";
import { fingerprint } from "./chance.ts";
import { control, isControlPath } from "./control/control.ts";
import { type Exchange, refuse } from "./exchange.ts";
import { generate } from "./generate.ts";
import { sendJson } from "./http/send.ts";
import type { Lane } from "./lane.ts";
import { listModels, oneModel } from "./models.ts";
import { embeddings } from "./openai/embeddings.ts";
import * as fileBatches from "./openai/file-batches.ts";
import { listFiles, oneFile, uploadFile } from "./openai/file-routes.ts";
import { openAiLane } from "./openai/lane.ts";
import { listInputItems, oneResponse } from "./openai/response-routes.ts";
import type { LogRecord } from "./request-log.ts";
import type { World } from "./world.ts";

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Whether it asks a model: such requests are counted as requests. */
  readonly isQuestion?: boolean;
  readonly handle: (exchange: Exchange) => void | Promise<void>;
}

const ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: /^\/v1\/messages$/,
    isQuestion: true,
    handle: (it) => generate(it, it.world.dialects.messages),
  },
  {
    method: "POST",
    path: /^\/v1\/chat\/completions$/,
    isQuestion: true,
    handle: (it) => generate(it, it.world.dialects.chat),
  },
  {
    method: "POST",
    path: /^\/v1\/responses$/,
    isQuestion: true,
    handle: (it) => generate(it, it.world.dialects.responses),
  },
  { method: "POST", path: /^\/v1\/embeddings$/, isQuestion: true, handle: embeddings },
  { method: "POST", path: /^\/v1\/messages\/count_tokens$/, handle: countTokens },
  { method: "GET", path: /^\/v1\/models$/, handle: listModels },
  { method: "GET", path: /^\/v1\/models\/(.+)$/, handle: oneModel },
  { method: "POST", path: /^\/v1\/messages\/batches$/, handle: messageBatches.createBatch },
  { method: "GET", path: /^\/v1\/messages\/batches$/, handle: messageBatches.listBatches },
  {
    method: "GET|POST|DELETE",
    path: /^\/v1\/messages\/batches\/([^/]+)(?:\/(cancel|results))?$/,
    handle: messageBatches.oneBatch,
  },
  { method: "GET|DELETE", path: /^\/v1\/responses\/([^/]+)$/, handle: oneResponse },
  { method: "GET", path: /^\/v1\/responses\/([^/]+)\/input_items$/, handle: listInputItems },
  { method: "POST", path: /^\/v1\/files$/, handle: uploadFile },
  { method: "GET", path: /^\/v1\/files$/, handle: listFiles },
  { method: "GET|DELETE", path: /^\/v1\/files\/([^/]+)$/, handle: oneFile },
  { method: "GET", path: /^\/v1\/files\/([^/]+)\/(content)$/, handle: oneFile },
  { method: "POST", path: /^\/v1\/batches$/, handle: fileBatches.createBatch },
  { method: "GET", path: /^\/v1\/batches$/, handle: fileBatches.listBatches },
  { method: "GET|POST", path: /^\/v1\/batches\/([^/]+)(?:\/(cancel))?$/, handle: fileBatches.oneBatch },
];

/** Answers one HTTP request. Never rejects. */
export async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  response.on("error", () => undefined);
  // The date comes from the simulator's clock.
  response.sendDate = false;
  try {
    const url = new URL(request.url ?? "/", "http://simulator");
    if (isControlPath(url.pathname)) await control({ world, request, response, url });
    else await provide(world, { request, response, url, left: leaving.signal });
  } catch (error) {
    if (leaving.signal.aborted || response.headersSent) {
      response.destroy();
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    sendJson(response, { status: 500, body: { error: { type: "simulator_error", message } } });
  }
}

type Arrival = Pick<Exchange, "request" | "response" | "url" | "left">;

/** Answers as the provider would. */
async function provide(world: World, arrival: Arrival): Promise<void> {
  const { request, response, url } = arrival;
  const { method = "GET" } = request;
  const { pathname } = url;
  const found = findRoute(method, pathname);
  const isQuestion = found?.route.isQuestion === true;
  world.stats.arrived(`${method} ${pathname}`, isQuestion);
  const lane = laneOf(request, pathname);
  const requestId = `req_${world.nextId()}`;
  const record = world.log.begin({
    atMs: world.elapsedMs(),
    method,
    path: pathname,
    requestId,
    clientRetry: numberOf(request.headers["x-stainless-retry-count"]),
  });
  watchEnd(world, response, { record, isQuestion });
  const key = keyOf(request);
  const organization = organizationOf(world, key);
  const now = world.clock.now() + world.behaviour().skewMs;
  const headers = {
    date: new Date(now).toUTCString(),
    ...lane.headers(organization),
    [lane.requestIdHeader]: requestId,
  };
  const exchange = { ...arrival, world, lane, params: found?.params ?? [], organization, requestId, headers, record };
  if (!isWelcome(world, key)) {
    request.resume();
    refuse(exchange, { kind: "unauthorized", hasKey: key !== "" });
  } else if (found === undefined) {
    request.resume();
    refuse(exchange, {
      kind: "not-found",
      what: lane === anthropicLane ? "Not Found" : `Invalid URL (${method} ${pathname})`,
    });
  } else await found.route.handle(exchange);
}

function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly params: readonly string[] } | undefined {
  for (const route of ROUTES) {
    const match = route.path.exec(path);
    if (match !== null && route.method.split("|").includes(method))
      return { route, params: match.slice(1).filter((param) => param !== undefined) };
  }
  return undefined;
}

/** Paths tell the lanes apart, and where both have one, Anthropic's own header. */
function laneOf({ headers }: IncomingMessage, path: string): Lane {
  const isShared = !path.startsWith("/v1/") || path.startsWith("/v1/models");
  return path.startsWith("/v1/messages") || (isShared && "anthropic-version" in headers) ? anthropicLane : openAiLane;
}

/** Either provider's header may carry the key in either lane. */
function keyOf({ headers }: IncomingMessage): string {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const own = headers["x-api-key"];
  return bearer ?? (typeof own === "string" ? own.trim() : "");
}

function isWelcome({ options: { apiKey, isKeyless = false } }: World, key: string): boolean {
  if (isKeyless) return true;
  return key !== "" && (apiKey === undefined || key === apiKey);
}

/** A key is a secret: what stands for it is not made of its letters. */
function organizationOf({ options: { organizations = {} } }: World, key: string): string {
  return organizations[key] ?? (key === "" ? "org_local" : `org_${fingerprint(key).slice(0, 12)}`);
}

function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === "string" && /^\d+$/.test(header) ? Number(header) : null;
}

interface Watched {
  readonly record: LogRecord;
  readonly isQuestion: boolean;
}

/** Counts a request out when its answer is handed over, or its connection is gone. */
function watchEnd(world: World, response: ServerResponse, { record, isQuestion }: Watched): void {
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    const status = response.headersSent ? response.statusCode : undefined;
    world.stats.ended(status, isQuestion);
    record.status = status ?? null;
    record.endedAtMs = world.elapsedMs();
    if (record.outcome === "under way") record.outcome = response.writableFinished ? "finished" : "left";
  };
  response.once("finish", end);
  response.once("close", end);
}
