import type { Fields, Prompt, PromptBlock, ServiceTier } from "../question.ts";

const MINUTE_MS = 60_000;
/** How long an unused prefix is kept in memory: 5 to 10 minutes are documented. */
const IN_MEMORY_MS = 10 * MINUTE_MS;
const LONG_MS = 24 * 60 * MINUTE_MS;

/** The prompt of a request, which the provider caches by itself. */
export function toPrompt(body: Fields, texts: readonly string[]): Prompt {
  const { prompt_cache_key: key, prompt_cache_retention: retention } = body;
  return {
    blocks: texts.filter((text) => text !== "").map((text): PromptBlock => ({ text, ttl: undefined })),
    caching: {
      kind: "prefix",
      key: typeof key === "string" ? key : "",
      ttlMs: retention === "24h" ? LONG_MS : IN_MEMORY_MS,
    },
  };
}

/** Reads `service_tier`; what is not told apart here is standard. */
export function toServiceTier(tier: unknown): ServiceTier {
  if (tier === "flex") return "flex";
  return tier === "priority" || tier === "fast" ? "priority" : "standard";
}

/** The name under which a tier comes back. */
export function tierName(tier: ServiceTier): string {
  return tier === "standard" || tier === "batch" ? "default" : tier;
}

/** Reads a number of tokens; undefined for anything else. */
export function tokensOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}
