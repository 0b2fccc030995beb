import type { IncomingMessage, ServerResponse } from "node:http";
import { anthropicLane } from "./anthropic.ts";
import { chanceOf, drawLatencyMs, fingerprint } from "./chance.ts";
import { complete } from "./complete.ts";
import { control } from "./control.ts";
import type { Lane, Question } from "./lane.ts";
import { listModels, oneModel } from "./models.ts";
import type { Fault } from "./options.ts";
import { readJsonBody } from "./read-body.ts";
import { cutOff, sendBody, sendFrames, sendJson } from "./send.ts";
import type { World } from "./world.ts";

/** One exchange: who asked, and what its answer needs. */
interface Exchange {
  readonly world: World;
  readonly lane: Lane;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  /** Fires when the client has left. */
  readonly left: AbortSignal;
}

const MODELS = "/v1/models";
const MODEL_ROUTES = new Set(["POST /v1/messages", "POST /v1/chat/completions"]);

/** Answers one HTTP request. Never rejects. */
export async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { stats } = world;
  const { method = "GET" } = request;
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  response.on("error", () => undefined);
  const lane = path.startsWith("/v1/messages") ? anthropicLane : world.openai;
  const exchange = { world, lane, request, response, method, path, left: leaving.signal };
  try {
    if (path.startsWith("/_simulator/")) {
      await control(world, request, response);
      return;
    }
    const route = `${method} ${path}`;
    const isModelRequest = MODEL_ROUTES.has(route);
    stats.arrived(route, isModelRequest);
    let hasEnded = false;
    const end = (): void => {
      if (!hasEnded) stats.ended(response.headersSent ? response.statusCode : undefined, isModelRequest);
      hasEnded = true;
    };
    response.once("finish", end);
    response.once("close", end);
    await answer(exchange, isModelRequest);
  } catch (error) {
    if (leaving.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    sendJson(response, { status: 500, body: { error: { type: "simulator_error", message } } });
  }
}

async function answer(exchange: Exchange, isModelRequest: boolean): Promise<void> {
  const { world, lane, request, response, method, path } = exchange;
  const requestId = world.nextRequestId();
  const headers = { ...lane.headers, [lane.requestIdHeader]: requestId };
  const key = keyOf(request);
  if (key === "" || (world.apiKey !== undefined && key !== world.apiKey)) {
    request.resume();
    sendJson(response, lane.unauthorized(key !== "", requestId), headers);
    return;
  }
  if (isModelRequest) {
    await answerQuestion(exchange, requestId, headers);
    return;
  }
  request.resume();
  const models = method === "GET" ? modelsAt(world, path) : undefined;
  sendJson(
    response,
    models === undefined ? lane.notFound(method, path, requestId) : { status: 200, body: models },
    headers,
  );
}

function modelsAt({ models }: World, path: string): unknown {
  if (path === MODELS) return listModels(models);
  return path.startsWith(`${MODELS}/`) ? oneModel(models, path.slice(MODELS.length + 1)) : undefined;
}

/** Either provider's header may carry the key in either lane. */
function keyOf({ headers }: IncomingMessage): string {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const own = headers["x-api-key"];
  return bearer ?? (typeof own === "string" ? own.trim() : "");
}

type Headers = Readonly<Record<string, string>>;

async function answerQuestion(exchange: Exchange, requestId: string, headers: Headers): Promise<void> {
  const { world, lane, request, response } = exchange;
  const body = await readJsonBody(request);
  if (body === "too large") {
    sendJson(response, lane.tooLarge(requestId), headers);
    return;
  }
  const parsed = lane.parse(body.value, request.headers);
  if (!parsed.ok) {
    sendJson(response, lane.badRequest(parsed, requestId), headers);
    return;
  }
  const { question } = parsed;
  const name = fingerprint(question);
  const repeat = world.stats.asked(question.model, name);
  const fault = world.nextFault(name, repeat);
  if (fault !== undefined) world.stats.failed(fault);
  const latencyMs = drawLatencyMs(world.behaviour().latencyMs, chanceOf(world.seed, "latency", name, repeat));
  if (latencyMs > 0) await world.clock.sleep(latencyMs, exchange.left);
  await act(exchange, { question, fault, requestId, headers });
}

interface Act {
  readonly question: Question;
  readonly fault: Fault | undefined;
  readonly requestId: string;
  readonly headers: Headers;
}

async function act(exchange: Exchange, { question, fault, requestId, headers }: Act): Promise<void> {
  const { world, lane, response, request, left } = exchange;
  switch (fault) {
    case "rate-limit": {
      const retryAfter = String(world.behaviour().retryAfterSeconds);
      sendJson(response, lane.fault(fault, requestId), { ...headers, "retry-after": retryAfter });
      return;
    }
    case "rate-limit-bare":
    case "server-error":
    case "overloaded":
    case "unauthorized":
    case "quota":
      sendJson(response, lane.fault(fault, requestId), headers);
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "silent":
      await untilAborted(left);
      return;
    case "truncated":
    case "broken-body":
    case "malformed":
    case "schema":
    case "refusal":
    case undefined:
      speak(exchange, { question, fault, requestId, headers });
  }
}

function speak({ world, lane, response }: Exchange, { question, fault, headers }: Act): void {
  const completion = complete(question, { seed: world.seed, fault });
  world.stats.answered(completion.promptTokens, completion.completionTokens);
  const now = world.clock.now();
  if (question.isStreamed) {
    const frames = lane.stream(question, completion, now);
    const half = Math.ceil(frames.length / 2);
    if (fault === "truncated") sendFrames(response, frames.slice(0, half), headers, "cut");
    else if (fault === "broken-body") sendFrames(response, frames.with(half, "data: {not json\n\n"), headers, "end");
    else sendFrames(response, frames, headers, "end");
    return;
  }
  const text = JSON.stringify(lane.reply(question, completion, now));
  if (fault === "truncated") cutOff(response, text, headers);
  else sendBody(response, fault === "broken-body" ? text.slice(0, Math.ceil(text.length * 0.6)) : text, headers);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
