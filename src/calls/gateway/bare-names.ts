import type { ModelsConfig, ProviderConfig } from "../../model/config.ts";

const KIND_BY_NAME: readonly (readonly [RegExp, ProviderConfig["kind"]])[] = [
  [/^claude-/, "anthropic"],
  [/^(?:gpt-|chatgpt-|o\d|text-embedding-)/, "openai"],
];

/**
 * The full name of a model. Clients that know only their own provider ask for `gpt-5.4-mini` or `claude-haiku-4-5`: that is the first provider
 * which such a model is known to be at, else the first that speaks the client's API. An alias, or a name with a provider, stays what it is.
 */
export function findByBareName(
  name: string,
  { providers, models }: Pick<ModelsConfig, "providers" | "models">,
  kinds: readonly ProviderConfig["kind"][],
): string {
  if (Object.hasOwn(models, name) || name === "fast") return name;
  const slash = name.indexOf("/");
  if (slash > 0 && Object.hasOwn(providers, name.slice(0, slash))) return name;
  const known = KIND_BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  for (const kind of known === undefined ? kinds : [known, ...kinds]) {
    const provider = Object.keys(providers).find((each) => providers[each]?.kind === kind);
    if (provider !== undefined && name !== "") return `${provider}/${name}`;
  }
  return name;
}
