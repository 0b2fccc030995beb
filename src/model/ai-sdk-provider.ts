import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import { MillraceError } from "../core/errors.ts";
import type { ProviderConfig } from "./config.ts";
import { embedderFromAiSdk, fromAiSdk } from "./from-ai-sdk.ts";
import type { OpenProviderOptions, Provider } from "./open-model.ts";

type AiSdkConfig = Extract<ProviderConfig, { kind: "ai-sdk" }>;

/** What the provider of a package must offer: ProviderV4 of the specification. */
interface AiSdkProvider {
  languageModel(modelId: string): LanguageModelV4;
  embeddingModel?(modelId: string): EmbeddingModelV4;
}

/** What every package calls its factory: `createMistral`, `createXai`. */
const FACTORY = /^create[A-Z]/;

/** Opens a provider through its AI SDK package, over our transport. Rejects with PROVIDER_MISSING or CONFIG_INVALID. */
export async function openAiSdkProvider(
  name: string,
  config: AiSdkConfig,
  { transport, clock }: OpenProviderOptions,
): Promise<Provider> {
  const module = await load(name, config.package);
  const [, create] =
    Object.entries(module).find(([key, value]) => FACTORY.test(key) && typeof value === "function") ?? [];
  if (create === undefined) throw unfit(name, config, "it has no function create…");
  const { apiKey, baseUrl: baseURL } = config;
  const provider = (create as (options: object) => AiSdkProvider)({
    fetch: transport.fetch,
    // What the package for compatible servers wants to be told; the others pay no heed to it.
    name,
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseURL === undefined ? {} : { baseURL }),
  });

  function requireV4<M extends { readonly specificationVersion: string }>(model: M): M {
    if (model.specificationVersion === "v4") return model;
    throw unfit(name, config, `it speaks specification ${model.specificationVersion}, and v4 is needed`);
  }

  return {
    model: (modelId) => fromAiSdk(requireV4(provider.languageModel(modelId)), { provider: name, clock }),
    async embedder(modelId) {
      if (provider.embeddingModel === undefined) throw unfit(name, config, "it has no embedding models");
      return embedderFromAiSdk(requireV4(provider.embeddingModel(modelId)), { provider: name, clock });
    },
  };
}

/** Imports a package from where Millrace is installed, or else from the folder it was started in. */
async function load(name: string, packageName: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(packageName)) as Record<string, unknown>;
  } catch (error) {
    const path = resolveFromHere(packageName);
    if (path !== undefined) return (await import(path)) as Record<string, unknown>;
    throw new MillraceError(
      "PROVIDER_MISSING",
      `The provider ${name} needs the package ${packageName}, which cannot be loaded.`,
      {
        facts: { provider: name, package: packageName },
        cause: error,
        advice: `Install it: npm install ${packageName}`,
      },
    );
  }
}

function resolveFromHere(packageName: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(process.cwd(), "package.json")).resolve(packageName)).href;
  } catch {
    return undefined;
  }
}

function unfit(name: string, config: AiSdkConfig, why: string): MillraceError {
  return new MillraceError(
    "CONFIG_INVALID",
    `The package ${config.package} of the provider ${name} does not fit: ${why}.`,
    {
      facts: { provider: name, package: config.package },
      advice: "Name an AI SDK provider package of specification version 4.",
    },
  );
}
