import type { ProviderConfig } from "./model/config.ts";
import type { WireProviderConfig } from "./model/list-models.ts";

/** A provider as the user writes it: each part may come from the file or from a variable. */
export interface UserProvider {
  /** Which protocol it speaks. Default: by its name, and `openai-compatible` for names Millrace does not know. */
  readonly kind?: ProviderConfig["kind"] | undefined;
  /** With the kind `ai-sdk`: the AI SDK package that knows the provider, for example `@ai-sdk/mistral`. */
  readonly package?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
}

interface KnownProvider {
  readonly kind: WireProviderConfig["kind"];
  readonly baseUrl: string;
}

const KNOWN: Readonly<Record<string, KnownProvider>> = {
  anthropic: { kind: "anthropic", baseUrl: "https://api.anthropic.com/v1" },
  openai: { kind: "openai", baseUrl: "https://api.openai.com/v1" },
  ollama: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:11434/v1" },
  vllm: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:8000/v1" },
  lmstudio: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1234/v1" },
};

/** Names of the providers that Millrace knows without being told. */
export function knownProviders(): readonly string[] {
  return Object.keys(KNOWN);
}

/** What a server gets that wants a key though none was given: local servers ask for one and ignore it. */
const NO_KEY = "none";

/**
 * Completes a provider: kind by its name, base URL with `/v1`. Undefined when neither key nor address was given. Gives a text that says
 * what is wrong instead when the address cannot be used.
 */
export function toProvider(
  name: string,
  { kind, package: packageName, apiKey, baseUrl }: UserProvider,
): ProviderConfig | string | undefined {
  if (kind === "ai-sdk") {
    if (packageName === undefined) return "needs a package: the AI SDK package of the provider.";
    return { kind, package: packageName, apiKey, baseUrl };
  }
  if (packageName !== undefined) return 'has a package, which only the kind "ai-sdk" takes.';
  if (apiKey === undefined && baseUrl === undefined) return undefined;
  const known = KNOWN[name];
  const speaks = kind ?? known?.kind ?? "openai-compatible";
  const address = baseUrl ?? known?.baseUrl;
  if (address === undefined) return "needs a baseUrl: Millrace does not know where this provider is.";
  const normalised = normaliseBaseUrl(speaks, address);
  if (normalised === undefined) return `"${address}" is not an http or https address.`;
  if (speaks === "openai-compatible") return { kind: speaks, apiKey, baseUrl: normalised };
  return { kind: speaks, apiKey: apiKey ?? NO_KEY, baseUrl: normalised };
}

/**
 * Anthropic's variable holds the address without `/v1`, so it is added unless it is there; for the others only an empty path gets it,
 * since compatible servers put their API anywhere.
 */
function normaliseBaseUrl(kind: WireProviderConfig["kind"], address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const path = url.pathname.replace(/\/+$/, "");
  const needsVersion = kind === "anthropic" ? !path.endsWith("/v1") : path === "";
  return `${url.origin}${needsVersion ? `${path}/v1` : path}`;
}

/** Ollama's own variable also holds `host`, `host:port` or the address it binds to: makes an address to call of it. */
export function ollamaHostToUrl(host: string): string {
  const withScheme = /^https?:\/\//.test(host) ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  if (!URL.canParse(withScheme)) return host;
  const url = new URL(withScheme);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.port === "" && url.protocol === "http:" && !/:80(\/|$)/.test(withScheme)) url.port = "11434";
  return url.href;
}
