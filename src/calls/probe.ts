import type { Clock } from "../core/clock.ts";
import type { ModelsConfig, ProviderConfig } from "../model/config.ts";
import { FAILURES } from "../model/failure.ts";
import { listModels, type ModelList } from "../model/list-models.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import type { Transport } from "../model/transport.ts";
import { startDeadline } from "../resilience/deadline.ts";

/** Whether a provider can be reached with what is configured, in words. */
export interface ProviderProbe {
  readonly provider: string;
  readonly baseUrl: string;
  readonly ok: boolean;
  readonly detail: string;
}

const PROBE_MS = 5_000;

export interface ProbeParams {
  readonly config: ModelsConfig;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  /** Each ends the probing. */
  readonly signals: readonly AbortSignal[];
}

/** Asks all providers at once for their models. */
export function probeProviders({ config, ...params }: ProbeParams): Promise<readonly ProviderProbe[]> {
  return Promise.all(Object.entries(config.providers).map(([name, provider]) => probe(name, provider, params)));
}

async function probe(
  name: string,
  config: ProviderConfig,
  { transport, clock, redact, signals }: Omit<ProbeParams, "config">,
): Promise<ProviderProbe> {
  const about = { provider: name, baseUrl: redact(config.baseUrl ?? "") };
  if (config.kind === "ai-sdk") {
    return { ...about, ok: true, detail: `not asked: only ${config.package} knows how` };
  }
  using deadline = startDeadline({ clock, ms: PROBE_MS, signals });
  try {
    return { ...about, ...verdictOn(await listModels(config, transport.fetch, deadline.signal)) };
  } catch (error) {
    if (deadline.isOver()) return { ...about, ok: false, detail: `no answer within ${PROBE_MS / 1_000} s` };
    if (deadline.signal.aborted) return { ...about, ok: false, detail: "not asked to the end" };
    const failure = toModelFailure(error, clock.now());
    return { ...about, ok: false, detail: redact(`${FAILURES[failure.kind].says}: ${failure.detail}`) };
  }
}

function verdictOn(list: ModelList): Pick<ProviderProbe, "ok" | "detail"> {
  if (!list.ok) {
    const isKeyBad = list.status === 401 || list.status === 403;
    return { ok: false, detail: isKeyBad ? `does not accept the key (${list.status})` : `answered ${list.status}` };
  }
  const { length } = list.models;
  if (length === 0) return { ok: true, detail: "reachable, lists no models" };
  return {
    ok: true,
    detail: `reachable, ${length} ${length === 1 ? "model" : "models"}, for example ${list.models[0]}`,
  };
}
