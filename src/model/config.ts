/** How to reach a provider. Base URLs end in `/v1` (or what the server has in its place), without a slash behind it. */
export type ProviderConfig =
  | { readonly kind: "anthropic"; readonly apiKey: string; readonly baseUrl: string }
  | { readonly kind: "openai"; readonly apiKey: string; readonly baseUrl: string }
  /** Ollama, vLLM, LM Studio and whatever else speaks chat completions. */
  | { readonly kind: "openai-compatible"; readonly apiKey: string | undefined; readonly baseUrl: string }
  /** Any other provider, through its AI SDK package: `@ai-sdk/mistral`. What is left out, the package looks for itself. */
  | {
      readonly kind: "ai-sdk";
      readonly package: string;
      readonly apiKey: string | undefined;
      readonly baseUrl: string | undefined;
    };

/** Price of a model in US dollars per million tokens, and the day on which it was read (YYYY-MM-DD). */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly asOf: string;
}

export interface ModelsConfig {
  /** By the name that stands before the slash in `provider/model`. */
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  /** Aliases: `fast` to `provider/model`. */
  readonly models: Readonly<Record<string, string>>;
  /** By `provider/model`; these win over the table that Millrace brings. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
}
