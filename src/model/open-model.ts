import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Endpoint } from "./caller.ts";
import type { ProviderConfig } from "./config.ts";
import type { Embedder, Model } from "./model.ts";
import type { Transport } from "./transport.ts";
import { createWireModel } from "./wire-model.ts";
import { ANTHROPIC_VERSION } from "./wire/anthropic/version.ts";
import type { ChatDialect } from "./wire/openai/encode-request.ts";

/** What a provider offers, opened by id. Nothing is sent yet. */
export interface Provider {
  model(modelId: string): Model;
  /** Rejects with INPUT_INVALID where the provider has no embeddings. */
  embedder(modelId: string): Promise<Embedder>;
}

export interface OpenProviderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
}

/**
 * Opens a provider. `name` is what it is called in the configuration. Anthropic, OpenAI and what speaks as they do are spoken to by our
 * own codecs; any other through its AI SDK package: rejects with PROVIDER_MISSING when that is not installed. What is needed is loaded here.
 */
export async function openProvider(
  name: string,
  config: ProviderConfig,
  { transport, clock }: OpenProviderOptions,
): Promise<Provider> {
  switch (config.kind) {
    case "anthropic": {
      const { createMessagesCodec } = await import("./wire/anthropic/codec.ts");
      const headers = { "x-api-key": config.apiKey, "anthropic-version": ANTHROPIC_VERSION };
      const endpoint: Endpoint = { transport, clock, provider: name, baseUrl: config.baseUrl, headers };
      return {
        model: (modelId) => createWireModel(modelId, createMessagesCodec(modelId), endpoint),
        embedder: () => Promise.reject(noEmbeddings(name)),
      };
    }
    case "openai":
      return await openChatProvider(name, "openai", { ...config, transport, clock });
    case "openai-compatible":
      return await openChatProvider(name, "compatible", { ...config, transport, clock });
    case "ai-sdk": {
      const { openAiSdkProvider } = await import("./ai-sdk-provider.ts");
      return openAiSdkProvider(name, config, { transport, clock });
    }
  }
}

interface ChatProviderOptions extends OpenProviderOptions {
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
}

async function openChatProvider(
  provider: string,
  dialect: ChatDialect,
  { transport, clock, apiKey, baseUrl }: ChatProviderOptions,
): Promise<Provider> {
  const { createChatCodec } = await import("./wire/openai/codec.ts");
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const endpoint: Endpoint = { transport, clock, provider, baseUrl, headers };
  return {
    model: (modelId) => createWireModel(modelId, createChatCodec(modelId, dialect), endpoint),
    async embedder(modelId) {
      const { createWireEmbedder } = await import("./wire-embedder.ts");
      return createWireEmbedder(modelId, dialect, endpoint);
    },
  };
}

function noEmbeddings(name: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `The provider ${name} has no embeddings.`, {
    facts: { provider: name },
    advice: "Name a model of OpenAI or of a local server.",
  });
}
