import type { ServiceTier } from "../question.ts";
import type { Usage } from "./usage.ts";

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
}

/** What a model costs that has no price: round figures, so that a sum can be checked by hand. */
export const DEFAULT_PRICE: ModelPrice = { input: 1, output: 5 };

/** Relative to the input price, in both lanes; OpenAI's lane has no writes. */
const CACHE_READ = 0.1;
const CACHE_WRITE_5M = 1.25;
const CACHE_WRITE_1H = 2;

const TIERS: Readonly<Record<ServiceTier, number>> = { standard: 1, flex: 0.5, priority: 2, batch: 0.5 };

/** What an answer costs, in US dollars. */
export function usdOf(usage: Usage, { input, output }: ModelPrice, tier: ServiceTier): number {
  const weighted =
    usage.inputTokens +
    usage.cacheReadTokens * CACHE_READ +
    usage.cacheWrite5mTokens * CACHE_WRITE_5M +
    usage.cacheWrite1hTokens * CACHE_WRITE_1H;
  return ((weighted * input + usage.outputTokens * output) * TIERS[tier]) / 1e6;
}
