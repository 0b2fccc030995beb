import { type EmbeddingModelV4, type LanguageModelV4, NoSuchModelError, type ProviderV4 } from "@ai-sdk/provider";
import type { Embedded, EmbedOptions } from "../ai.ts";
import type { Models } from "../models.ts";
import { readCallOptions } from "./call-options.ts";
import type { Guard } from "./guard.ts";

/** What stands behind a provider, once it is open. */
export interface ProviderParts {
  readonly guard: Guard;
  readonly models: Pick<Models, "find" | "known" | "open">;
  readonly embed: (options: EmbedOptions) => Promise<Embedded>;
}

/** Makes the AI SDK's provider of a configuration's models. It is opened with the first call. */
export function createProvider(open: () => Promise<ProviderParts>): ProviderV4 {
  return {
    specificationVersion: "v4",
    languageModel: (modelId) => languageModel(modelId, open),
    embeddingModel: (modelId) => embeddingModel(modelId, open),
    imageModel(modelId) {
      throw new NoSuchModelError({ modelId, modelType: "imageModel" });
    },
  };
}

function languageModel(modelId: string, open: () => Promise<ProviderParts>): LanguageModelV4 {
  async function ask<T>(how: (parts: ProviderParts) => Promise<T>): Promise<T> {
    return await how(await open());
  }
  return {
    specificationVersion: "v4",
    provider: "millrace",
    modelId,
    supportedUrls: { "image/*": [/^https:\/\/.*$/] },
    doGenerate: (params) => ask(({ guard, models }) => guard.generate(callOf(params, models))),
    doStream: (params) => ask(({ guard, models }) => guard.stream(callOf(params, models))),
  };

  function callOf(params: Parameters<LanguageModelV4["doGenerate"]>[0], models: ProviderParts["models"]) {
    const find = (signal: AbortSignal) => models.find(modelId, signal);
    return { params, alias: modelId, find, known: () => models.known(modelId), open: models.open };
  }
}

function embeddingModel(modelId: string, open: () => Promise<ProviderParts>): EmbeddingModelV4 {
  return {
    specificationVersion: "v4",
    provider: "millrace",
    modelId,
    // Requests are cut to what the provider takes.
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    async doEmbed({ values, dimensions, abortSignal, providerOptions }) {
      const { own } = readCallOptions({ prompt: [], ...(providerOptions === undefined ? {} : { providerOptions }) });
      const { embed } = await open();
      try {
        const { vectors, model, reused } = await embed({
          model: modelId,
          texts: values,
          cache: own.cache !== false,
          ...(dimensions === undefined ? {} : { dimensions }),
          ...(abortSignal === undefined ? {} : { signal: abortSignal }),
          ...(own.tags === undefined ? {} : { tags: own.tags }),
          ...(own.tenant === undefined ? {} : { tenant: own.tenant }),
        });
        return {
          embeddings: vectors.map((vector) => Array.from(vector)),
          warnings: [],
          providerMetadata: { millrace: { model, reused } },
        };
      } catch (error) {
        // The caller gets his own reason, as everywhere in the AI SDK.
        abortSignal?.throwIfAborted();
        throw error;
      }
    },
  };
}
