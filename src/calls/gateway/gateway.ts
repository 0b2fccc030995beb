import type { Clock } from "../../core/clock.ts";
import { isErrorCode } from "../../core/errors.ts";
import type { ModelsConfig } from "../../model/config.ts";
import type { ModelPart } from "../../model/model.ts";
import { toParts } from "../../model/to-parts.ts";
import type { Answer, AnswerCaching } from "../ai.ts";
import type { AiRun } from "../ai-run.ts";
import type { Answered } from "../call.ts";
import type { WholeOptions } from "../create-calls.ts";
import type { AiFactory } from "../create-ai.ts";
import { estimateCall, estimatePrompt } from "../estimate.ts";
import type { WholeAnswer } from "../whole-answer.ts";
import { chatLane } from "./chat-lane.ts";
import type { GatewayConfig } from "./config.ts";
import { type Controls, readControls, type RequestHeaders } from "./controls.ts";
import { answerEmbeddings } from "./embeddings.ts";
import type { Lane, LaneRequest } from "./lane.ts";
import { LiveStream } from "./live-stream.ts";
import { messagesLane } from "./messages-lane.ts";
import { createModelList, type ListedModel } from "./model-list.ts";
import { findByBareName } from "./bare-names.ts";
import { createPrincipals, type Principal } from "./principals.ts";
import { toRefusal } from "./refusal.ts";
import { type GatewayReply, storyOf } from "./reply.ts";

export interface GatewayOptions {
  readonly ai: Pick<AiFactory, "whole" | "forRun" | "list" | "countTokens">;
  readonly config: ModelsConfig & { readonly gateway?: GatewayConfig };
  readonly clock: Clock;
}

/** One request of a client, and where its answer goes. */
export interface Exchange {
  readonly headers: RequestHeaders;
  /** Parsed from JSON. */
  readonly body: unknown;
  readonly requestId: string;
  /** Fires when the client has gone: then nothing is asked on its behalf any longer. */
  readonly signal: AbortSignal;
  readonly reply: GatewayReply;
}

/** The name of an API whose clients are served. */
export type LaneName = "chat" | "messages";

/**
 * Any model of the configuration behind the APIs of OpenAI and Anthropic. Each call goes the way of `ai.text`: cache, budgets, stand-ins,
 * limits, breakers. Nothing here throws or rejects: a client that asks amiss is answered in its API's words.
 */
export interface Gateway {
  /** `POST /v1/chat/completions` and `POST /v1/messages`. */
  generate(lane: LaneName, exchange: Exchange): Promise<void>;
  /** `POST /v1/embeddings`. */
  embed(exchange: Exchange): Promise<void>;
  /** `POST /v1/messages/count_tokens`: as the provider counts, where it can say; else an estimate from above. */
  countTokens(exchange: Exchange): Promise<void>;
  /** `GET /v1/models` and `GET /v1/models/:id`, in a shape that serves the clients of both. */
  models(exchange: Exchange, id?: string): Promise<void>;
  /** Answers a request that was refused before it came here. */
  refuse(lane: LaneName, error: unknown, exchange: Pick<Exchange, "requestId" | "reply">): Promise<void>;
}

const LANES: Readonly<Record<LaneName, Lane>> = { chat: chatLane, messages: messagesLane };
const JSON_TYPE = "application/json";
const EVENTS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};
/** What is reckoned for an answer whose length the client leaves open. */
const USUAL_OUTPUT_TOKENS = 1_024;

export function createGateway({ ai, config, clock }: GatewayOptions): Gateway {
  const principals = createPrincipals(config.gateway ?? {}, clock);
  const list = createModelList({ ai, config, clock });

  function generate(lane: Lane, exchange: Exchange): Promise<unknown> {
    const principal = principals.of(exchange.headers);
    const controls = readControls(exchange.headers);
    const request = lane.parse(exchange.body);
    const asked = { exchange, principal, controls, request };
    return principal.isBounded ? answerBounded(lane, asked) : answer(lane, asked);
  }

  async function answerBounded(lane: Lane, asked: Asked): Promise<void> {
    const { principal, request } = asked;
    const { prompt, maxOutputTokens = USUAL_OUTPUT_TOKENS } = request.call;
    const estimate = estimatePrompt(prompt) + estimateCall(request.call) + maxOutputTokens;
    const admission = await principal.admit({ tokens: estimate });
    let tokens = 0;
    try {
      const used = await answer(lane, asked);
      tokens = tokensOf(used) ?? estimate;
    } catch (error) {
      // Whoever hangs up has been answered for: leaving early is no way past the bound.
      if (isErrorCode(error, "CALL_ABORTED")) tokens = estimate;
      throw error;
    } finally {
      admission.end({ tokens });
    }
  }

  function answer(lane: Lane, asked: Asked): Promise<Answer<WholeAnswer>["usage"] | undefined> {
    const { exchange, controls, request } = asked;
    const options = toOptions(lane, asked);
    const run = runOf(asked);
    if (!request.isStreamed) return answerWhole(lane, exchange, ai.whole(run, options));
    return controls.mode === "live"
      ? answerLive(lane, asked, run, options)
      : answerHeld(lane, asked, ai.whole(run, options));
  }

  async function answerWhole(lane: Lane, exchange: Exchange, answering: Promise<Answered<WholeAnswer>>): Promise<Used> {
    const { answer } = await answering;
    const body = JSON.stringify(lane.writeAnswer(answer.value, headOf(lane, exchange.requestId, answer.model)));
    const headers = storyOf(answer, lane.headersOf(exchange.requestId));
    headers["content-type"] = JSON_TYPE;
    send(exchange, 200, headers, body);
    return answer.usage;
  }

  async function answerHeld(lane: Lane, asked: Asked, answering: Promise<Answered<WholeAnswer>>): Promise<Used> {
    const answered = await answering;
    await replay(lane, asked, answered);
    return answered.answer.usage;
  }

  async function answerLive(lane: Lane, asked: Asked, run: AiRun, options: WholeOptions): Promise<Used> {
    const { exchange, request } = asked;
    const { reply, requestId } = exchange;
    const stream = new LiveStream(reply, (model) => {
      const { wantsUsage } = request;
      return {
        headers: {
          ...lane.headersOf(exchange.requestId),
          ...EVENTS,
          "x-millrace-source": "provider",
          "x-millrace-model": model,
        },
        writer: lane.openStream(headOf(lane, requestId, model), { wantsUsage }),
      };
    });
    try {
      const answered = await ai.whole(run, options, stream);
      if (!stream.hasPassedOn()) await replay(lane, asked, answered);
      else stream.finish(answered.answer);
      return answered.answer.usage;
    } catch (error) {
      if (!stream.hasPassedOn()) throw error;
      reply.end(lane.writeErrorEvent(toRefusal(error), requestId));
      return undefined;
    }
  }

  /** Streams an answer that is whole already: at once, or as it once came. */
  async function replay(
    lane: Lane,
    { exchange, request }: Asked,
    { answer, replay }: Answered<WholeAnswer>,
  ): Promise<void> {
    const { reply, requestId } = exchange;
    const writer = lane.openStream(headOf(lane, requestId, answer.model), { wantsUsage: request.wantsUsage });
    const write = (parts: readonly ModelPart[]): string => parts.map((part) => writer.write(part)).join("");
    reply.begin(200, storyOf(answer, { ...lane.headersOf(requestId), ...EVENTS }));
    if (replay === undefined) return reply.end(write(toParts(answer.value)));
    try {
      for await (const parts of replay(toParts(answer.value))) await reply.write(write(parts));
      reply.end();
    } catch (error) {
      reply.end(lane.writeErrorEvent(toRefusal(error), requestId));
    }
  }

  function toOptions(lane: Lane, { controls, request }: Asked): WholeOptions {
    const { cache, tags, timeoutMs, replay } = controls;
    const { modelId, call, isStreamed } = request;
    return {
      call,
      isStreamed,
      model: findByBareName(modelId, config, lane.kinds),
      timeoutMs,
      tags,
      replay,
      cache: cache !== "no-store" && CACHING,
      ...ONLY[cache],
    };
  }

  function headOf(lane: Lane, requestId: string, model: string) {
    return { id: lane.idPrefix + requestId, model: model.slice(model.indexOf("/") + 1), at: clock.now() };
  }

  function refuse(lane: Lane, error: unknown, exchange: Pick<Exchange, "requestId" | "reply">): void {
    const refusal = toRefusal(error);
    const { status, body } = lane.writeError(refusal, exchange.requestId);
    const { retryAfterMs, shouldRetry } = refusal;
    const wait: Record<string, string> =
      retryAfterMs === null
        ? {}
        : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)), "retry-after-ms": String(Math.ceil(retryAfterMs)) };
    const headers = { "content-type": JSON_TYPE, "x-should-retry": String(shouldRetry), ...wait };
    send(exchange, status, { ...lane.headersOf(exchange.requestId), ...headers }, JSON.stringify(body));
  }

  async function guarded(lane: Lane, exchange: Exchange, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      refuse(lane, error, exchange);
    }
  }

  return {
    generate: (name, exchange) => guarded(LANES[name], exchange, () => generate(LANES[name], exchange)),
    embed: (exchange) =>
      guarded(chatLane, exchange, async () => {
        const principal = principals.of(exchange.headers);
        const controls = readControls(exchange.headers);
        const asked = runOf({ exchange, principal });
        const find = (name: string): string => findByBareName(name, config, chatLane.kinds);
        const { headers, body } = await answerEmbeddings({ ai: ai.forRun(asked), controls, principal, exchange, find });
        send(exchange, 200, { ...chatLane.headersOf(exchange.requestId), ...headers, "content-type": JSON_TYPE }, body);
      }),
    countTokens: (exchange) =>
      guarded(messagesLane, exchange, async () => {
        const admission = await principals.of(exchange.headers).admit({ tokens: 0 });
        try {
          const { modelId, call } = messagesLane.parse({ max_tokens: 1, ...(exchange.body as object | null) });
          const model = findByBareName(modelId, config, messagesLane.kinds);
          const { inputTokens, isExact } = await ai.countTokens(model, call, exchange.signal);
          const source = { "x-millrace-source": isExact ? "provider" : "estimate" };
          const headers = { ...messagesLane.headersOf(exchange.requestId), ...source, "content-type": JSON_TYPE };
          send(exchange, 200, headers, JSON.stringify({ input_tokens: inputTokens }));
        } finally {
          admission.end({ tokens: 0 });
        }
      }),
    models: (exchange, id) => {
      const lane = exchange.headers["anthropic-version"] === undefined ? chatLane : messagesLane;
      return guarded(lane, exchange, async () => {
        principals.of(exchange.headers);
        const body: ListedModel | object = await (id === undefined
          ? list.all(exchange.signal)
          : list.one(id, exchange.signal));
        send(exchange, 200, { ...lane.headersOf(exchange.requestId), "content-type": JSON_TYPE }, JSON.stringify(body));
      });
    },
    refuse: async (name, error, exchange) => refuse(LANES[name], error, exchange),
  };
}

interface Asked {
  readonly exchange: Exchange;
  readonly principal: Principal;
  readonly controls: Controls;
  readonly request: LaneRequest;
}

type Used = Answer<WholeAnswer>["usage"] | undefined;

/** Undefined: nobody knows. */
function tokensOf(used: Used): number | undefined {
  if (used === undefined || used.inputTokens === null || used.outputTokens === null) return undefined;
  return used.inputTokens + used.outputTokens;
}

const CACHING: AnswerCaching = {};
const ONLY: Readonly<Record<Controls["cache"], Pick<WholeOptions, "only">>> = {
  default: {},
  "no-store": {},
  only: { only: "kept" },
  refresh: { only: "made" },
};

/** Calls of the gateway are those of an automation of this name: budgets and the ledger know it so. */
const AUTOMATION = "gateway";

function runOf({ exchange, principal }: Pick<Asked, "exchange" | "principal">): AiRun {
  const { requestId, signal } = exchange;
  const { tenant } = principal;
  return { id: requestId, signal, automation: AUTOMATION, ...(tenant === undefined ? {} : { tenant }) };
}

/** Adds the length to the headers. */
function send({ reply }: Pick<Exchange, "reply">, status: number, headers: Record<string, string>, body: string): void {
  headers["content-length"] = String(Buffer.byteLength(body));
  reply.begin(status, headers);
  reply.end(body);
}
