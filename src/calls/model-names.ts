import { MillraceError } from "../core/errors.ts";
import type { ModelsConfig, ProviderConfig } from "../model/config.ts";

/** A name that was found: where to ask, and for which model. */
export interface ModelName {
  readonly provider: string;
  readonly config: ProviderConfig;
  /** Undefined: whichever the server lists first. */
  readonly model: string | undefined;
}

/** The alias that a call means when it names no model. */
const DEFAULT_ALIAS = "fast";

/** What `fast` means while the configuration does not say: quick, cheap, good at structured answers. */
const DEFAULT_MODELS: Readonly<Record<ProviderConfig["kind"], string | undefined>> = {
  anthropic: "claude-haiku-4-5",
  openai: "gpt-5.4-mini",
  "openai-compatible": undefined,
  "ai-sdk": undefined,
};

/**
 * Finds what a model's name stands for: an alias, or `provider/model` where the model may hold slashes itself. Throws PROVIDER_MISSING
 * when nothing is configured, MODEL_UNKNOWN with the names that would do.
 */
export function findModelName(name: string = DEFAULT_ALIAS, { providers, models }: ModelsConfig): ModelName {
  const first = Object.entries(providers)[0];
  if (first === undefined) throw new MillraceError("PROVIDER_MISSING", "No model provider is configured.");
  const target = Object.hasOwn(models, name) ? models[name] : undefined;
  if (target === undefined && name === DEFAULT_ALIAS) {
    const [provider, config] = first;
    return { provider, config, model: DEFAULT_MODELS[config.kind] };
  }
  const full = target ?? name;
  const slash = full.indexOf("/");
  const provider = full.slice(0, Math.max(0, slash));
  const model = full.slice(slash + 1);
  const config = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (config === undefined || model === "") throw modelUnknown(name, target, { providers, models });
  return { provider, config, model };
}

function modelUnknown(
  name: string,
  target: string | undefined,
  { providers, models }: Pick<ModelsConfig, "providers" | "models">,
): MillraceError {
  const aliases = [...new Set([DEFAULT_ALIAS, ...Object.keys(models)])];
  const providerNames = Object.keys(providers);
  const what =
    target === undefined
      ? `"${name}" is not a model`
      : `The alias "${name}" stands for "${target}", which is not a model`;
  return new MillraceError(
    "MODEL_UNKNOWN",
    `${what}. Aliases: ${aliases.join(", ")}. Providers: ${providerNames.join(", ")}.`,
    {
      facts: { name, aliases, providers: providerNames },
      advice: `Write one of the aliases, or ${providerNames.map((each) => `${each}/MODEL`).join(" or ")}.`,
    },
  );
}
