import type { ModelPrice, ProviderConfig } from "./config.ts";
import type { Tokens } from "./usage.ts";

/** A price with what the provider charges for its prompt cache, relative to the input price. */
interface ListPrice extends ModelPrice {
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Above so many input tokens in one request the provider charges more than is listed here: the price is not known. */
  readonly upToInputTokens?: number;
}

/**
 * Anthropic's list prices as on platform.claude.com/docs/en/about-claude/pricing, standard tier, US dollars per million tokens.
 * Cache writes are those of five minutes; one hour costs 2 times the input price.
 */
const ANTHROPIC = { cacheRead: 0.1, cacheWrite: 1.25, asOf: "2026-10-24" } as const;

/** OpenAI's list prices as on developers.openai.com/api/docs/pricing, standard tier, US dollars per million tokens. */
const OPENAI = { cacheRead: 0.1, cacheWrite: 1, asOf: "2026-06-04" } as const;

/** By `kind/model`. A model that is not here has no known price: set it under `prices` in the configuration. */
const LIST_PRICES: Readonly<Record<string, ListPrice>> = {
  "anthropic/claude-fable-5-1": { input: 10, output: 50, ...ANTHROPIC, cacheRead: 0.025 },
  "anthropic/claude-fable-5": { input: 10, output: 50, ...ANTHROPIC },
  "anthropic/claude-opus-5-5": { input: 4, output: 20, ...ANTHROPIC, cacheRead: 0.05 },
  "anthropic/claude-opus-5": { input: 5, output: 25, ...ANTHROPIC },
  "anthropic/claude-opus-4-8": { input: 5, output: 25, ...ANTHROPIC },
  "anthropic/claude-opus-4-7": { input: 5, output: 25, ...ANTHROPIC },
  "anthropic/claude-opus-4-6": { input: 5, output: 25, ...ANTHROPIC },
  "anthropic/claude-opus-4-5": { input: 5, output: 25, ...ANTHROPIC },
  "anthropic/claude-sonnet-5-5": { input: 2, output: 10, ...ANTHROPIC, cacheRead: 0.05 },
  "anthropic/claude-sonnet-5": { input: 2, output: 10, ...ANTHROPIC },
  "anthropic/claude-sonnet-4-6": { input: 3, output: 15, ...ANTHROPIC },
  "anthropic/claude-sonnet-4-5": { input: 3, output: 15, ...ANTHROPIC },
  "anthropic/claude-haiku-5-5": { input: 0.1, output: 0.5, ...ANTHROPIC, upToInputTokens: 100_000 },
  "anthropic/claude-haiku-4-5": { input: 1, output: 5, ...ANTHROPIC },
  "openai/gpt-5.5": { input: 5, output: 30, ...OPENAI, upToInputTokens: 270_000 },
  "openai/gpt-5.4": { input: 2.5, output: 15, ...OPENAI, upToInputTokens: 270_000 },
  "openai/gpt-5.4-mini": { input: 0.75, output: 4.5, ...OPENAI, upToInputTokens: 270_000 },
  "openai/gpt-5.4-nano": { input: 0.2, output: 1.25, ...OPENAI, upToInputTokens: 270_000 },
  "openai/text-embedding-3-small": { input: 0.02, output: 0, ...OPENAI },
  "openai/text-embedding-3-large": { input: 0.13, output: 0, ...OPENAI },
};

const CACHE_WRITE_1H = 2;

/** A dated snapshot costs what its model costs: `-20251001` and `-2026-03-17` are left out. */
const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;

export interface PriceQuestion {
  /** The provider's name in the configuration. */
  readonly provider: string;
  readonly kind: ProviderConfig["kind"];
  readonly model: string;
  /** The configuration's own prices, by `provider/model`; they win. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
}

/**
 * Finds what a model's tokens cost: a function from tokens to US dollars, which gives null where the price or the tokens are not
 * known. A price from the configuration takes over the cache rates of the model's list price, or of its provider's kind.
 */
export function priceOf({ provider, kind, model, prices }: PriceQuestion): (tokens: Tokens) => number | null {
  const list = LIST_PRICES[`${kind}/${model}`] ?? LIST_PRICES[`${kind}/${model.replace(SNAPSHOT, "")}`];
  const own = prices[`${provider}/${model}`];
  const price = own === undefined ? list : { ...ratesOf(kind, list), ...own };
  return (tokens) => (price === undefined ? null : usdOf(tokens, price));
}

function ratesOf(
  kind: PriceQuestion["kind"],
  list: ListPrice | undefined,
): Pick<ListPrice, "cacheRead" | "cacheWrite"> {
  if (list !== undefined) return { cacheRead: list.cacheRead, cacheWrite: list.cacheWrite };
  if (kind === "anthropic") return ANTHROPIC;
  return { cacheRead: 1, cacheWrite: 1 };
}

function usdOf(tokens: Tokens, price: ListPrice): number | null {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = tokens;
  if (input === null || output === null) return null;
  if (price.upToInputTokens !== undefined && input > price.upToInputTokens) return null;
  const fresh = input - cacheRead - cacheWrite - cacheWrite1h;
  const inputs = fresh + cacheRead * price.cacheRead + cacheWrite * price.cacheWrite + cacheWrite1h * CACHE_WRITE_1H;
  return (inputs * price.input + output * price.output) / 1_000_000;
}
