import type { Clock } from "../core/clock.ts";
import type { ModelsConfig, ProviderConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import { listModels } from "../model/list-models.ts";
import type { Embedder, Model } from "../model/model.ts";
import type { Provider } from "../model/open-model.ts";
import { priceOf } from "../model/prices.ts";
import type { Transport } from "../model/transport.ts";
import type { Tokens } from "../model/usage.ts";
import { findModelName, type ModelName } from "./model-names.ts";

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
  readonly model: Model;
  readonly priceOf: (tokens: Tokens) => number | null;
}

/** Finds models by name: aliases, `provider/model`, or nothing for the default; and opens them. */
export interface Models {
  /** Throws PROVIDER_MISSING or MODEL_UNKNOWN; rejects with what the server's list of models answered. */
  find(name: string | undefined, signal: AbortSignal): Promise<ModelRef>;
  /** The same at once, where nobody need be asked; undefined otherwise, and for a name that is not known. */
  known(name: string | undefined): ModelRef | undefined;
  /** What the model's tokens cost in US dollars; null where that is not known. */
  priceOf(model: ModelRef): (tokens: Tokens) => number | null;
  /** Opens an embedder of a provider. Rejects with INPUT_INVALID where the provider has no embeddings. */
  openEmbedder(model: ModelRef): Promise<Embedder>;
  /** Opens the model's provider, which loads the package of one that needs one. At once where it is open already. */
  open(model: ModelRef): OpenedModel | Promise<OpenedModel>;
  /** Opens the default provider, if there is one. */
  preload(): Promise<void>;
}

export interface CreateModelsOptions {
  readonly transport: Transport;
  readonly clock: Clock;
}

const MOST_OPEN = 1_000;

/** Creates the models of a configuration. Each provider is opened with its first model, and each model once. */
export function createModels(config: ModelsConfig, { transport, clock }: CreateModelsOptions): Models {
  const loading = new Map<string, Promise<Provider>>();
  const firstListed = new Map<string, string>();
  /** Kept open: a model remembers what its provider said of its limits. */
  const open = new Map<string, OpenedModel>();
  /** By the name that was asked for. */
  const refs = new Map<string | undefined, ModelRef>();

  function priceOfModel({ provider, kind, model }: ModelRef): OpenedModel["priceOf"] {
    return priceOf({ provider, kind, model, prices: config.prices });
  }

  function load(provider: string): Promise<Provider> {
    const known = loading.get(provider);
    if (known !== undefined) return known;
    const load = openLate(provider);
    loading.set(provider, load);
    load.catch(() => loading.delete(provider));
    return load;
  }

  /** Wire formats and all that reads them are loaded with the first call, not at the start. */
  async function openLate(provider: string): Promise<Provider> {
    const { openProvider } = await import("../model/open-model.ts");
    return await openProvider(provider, requireProvider(provider), { transport, clock });
  }

  function requireProvider(provider: string): ProviderConfig {
    const found = config.providers[provider];
    if (found === undefined) throw new RangeError(`there is no provider ${provider}`);
    return found;
  }

  async function firstModel(provider: string, signal: AbortSignal): Promise<string> {
    const known = firstListed.get(provider);
    if (known !== undefined) return known;
    const config = requireProvider(provider);
    if (config.kind === "ai-sdk") {
      throw new ModelFailure("model-missing", { detail: "its package lists no models; set the alias fast" });
    }
    const list = await listModels(config, transport.fetch, signal);
    if (!list.ok)
      throw new ModelFailure("unusable", { detail: "its list of models cannot be read", status: list.status });
    const [first] = list.models;
    if (first === undefined) {
      throw new ModelFailure("model-missing", { detail: "the server lists no models; load one or set the alias fast" });
    }
    firstListed.set(provider, first);
    return first;
  }

  function keepRef(name: string | undefined, { provider, config: { kind } }: ModelName, model: string): ModelRef {
    const ref = { name: `${provider}/${model}`, provider, model, kind };
    const [oldest] = refs.size < MOST_OPEN ? [] : refs.keys();
    if (refs.size >= MOST_OPEN) refs.delete(oldest);
    refs.set(name, ref);
    return ref;
  }

  async function openModel(ref: ModelRef): Promise<OpenedModel> {
    const model = { model: (await load(ref.provider)).model(ref.model), priceOf: priceOfModel(ref) };
    const [oldest] = open.size < MOST_OPEN ? [] : open.keys();
    if (oldest !== undefined) open.delete(oldest);
    open.set(ref.name, model);
    return model;
  }

  return {
    known(name) {
      const known = refs.get(name);
      if (known !== undefined) return known;
      const found = lookUp(name, config);
      const model = found?.model ?? firstListed.get(found?.provider ?? "");
      return found === undefined || model === undefined ? undefined : keepRef(name, found, model);
    },
    async find(name, signal) {
      const known = refs.get(name);
      if (known !== undefined) return known;
      const found = findModelName(name, config);
      return keepRef(name, found, found.model ?? (await firstModel(found.provider, signal)));
    },
    priceOf: priceOfModel,
    async openEmbedder({ provider, model }) {
      return await (await load(provider)).embedder(model);
    },
    open: (ref) => open.get(ref.name) ?? openModel(ref),
    async preload() {
      const [first] = Object.keys(config.providers);
      if (first !== undefined) await load(first);
    },
  };
}

function lookUp(name: string | undefined, config: ModelsConfig): ModelName | undefined {
  try {
    return findModelName(name, config);
  } catch {
    // Whoever asks for it gets the error.
    return undefined;
  }
}
