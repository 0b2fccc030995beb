import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ModelsConfig, ProviderConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import { listModels } from "../model/list-models.ts";
import { loadProvider, type OpenModel } from "../model/open-model.ts";
import { priceOf } from "../model/prices.ts";
import type { Transport } from "../model/transport.ts";
import type { Tokens } from "../model/usage.ts";
import { findModelName } from "./model-names.ts";

/** A model that is known by name, and may be opened. */
export interface ModelRef {
  /** `provider/model`. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly kind: ProviderConfig["kind"];
}

/** A model ready to be asked. */
export interface OpenedModel {
  readonly language: LanguageModelV4;
  readonly priceOf: (tokens: Tokens) => number | null;
}

/** Finds models by name: aliases, `provider/model`, or nothing for the default; and opens them. */
export interface Models {
  /** Throws PROVIDER_MISSING or MODEL_UNKNOWN; rejects with what the server's list of models answered. */
  find(name: string | undefined, signal: AbortSignal): Promise<ModelRef>;
  /** Loads the package of the model's provider. */
  open(model: ModelRef): Promise<OpenedModel>;
  /** Loads the package of the default provider, if there is one. */
  preload(): Promise<void>;
}

/** Creates the models of a configuration. Each provider's package is loaded with its first model. */
export function createModels(config: ModelsConfig, transport: Transport): Models {
  const loading = new Map<string, Promise<OpenModel>>();
  const firstListed = new Map<string, string>();

  function load(provider: string): Promise<OpenModel> {
    const known = loading.get(provider);
    if (known !== undefined) return known;
    const load = loadProvider(provider, requireProvider(provider), transport.fetch);
    loading.set(provider, load);
    load.catch(() => loading.delete(provider));
    return load;
  }

  function requireProvider(provider: string): ProviderConfig {
    const found = config.providers[provider];
    if (found === undefined) throw new RangeError(`there is no provider ${provider}`);
    return found;
  }

  async function firstModel(provider: string, signal: AbortSignal): Promise<string> {
    const known = firstListed.get(provider);
    if (known !== undefined) return known;
    const list = await listModels(requireProvider(provider), transport.fetch, signal);
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
    async find(name, signal) {
      const { provider, config: providerConfig, model: named } = findModelName(name, config);
      const model = named ?? (await firstModel(provider, signal));
      return { name: `${provider}/${model}`, provider, model, kind: providerConfig.kind };
    },
    async open({ provider, model, kind }) {
      const openModel = await load(provider);
      return { language: openModel(model), priceOf: priceOf({ provider, kind, model, prices: config.prices }) };
    },
    async preload() {
      const [first] = Object.keys(config.providers);
      if (first !== undefined) await load(first);
    },
  };
}
