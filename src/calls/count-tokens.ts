import type { Clock } from "../core/clock.ts";
import type { ModelsConfig } from "../model/config.ts";
import type { ModelCall } from "../model/model.ts";
import type { Transport } from "../model/transport.ts";
import { createMessagesCodec } from "../model/wire/anthropic/codec.ts";
import { fieldsOf, numberOf, parseJson } from "../model/wire/fields.ts";
import { startDeadline } from "../resilience/deadline.ts";
import { estimateCall, estimatePrompt } from "./estimate.ts";
import { fitCall } from "./fit-call.ts";
import type { ModelRef } from "./models.ts";
import { createProviderSender } from "./provider-sender.ts";

export interface CountTokensOptions {
  readonly config: ModelsConfig;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** How long the input of a call is. */
export interface CountedTokens {
  readonly inputTokens: number;
  /** False: the provider did not say, and this is an estimate from above. */
  readonly isExact: boolean;
}

const COUNT_MS = 5_000;
/** What the counting API takes (platform.claude.com/docs, api/messages-count-tokens); it refuses all else. */
const COUNTED = new Set(["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"]);

/** Counts as the provider does: Anthropic is asked, which costs nothing, for at most 5 s. What cannot be asked is estimated; it never fails. */
export function createCountTokens({
  config,
  transport,
  clock,
}: CountTokensOptions): (model: ModelRef, call: ModelCall, signals: readonly AbortSignal[]) => Promise<CountedTokens> {
  async function ask(model: ModelRef, call: ModelCall, signal: AbortSignal): Promise<number | undefined> {
    const provider = config.providers[model.provider];
    if (provider?.kind !== "anthropic") return undefined;
    const request = JSON.parse(
      createMessagesCodec(model.model).encode(fitCall(call, "anthropic"), false).body,
    ) as object;
    const body = JSON.stringify(Object.fromEntries(Object.entries(request).filter(([field]) => COUNTED.has(field))));
    const sender = createProviderSender(provider, { transport, now: () => clock.now() });
    return numberOf(
      fieldsOf(parseJson(await sender.text({ method: "POST", path: "/messages/count_tokens", body, signal })))[
        "input_tokens"
      ],
    );
  }

  return async (model, call, signals) => {
    using deadline = startDeadline({ clock, ms: COUNT_MS, signals });
    const told = await ask(model, call, deadline.signal).catch(() => undefined);
    if (told !== undefined) return { inputTokens: told, isExact: true };
    return { inputTokens: estimatePrompt(call.prompt) + estimateCall(call), isExact: false };
  };
}
