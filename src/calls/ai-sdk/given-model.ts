import {
  InvalidArgumentError,
  InvalidPromptError,
  type LanguageModelV4,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  NoSuchProviderReferenceError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { ModelPrice } from "../../model/config.ts";
import { ModelFailure } from "../../model/failure.ts";
import { fromAiSdk } from "../../model/from-ai-sdk.ts";
import type { Model, ModelCall, ModelPart } from "../../model/model.ts";
import { priceOf } from "../../model/prices.ts";
import type { Tokens } from "../../model/usage.ts";
import type { ModelRef, OpenedModel } from "../models.ts";

/** `openai.responses` and `anthropic.messages` are the providers openai and anthropic to the table of prices, and so are their limits. */
export function refOf({ provider, modelId }: Pick<LanguageModelV4, "provider" | "modelId">): ModelRef {
  const [family] = provider.split(".");
  const kind = family === "anthropic" || family === "openai" ? family : "ai-sdk";
  return { name: `${provider}/${modelId}`, provider, model: modelId, kind };
}

/** What tokens of a model cost: by the prices given for `provider/model`, else by the list. */
export function priceOfRef(
  { provider, kind, model }: ModelRef,
  prices: Readonly<Record<string, ModelPrice>>,
): (tokens: Tokens) => number | null {
  return priceOf({ provider, kind, model, prices });
}

export interface GivenModelOptions {
  readonly clock: Clock;
  readonly prices: Readonly<Record<string, ModelPrice>>;
}

/** Opens a model that somebody else made. What the caller did wrong is passed on as it was thrown: nobody else would fare better. */
export function openGiven(language: LanguageModelV4, { clock, prices }: GivenModelOptions): OpenedModel {
  const ref = refOf(language);
  const model = fromAiSdk(tellingMistakes(language), { provider: ref.provider, clock });
  return { model: withFirstByte(model, clock), priceOf: priceOfRef(ref, prices) };
}

/** The error of the AI SDK for a mistake of the caller, where there is one. */
export function mistakeOf(error: unknown): Error | undefined {
  return error instanceof MillraceError && isMistake(error.cause) ? error.cause : undefined;
}

function tellingMistakes(language: LanguageModelV4): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: language.provider,
    modelId: language.modelId,
    supportedUrls: language.supportedUrls,
    doGenerate: (options) => tellingMistake(() => language.doGenerate(options)),
    doStream: (options) => tellingMistake(() => language.doStream(options)),
  };
}

async function tellingMistake<T>(ask: () => PromiseLike<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isMistake(error)) throw error;
    throw new MillraceError("INPUT_INVALID", error.message, { cause: error });
  }
}

const MISTAKES = [
  InvalidArgumentError,
  InvalidPromptError,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  NoSuchProviderReferenceError,
  UnsupportedFunctionalityError,
] as const;

/** A prompt, setting or key that cannot be sent: it came to no request. */
function isMistake(error: unknown): error is Error {
  return MISTAKES.some((kind) => kind.isInstance(error));
}

/**
 * Gives a stream up that brings nothing in `timeouts.firstByteMs`. A whole answer has no first byte that could be seen here, so it gets all
 * the time there is.
 */
function withFirstByte(model: Model, clock: Clock): Model {
  async function* stream(call: ModelCall, firstByteMs: number): AsyncGenerator<ModelPart, void, undefined> {
    const silent = new AbortController();
    const timer = clock.after(firstByteMs, () =>
      silent.abort(new ModelFailure("silent", { detail: `nothing came in ${firstByteMs / 1_000} s` })),
    );
    const signals = call.abortSignal === undefined ? [] : [call.abortSignal];
    try {
      for await (const part of model.stream({ ...call, abortSignal: AbortSignal.any([...signals, silent.signal]) })) {
        if (part.type !== "stream-start") timer.cancel();
        yield part;
      }
    } finally {
      timer.cancel();
    }
  }

  return {
    ...model,
    stream(call) {
      const first = call.timeouts?.firstByteMs;
      return first === undefined ? model.stream(call) : stream(call, first);
    },
  };
}
