import type { Clock } from "../core/clock.ts";
import type { ModelsConfig } from "../model/config.ts";
import { listModels } from "../model/list-models.ts";
import type { Transport } from "../model/transport.ts";
import { startDeadline } from "../resilience/deadline.ts";

/** The models of one provider, by its own names. */
export interface ProviderModels {
  readonly provider: string;
  /** Undefined: it could not be asked. */
  readonly models: readonly string[] | undefined;
}

export interface ListAllModelsOptions {
  readonly config: ModelsConfig;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signals: readonly AbortSignal[];
}

const LIST_MS = 5_000;

/** Asks all providers at once for their models, for at most 5 s. Never rejects because of a provider. */
export function listAllModels({
  config,
  transport,
  clock,
  signals,
}: ListAllModelsOptions): Promise<readonly ProviderModels[]> {
  return Promise.all(
    Object.entries(config.providers).map(async ([provider, given]): Promise<ProviderModels> => {
      if (given.kind === "ai-sdk") return { provider, models: undefined };
      using deadline = startDeadline({ clock, ms: LIST_MS, signals });
      const list = await listModels(given, transport.fetch, deadline.signal).catch(() => undefined);
      return { provider, models: list?.ok === true ? list.models : undefined };
    }),
  );
}
