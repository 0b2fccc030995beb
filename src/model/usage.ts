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

/** More than any model reads or writes at once: a server that tells of more counts something else. */
const MOST_TOKENS = 1e9;

/** Converts what the model contract reports. Budgets stand on it, so what cannot be a number of tokens is not known, and no part is larger than its whole. */
export function toTokens({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Tokens {
  const input = toCount(inputTokens.total);
  const output = toCount(outputTokens.total);
  const read = Math.min(toCount(inputTokens.cacheRead) ?? 0, input ?? MOST_TOKENS);
  const written = Math.min(toCount(inputTokens.cacheWrite) ?? 0, (input ?? MOST_TOKENS) - read);
  const writtenForHour = Math.min(written, hourWrites(raw));
  return {
    input,
    output,
    cacheRead: read,
    cacheWrite: written - writtenForHour,
    cacheWrite1h: writtenForHour,
    reasoning: Math.min(toCount(outputTokens.reasoning) ?? 0, output ?? MOST_TOKENS),
  };
}

/** Reads a number of tokens; null where it is none. */
export function toCount(value: number | null | undefined): number | null {
  return typeof value === "number" && value >= 0 && value <= MOST_TOKENS ? Math.ceil(value) : null;
}

/** Only Anthropic tells writes apart, in a field which the contract passes on as it came. */
function hourWrites(raw: LanguageModelV4Usage["raw"]): number {
  const creation = raw?.["cache_creation"];
  if (typeof creation !== "object" || creation === null) return 0;
  const tokens = (creation as Readonly<Record<string, unknown>>)["ephemeral_1h_input_tokens"];
  return typeof tokens === "number" ? (toCount(tokens) ?? 0) : 0;
}
