import type { LanguageModelV4Usage } from "@ai-sdk/provider";

/** Tokens of one request. `input` is all of it, the prompt cache's part included, whichever way the provider counts. */
export interface Tokens {
  /** Null where the provider did not say. */
  readonly input: number | null;
  readonly output: number | null;
  /** Read from the prompt cache. */
  readonly cacheRead: number;
  /** Written to the prompt cache for minutes. */
  readonly cacheWrite: number;
  /** Written to the prompt cache for an hour. */
  readonly cacheWrite1h: number;
  /** The part of the output that was thought and not said. */
  readonly reasoning?: number;
}

/** Tokens of a request that ended without saying what it used. */
export const UNKNOWN_TOKENS: Tokens = { input: null, output: null, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };

/** Converts what the model contract reports. */
export function toTokens({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Tokens {
  const written = inputTokens.cacheWrite ?? 0;
  const writtenForHour = Math.min(written, hourWrites(raw));
  return {
    input: inputTokens.total ?? null,
    output: outputTokens.total ?? null,
    cacheRead: inputTokens.cacheRead ?? 0,
    cacheWrite: written - writtenForHour,
    cacheWrite1h: writtenForHour,
    reasoning: outputTokens.reasoning ?? 0,
  };
}

/** Only Anthropic tells writes apart, in a field which the contract passes on as it came. */
function hourWrites(raw: LanguageModelV4Usage["raw"]): number {
  const creation = raw?.["cache_creation"];
  if (typeof creation !== "object" || creation === null) return 0;
  const tokens = (creation as Readonly<Record<string, unknown>>)["ephemeral_1h_input_tokens"];
  return typeof tokens === "number" ? tokens : 0;
}
