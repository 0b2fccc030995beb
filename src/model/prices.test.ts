import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { priceOf } from "./prices.ts";
import { toTokens, type Tokens } from "./usage.ts";

const MILLION: Tokens = { input: 1_000_000, output: 1_000_000, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };
const NO_PRICES = {};

function about(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe("priceOf", () => {
  it("takes the list price, for a dated snapshot too", () => {
    const models = ["claude-haiku-4-5", "claude-haiku-4-5-20251001"];
    for (const model of models) {
      about(priceOf({ provider: "anthropic", kind: "anthropic", model, prices: NO_PRICES })(MILLION), 6);
    }
    const dated = { provider: "openai", kind: "openai", model: "gpt-5.4-mini-2026-03-17", prices: NO_PRICES } as const;
    about(priceOf(dated)({ ...MILLION, input: 200_000, output: 100_000 }), 0.15 + 0.45);
  });

  it("knows no price for a model it has not heard of, nor for tokens that were not told", () => {
    const unknown = { provider: "ollama", kind: "openai-compatible", model: "qwen3", prices: NO_PRICES } as const;
    assert.equal(priceOf(unknown)(MILLION), null);
    const known = { provider: "anthropic", kind: "anthropic", model: "claude-opus-5", prices: NO_PRICES } as const;
    assert.equal(priceOf(known)({ ...MILLION, output: null }), null);
  });

  it("does not guess where the provider charges more for long prompts", () => {
    const price = priceOf({ provider: "a", kind: "anthropic", model: "claude-haiku-5-5", prices: NO_PRICES });
    about(price({ ...MILLION, input: 100_000 }), 0.01 + 0.5);
    assert.equal(price({ ...MILLION, input: 100_001 }), null);
  });

  it("charges what is read from and written to the prompt cache at its own rate", () => {
    const price = priceOf({ provider: "anthropic", kind: "anthropic", model: "claude-sonnet-5", prices: NO_PRICES });
    const tokens = { input: 1_000_000, output: 0, cacheRead: 400_000, cacheWrite: 200_000, cacheWrite1h: 100_000 };
    about(price(tokens), 2 * (0.3 + 0.4 * 0.1 + 0.2 * 1.25 + 0.1 * 2));
  });

  it("lets the configuration's price win, by the provider's own name", () => {
    const prices = { "local/qwen3": { input: 0.5, output: 1, asOf: "2026-11-01" } };
    about(priceOf({ provider: "local", kind: "openai-compatible", model: "qwen3", prices })(MILLION), 1.5);
    assert.equal(priceOf({ provider: "other", kind: "openai-compatible", model: "qwen3", prices })(MILLION), null);
  });
});

describe("toTokens", () => {
  it("keeps apart what Anthropic wrote to its cache for minutes and for an hour", () => {
    const tokens = toTokens({
      inputTokens: { total: 1_000, noCache: 100, cacheRead: 300, cacheWrite: 600 },
      outputTokens: { total: 50, text: 50, reasoning: undefined },
      raw: { cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 400 } },
    });
    assert.deepEqual(tokens, {
      input: 1_000,
      output: 50,
      cacheRead: 300,
      cacheWrite: 200,
      cacheWrite1h: 400,
      reasoning: 0,
    });
  });

  it("says null, not 0, for what the provider did not say", () => {
    const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
    const tokens = toTokens({
      inputTokens: none,
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    });
    assert.deepEqual([tokens.input, tokens.output], [null, null]);
  });
});
