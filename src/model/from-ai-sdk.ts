import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { isContentPart, PartCollector } from "./collect-parts.ts";
import { ModelFailure } from "./failure.ts";
import type { Embedder, EmbedCall, EmbedResult, Model, ModelCall, ModelPart, ModelResult } from "./model.ts";
import { type HeaderFields, type RateLimits, readRateLimits } from "./rate-limits.ts";
import { toModelFailure } from "./to-model-failure.ts";
import { UNKNOWN_USAGE } from "./wire/openai/usage.ts";

export interface FromAiSdkOptions {
  /** What the provider is called in the configuration. */
  readonly provider: string;
  readonly clock: Clock;
}

/**
 * Makes a model of any AI SDK model of specification version 4. Its own retries must be off, as they are in every provider's package:
 * the AI SDK retries above the model. `timeouts` of a call are the transport's; the model knows none.
 */
export function fromAiSdk(language: LanguageModelV4, { provider, clock }: FromAiSdkOptions): Model {
  let limits: RateLimits | undefined;

  function told(headers: HeaderFields | undefined): void {
    limits = (headers === undefined ? undefined : readRateLimits(headers, clock.now())) ?? limits;
  }

  async function generate({ timeouts: _ours, ...call }: ModelCall): Promise<ModelResult> {
    try {
      const result = await language.doGenerate(call);
      told(result.response?.headers);
      return result;
    } catch (error) {
      throw toError(error, call.abortSignal, clock);
    }
  }

  async function* stream({ timeouts: _ours, ...call }: ModelCall): AsyncGenerator<ModelPart, void, undefined> {
    const collector = new PartCollector();
    let hasContent = false;
    let hasEnded = false;

    function broken(error: unknown): unknown {
      const failure = toError(error, call.abortSignal, clock);
      if (!hasContent || !(failure instanceof ModelFailure)) return failure;
      return failure.with({ arrived: { content: collector.content(), usage: UNKNOWN_USAGE } });
    }

    const { stream, response } = await Promise.resolve(language.doStream(call)).catch((error: unknown) => {
      throw broken(error);
    });
    told(response?.headers);
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value: part } = await reader.read().catch((error: unknown) => {
          throw broken(error);
        });
        if (done) break;
        if (part.type === "error") throw broken(part.error);
        if (part.type === "finish") {
          hasEnded = true;
          const { unified, raw } = part.finishReason;
          if (unified === "interrupted" || unified === "error") {
            throw broken(new ModelFailure("interrupted", { detail: raw }));
          }
        }
        collector.add(part);
        hasContent ||= isContentPart(part);
        yield part;
      }
      if (!hasEnded) throw broken(new ModelFailure("interrupted", { detail: "the stream ended before the answer" }));
    } finally {
      // Harmless at the end; before it, this frees the socket.
      await reader.cancel().catch(() => undefined);
    }
  }

  return { name: language.modelId, provider, generate, stream, limits: () => limits };
}

/** What such an embedding model takes at once when it does not say. */
const FEW_INPUTS = 100;

/** Makes an embedder of any AI SDK embedding model of specification version 4. */
export async function embedderFromAiSdk(
  model: EmbeddingModelV4,
  { provider, clock }: FromAiSdkOptions,
): Promise<Embedder> {
  let limits: RateLimits | undefined;
  const maxInputs = (await model.maxEmbeddingsPerCall) ?? FEW_INPUTS;
  return {
    name: model.modelId,
    provider,
    maxInputs,
    async embed({ values, dimensions, signal }: EmbedCall): Promise<EmbedResult> {
      try {
        const { embeddings, usage, response } = await model.doEmbed({
          values: [...values],
          ...(dimensions === undefined ? {} : { dimensions }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        });
        limits =
          (response?.headers === undefined ? undefined : readRateLimits(response.headers, clock.now())) ?? limits;
        return { embeddings: embeddings.map((vector) => Float32Array.from(vector)), tokens: usage?.tokens ?? null };
      } catch (error) {
        throw toError(error, signal, clock);
      }
    },
    limits: () => limits,
  };
}

function toError(error: unknown, signal: AbortSignal | undefined, clock: Clock): unknown {
  if (signal?.aborted === true) return signal.reason;
  return error instanceof MillraceError ? error : toModelFailure(error, clock.now());
}
