import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import type { Clock } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import { ModelFailure } from "../model/failure.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { toTokens } from "../model/usage.ts";
import { toProviderError } from "./call-error.ts";
import type { Models, OpenedModel } from "./models.ts";
import type { Ask, CallContext, Question } from "./pipeline.ts";

export interface AskProviderOptions {
  readonly models: Models;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: (text: string) => string;
  /** Names requests for OpenAI's support, as `X-Client-Request-Id`. Undefined: they bear no name. */
  readonly ids: Ids | undefined;
}

/** Sends one request and gives the whole text of its answer. Throws ModelFailure for everything that is not a whole answer. */
export function askProvider({ models, clock, events, redact, ids }: AskProviderOptions): Ask {
  return async (question, context) => {
    const { name } = question.model;
    try {
      const model = await models.open(question.model);
      const headers: Record<string, string> =
        ids !== undefined && question.model.kind === "openai" ? { "x-client-request-id": ids.next() } : {};
      const result = await send(model, toCallOptions(question, headers, context.deadline.signal), context);
      const text = wholeText(result, question.maxOutputTokens);
      return { text, model: name, source: "provider", degraded: null, similar: null, origin: null };
    } catch (error) {
      const failure = toFailure(error, context);
      if (failure instanceof ModelFailure && (context.deadline.isOver() || !context.deadline.signal.aborted)) {
        const record = toErrorRecord(toProviderError(name, failure, redact));
        const run = context.runId === undefined ? {} : { runId: context.runId };
        events.emit("call-failed", { ...run, model: name, error: record, at: clock.now() });
      }
      throw failure;
    }
  };

  async function send(
    model: OpenedModel,
    options: LanguageModelV4CallOptions,
    { tally, deadline }: CallContext,
  ): Promise<LanguageModelV4GenerateResult> {
    tally.sent();
    try {
      const result = await model.model.generate(options);
      const tokens = toTokens(result.usage);
      tally.used(tokens, model.priceOf(tokens));
      return result;
    } catch (error) {
      if (error instanceof MillraceError) {
        tally.usedNothing();
        throw error;
      }
      const failure = toModelFailure(error, clock.now());
      if (failure.mayBeBilled || deadline.signal.aborted) tally.usedUnknown();
      else tally.usedNothing();
      throw failure;
    }
  }

  function toFailure(error: unknown, { deadline }: CallContext): unknown {
    if (deadline.isOver()) return outOfTime();
    if (error instanceof ModelFailure || error instanceof MillraceError) return error;
    return toModelFailure(error, clock.now());
  }
}

/** The failure of a call whose time, in milliseconds, is up. */
export function outOfTime(ms?: number): ModelFailure {
  const time = ms === undefined ? "" : `, ${ms / 1_000} s,`;
  return new ModelFailure("silent", { detail: `the time for the whole call${time} is up` });
}

function toCallOptions(
  { prompt, maxOutputTokens, schema }: Question,
  headers: Record<string, string>,
  abortSignal: AbortSignal,
): LanguageModelV4CallOptions {
  const base = { prompt, maxOutputTokens, headers, abortSignal };
  if (schema === undefined) return base;
  const strict = { strictJsonSchema: schema.wire.isStrict };
  return {
    ...base,
    responseFormat: { type: "json", schema: schema.wire.json, name: schema.name },
    providerOptions: { openai: strict, openaiCompatible: strict },
  };
}

/** Only an answer that the model itself ended counts. */
function wholeText(result: LanguageModelV4GenerateResult, maxOutputTokens: number): string {
  const { content, finishReason, structuredOutputText } = result;
  const text = structuredOutputText ?? content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  switch (finishReason.unified) {
    case "stop":
      if (text.trim() === "") throw new ModelFailure("unusable", { detail: "the answer is empty" });
      return text;
    case "length":
      throw new ModelFailure("cut", { detail: `raise maxOutputTokens above ${maxOutputTokens}, or ask for less` });
    case "content-filter":
      throw new ModelFailure("refused", { detail: text });
    case "interrupted":
    case "error":
      throw new ModelFailure("interrupted", { detail: finishReason.raw });
    case "tool-calls":
    case "other":
      throw new ModelFailure("unusable", { detail: `it ended with ${finishReason.raw ?? finishReason.unified}` });
  }
}
