import type { CallsConfig } from "./calls/config.ts";
import { knownProviders } from "./config-providers.ts";
import { didYouMean } from "./core/nearest.ts";

/** Names that the rest of the configuration gives. */
export interface CallNames {
  /** Aliases of `models`. */
  readonly aliases: readonly string[];
  /** Those of `providers`, with or without a key. */
  readonly providers: readonly string[];
}

/** The alias that a call means when it names no model: it is there also while the configuration does not say. */
const DEFAULT_ALIAS = "fast";

/**
 * Names what `calls` says of models that there cannot be: each mistake with its place and the nearest name. A provider that has no key here may
 * have one elsewhere, so it is none.
 */
export function checkCallNames(
  { fallback = {}, perModel = {} }: Pick<CallsConfig, "fallback" | "perModel">,
  names: CallNames,
): readonly string[] {
  const mistakes: string[] = [];
  const look = (place: string, name: string): void => {
    const mistake = mistakeIn(name, names);
    if (mistake !== undefined) mistakes.push(`${place}: ${mistake}`);
  };
  for (const name of Object.keys(perModel)) look(`calls.perModel.${name}`, name);
  for (const [name, standIns] of Object.entries(fallback)) {
    look(`calls.fallback.${name}`, name);
    for (const [index, standIn] of standIns.entries()) {
      look(`calls.fallback.${name}.${index}`, standIn);
      if (standIn === name) mistakes.push(`calls.fallback.${name}.${index}: a model cannot stand in for itself.`);
    }
  }
  return mistakes;
}

/** Names aliases that stand for a model of a provider that there cannot be. */
export function checkAliases(
  models: Readonly<Record<string, string>>,
  names: CallNames,
  placeOf: (alias: string) => string,
): readonly string[] {
  return Object.entries(models).flatMap(([alias, model]) => {
    const mistake = mistakeIn(model, names);
    return mistake === undefined ? [] : [`${placeOf(alias)}: ${mistake}`];
  });
}

function mistakeIn(name: string, { aliases, providers }: CallNames): string | undefined {
  const all = [...new Set([DEFAULT_ALIAS, ...aliases])];
  if (all.includes(name)) return undefined;
  const slash = name.indexOf("/");
  if (slash === -1) {
    return `"${name}" is no alias: write one of ${all.join(", ")}, or provider/model.${didYouMean(name, all)}`;
  }
  const provider = name.slice(0, slash);
  const known = [...new Set([...providers, ...knownProviders()])];
  if (known.includes(provider) && slash < name.length - 1) return undefined;
  if (known.includes(provider)) return `"${name}" names no model after the slash.`;
  return `there is no provider "${provider}": set it under providers, or write one of ${known.join(", ")}.${didYouMean(provider, known)}`;
}

/** Names budgets of automations that there are not. */
export function checkBudgetNames(
  { perAutomation = {} }: NonNullable<CallsConfig["budgets"]>,
  automations: readonly string[],
): readonly string[] {
  return Object.keys(perAutomation)
    .filter((name) => name !== "*" && !automations.includes(name))
    .map((name) => `calls.budgets.perAutomation.${name}: there is no such automation.${didYouMean(name, automations)}`);
}
