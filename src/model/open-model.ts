import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ProviderConfig } from "./config.ts";

/** Opens a model of a provider by its id. Nothing is sent yet. */
export type OpenModel = (modelId: string) => LanguageModelV4;

/** Loads the package of a provider's kind, and no other. `name` is what the provider is called in the configuration. */
export async function loadProvider(
  name: string,
  config: ProviderConfig,
  fetch: typeof globalThis.fetch,
): Promise<OpenModel> {
  switch (config.kind) {
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return createAnthropic({ apiKey: config.apiKey, baseURL: config.baseUrl, fetch });
    }
    case "openai": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      const provider = createOpenAI({ apiKey: config.apiKey, baseURL: config.baseUrl, fetch });
      return (modelId) => provider.chat(modelId);
    }
    case "openai-compatible": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      return createOpenAICompatible({
        name,
        baseURL: config.baseUrl,
        fetch,
        includeUsage: true,
        supportsStructuredOutputs: true,
        ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
      });
    }
  }
}
