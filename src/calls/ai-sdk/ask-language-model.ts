import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import type { Clock } from "../../core/clock.ts";
import { isContentPart, PartCollector } from "../../model/collect-parts.ts";
import { ModelFailure } from "../../model/failure.ts";
import { damagedEvents, type ModelCall, type ModelPart } from "../../model/model.ts";
import { toTokens } from "../../model/usage.ts";
import { outOfTime } from "../ask-provider.ts";
import { countRequest } from "../count-request.ts";
import type { ModelRef, OpenedModel } from "../models.ts";
import type { Ask, CallContext, Question, Reply, Sink } from "../pipeline.ts";
import type { Routes } from "../routes.ts";
import { writePart, writeResult } from "./answer-text.ts";
import { fitsSchema } from "./fits-schema.ts";

export interface AskLanguageModelOptions {
  readonly params: LanguageModelV4CallOptions;
  readonly open: (ref: ModelRef) => OpenedModel | Promise<OpenedModel>;
  readonly routes: Routes;
  readonly clock: Clock;
  /** Hears each whole answer as it came, with what is not kept of it. */
  readonly heard: (result: LanguageModelV4GenerateResult) => void;
}

/**
 * Sends one request with all that the AI SDK can ask for, and gives the whole answer as text. A stream is passed on as lines from its first
 * content on, so that what fails before can be asked again; its last part, `finish`, is left to whoever knows the whole story.
 */
export function askLanguageModel({ params, open, routes, clock, heard }: AskLanguageModelOptions): Ask {
  return async (question, context) => {
    const { name } = question.model;
    const { tally, deadline, sink } = context;
    try {
      const { model, priceOf } = await open(question.model);
      const send = async (): Promise<Reply> => {
        const call = toModelCall(params, question, context);
        const answer = sink === undefined ? whole(await model.generate(call)) : await passOn(model.stream(call), sink);
        const { result, damaged } = answer;
        requireEnd(result);
        const tokens = toTokens(result.usage);
        tally.used(tokens, priceOf(tokens));
        heard(result);
        return {
          text: writeResult(result),
          model: name,
          source: "provider",
          degraded: damaged === 0 ? null : `${damaged} parts of the answer could not be read.`,
          isForNow: !isForOthers(result, params),
          similar: null,
          origin: null,
        };
      };
      try {
        return await countRequest(send, context, clock);
      } finally {
        routes.get(name).observe(model.limits());
      }
    } catch (error) {
      if (deadline.isOver()) throw outOfTime();
      throw error;
    }
  };
}

interface Heard {
  readonly result: LanguageModelV4GenerateResult;
  readonly damaged: number;
}

function whole(result: LanguageModelV4GenerateResult): Heard {
  return { result, damaged: 0 };
}

async function passOn(parts: AsyncIterable<ModelPart>, sink: Sink): Promise<Heard> {
  const collector = new PartCollector();
  let lines = "";
  let hasContent = false;
  let warnings: LanguageModelV4GenerateResult["warnings"] = [];
  let response: LanguageModelV4GenerateResult["response"];
  for await (const part of parts) {
    if (part.type === "finish") {
      await sink.write(lines);
      const { type: _type, ...finish } = part;
      const about = response === undefined ? {} : { response };
      return { result: { content: collector.content(), warnings, ...about, ...finish }, damaged: damagedEvents(part) };
    }
    collector.add(part);
    if (part.type === "stream-start") ({ warnings } = part);
    if (part.type === "response-metadata") {
      const { type: _type, ...told } = part;
      response = Object.assign(response ?? {}, told);
    }
    hasContent ||= isContentPart(part);
    lines += writePart(part);
    if (!hasContent) continue;
    const written = sink.write(lines);
    lines = "";
    if (written !== undefined) await written;
  }
  throw new ModelFailure("interrupted");
}

function toModelCall(
  params: LanguageModelV4CallOptions,
  { firstByteMs }: Question,
  { deadline }: CallContext,
): ModelCall {
  const timeouts = firstByteMs === undefined ? {} : { timeouts: { firstByteMs } };
  return { ...params, abortSignal: deadline.signal, ...timeouts };
}

/** An answer that broke off is none. */
function requireEnd({ finishReason }: LanguageModelV4GenerateResult): void {
  const { unified, raw } = finishReason;
  if (unified === "interrupted" || unified === "error") throw new ModelFailure("interrupted", { detail: raw });
}

/** Whether an answer may serve others: not one that was cut or filtered, nor an object or a call of a tool that cannot be used. */
function isForOthers(
  { content, finishReason: { unified }, structuredOutputText }: LanguageModelV4GenerateResult,
  { responseFormat }: LanguageModelV4CallOptions,
): boolean {
  if ((unified !== "stop" && unified !== "tool-calls") || content.length === 0) return false;
  if (content.some((part) => part.type === "tool-call" && parseJson(part.input) === undefined)) return false;
  if (responseFormat?.type !== "json" || unified === "tool-calls") return true;
  const text = structuredOutputText ?? content.map((part) => (part.type === "text" ? part.text : "")).join("");
  const value = parseJson(text);
  return value !== undefined && fitsSchema(value.json, responseFormat.schema ?? {});
}

function parseJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
