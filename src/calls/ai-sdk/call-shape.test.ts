import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { canonicalJson } from "../../core/json.ts";
import { shapeOf, wordsOf } from "./call-shape.ts";

const CALL: LanguageModelV4CallOptions = {
  prompt: [{ role: "user", content: [{ type: "text", text: "What is this?" }] }],
  maxOutputTokens: 10,
};
const keyOf = (call: LanguageModelV4CallOptions): string => canonicalJson(shapeOf(call));
const withFile = (data: Uint8Array | string): LanguageModelV4CallOptions => ({
  ...CALL,
  prompt: [{ role: "user", content: [{ type: "file", mediaType: "image/png", data: { type: "data", data } }] }],
});

describe("shapeOf", () => {
  it("is the same for what shapes no answer", () => {
    const { signal } = new AbortController();
    const headers = { "User-Agent": "ai/7", traceparent: "00-1" };
    assert.equal(keyOf({ ...CALL, abortSignal: signal, headers }), keyOf(CALL));
    assert.equal(
      keyOf({ ...CALL, headers: { "X-Flavour": "mint" } }),
      keyOf({ ...CALL, headers: { "x-flavour": "mint" } }),
    );
  });

  for (const change of [
    { temperature: 0 },
    { seed: 1 },
    { reasoning: "high" },
    { headers: { "anthropic-beta": "x" } },
    { toolChoice: { type: "none" } },
    { providerOptions: { openai: { user: "u" } } },
    { responseFormat: { type: "json" } },
    { stopSequences: ["."] },
  ] satisfies Partial<LanguageModelV4CallOptions>[]) {
    it(`is another one with ${JSON.stringify(change)}`, () =>
      assert.notEqual(keyOf({ ...CALL, ...change }), keyOf(CALL)));
  }

  it("takes bytes by their hash, however many there are", () => {
    const megabyte = new Uint8Array(1_048_576);
    const key = keyOf(withFile(megabyte));
    assert.ok(key.length < 300);
    assert.equal(keyOf(withFile(Buffer.from(megabyte))), key);
    megabyte[7] = 1;
    assert.notEqual(keyOf(withFile(megabyte)), key);
  });
});

describe("wordsOf", () => {
  it("has prompt and tools, and no bytes of files", () => {
    const tools = [{ type: "function", name: "look", inputSchema: { type: "object" } }] as const;
    const words = wordsOf({ ...withFile(new Uint8Array(1_000)), tools: [...tools] });
    assert.match(words, /look/);
    assert.ok(words.length < 300, words);
  });
});
