import { type Tokens, UNKNOWN_TOKENS } from "../model/usage.ts";
import type { CallUsage } from "./ai.ts";

/** What one call used, over all of its requests. */
export interface Tally {
  /** A request leaves. */
  sent(): void;
  /** A request told what it used. */
  used(tokens: Tokens, usd: number | null): void;
  /** A request ended without telling, and may have been charged for. */
  usedUnknown(): void;
  total(): { readonly requests: number; readonly usage: CallUsage; readonly usd: number | null };
  /** The tokens that are known of, for counters that take numbers only. */
  known(): { readonly inputTokens: number; readonly outputTokens: number };
}

/** Creates a tally. One part that is not known makes the sum unknown, instead of too small. */
export function createTally(): Tally {
  let requests = 0;
  let usd: number | null = 0;
  let input: number | null = 0;
  let output: number | null = 0;
  let knownInput = 0;
  let knownOutput = 0;

  function used(tokens: Tokens, price: number | null): void {
    usd = sum(usd, price);
    input = sum(input, tokens.input);
    output = sum(output, tokens.output);
    knownInput += tokens.input ?? 0;
    knownOutput += tokens.output ?? 0;
  }

  return {
    sent: () => void requests++,
    used,
    usedUnknown: () => used(UNKNOWN_TOKENS, null),
    total: () => ({ requests, usage: { inputTokens: input, outputTokens: output }, usd }),
    known: () => ({ inputTokens: knownInput, outputTokens: knownOutput }),
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
