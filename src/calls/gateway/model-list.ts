import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { ModelsConfig } from "../../model/config.ts";
import type { AiFactory } from "../create-ai.ts";

/** A model as the clients of both APIs read it. */
export interface ListedModel {
  readonly id: string;
  readonly object: "model";
  readonly type: "model";
  readonly display_name: string;
  readonly owned_by: string;
  /** Seconds since the epoch; providers that are asked through their lists tell no time here. */
  readonly created: number;
  readonly created_at: string;
}

export interface ModelList {
  all(signal: AbortSignal): Promise<object>;
  /** Throws MODEL_UNKNOWN. */
  one(id: string, signal: AbortSignal): Promise<ListedModel>;
}

export interface ModelListOptions {
  readonly ai: Pick<AiFactory, "list">;
  readonly config: ModelsConfig;
  readonly clock: Clock;
}

/** How long a list is taken for true, in milliseconds. */
const FRESH_MS = 300_000;

/** Lists the aliases, and what the providers say they have, as `provider/model`. */
export function createModelList({ ai, config, clock }: ModelListOptions): ModelList {
  let known: { readonly models: readonly ListedModel[]; readonly at: number } | undefined;

  async function load(signal: AbortSignal): Promise<readonly ListedModel[]> {
    if (known !== undefined && clock.monotonic() - known.at < FRESH_MS) return known.models;
    const aliases = Object.keys({ fast: "", ...config.models }).map((alias) => toModel(alias, "millrace"));
    const asked = await ai.list(signal);
    const listed = asked.flatMap(({ provider, models = [] }) =>
      models.map((model) => toModel(`${provider}/${model}`, provider)),
    );
    const models = [...aliases, ...listed];
    if (asked.every((each) => each.models !== undefined)) known = { models, at: clock.monotonic() };
    return models;
  }

  return {
    async all(signal) {
      const data = await load(signal);
      return {
        object: "list",
        data,
        has_more: false,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      };
    },
    async one(id, signal) {
      const found = (await load(signal)).find((model) => model.id === id || model.id.endsWith(`/${id}`));
      if (found !== undefined) return found;
      throw new MillraceError("MODEL_UNKNOWN", `"${id}" is not a model that is listed here.`, { facts: { name: id } });
    },
  };
}

function toModel(id: string, owner: string): ListedModel {
  return {
    id,
    object: "model",
    type: "model",
    display_name: id,
    owned_by: owner,
    created: 0,
    created_at: "1970-01-01T00:00:00Z",
  };
}
