import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ModelsConfig, ProviderConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import { listModels } from "../model/list-models.ts";
import { loadProvider, type OpenModel } from "../model/open-model.ts";
import { priceOf } from "../model/prices.ts";
import type { Transport } from "../model/transport.ts";
import type { Tokens } from "../model/usage.ts";
import { findModelName } from "./model-names.ts";

/** A model ready to be asked. */
export interface OpenedModel {
  /** `provider/model`. */
  readonly name: string;
  readonly kind: ProviderConfig["kind"];
  readonly language: LanguageModelV4;
  readonly priceOf: (tokens: Tokens) => number | null;
}

/** Opens models by name: aliases, `provider/model`, or nothing for the default. */
export interface Models {
  /** Throws PROVIDER_MISSING or MODEL_UNKNOWN; rejects with what the server's list of models answered. */
  open(name: string | undefined, signal: AbortSignal): Promise<OpenedModel>;
  /** Loads the package of the default provider, if there is one. */
  preload(): Promise<void>;
}

/** Creates the models of a configuration. Each provider's package is loaded with its first model. */
export function createModels(config: ModelsConfig, transport: Transport): Models {
  const loading = new Map<string, Promise<OpenModel>>();
  const firstListed = new Map<string, string>();

  function load(provider: string, providerConfig: ProviderConfig): Promise<OpenModel> {
    const known = loading.get(provider);
    if (known !== undefined) return known;
    const load = loadProvider(provider, providerConfig, transport.fetch);
    loading.set(provider, load);
    load.catch(() => loading.delete(provider));
    return load;
  }

  async function firstModel(provider: string, providerConfig: ProviderConfig, signal: AbortSignal): Promise<string> {
    const known = firstListed.get(provider);
    if (known !== undefined) return known;
    const list = await listModels(providerConfig, transport.fetch, signal);
    if (!list.ok)
      throw new ModelFailure("unusable", { detail: "its list of models cannot be read", status: list.status });
    const [first] = list.models;
    if (first === undefined) {
      throw new ModelFailure("model-missing", { detail: "the server lists no models; load one or set the alias fast" });
    }
    firstListed.set(provider, first);
    return first;
  }

  return {
    async open(name, signal) {
      const found = findModelName(name, config);
      const { provider, config: providerConfig } = found;
      const model = found.model ?? (await firstModel(provider, providerConfig, signal));
      const openModel = await load(provider, providerConfig);
      return {
        name: `${provider}/${model}`,
        kind: providerConfig.kind,
        language: openModel(model),
        priceOf: priceOf({ provider, kind: providerConfig.kind, model, prices: config.prices }),
      };
    },
    async preload() {
      const [first] = Object.entries(config.providers);
      if (first !== undefined) await load(...first);
    },
  };
}
