import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LanguageModelV4GenerateResult } from "@ai-sdk/provider";
import { PartCollector } from "../../model/collect-parts.ts";
import { readParts, readResult, toParts, writePart, writeResult } from "./answer-text.ts";

const METADATA = { openai: { itemId: "i1" } };
/** Of every kind of content one, as a model gives it. */
const RESULT: LanguageModelV4GenerateResult = {
  content: [
    { type: "reasoning", text: "first\nthis", providerMetadata: METADATA },
    { type: "text", text: "a line\nand \u2028 another", providerMetadata: METADATA },
    { type: "tool-call", toolCallId: "c1", toolName: "look", input: '{"at":"home"}', providerMetadata: METADATA },
    { type: "tool-call", toolCallId: "c2", toolName: "search", input: "{}", providerExecuted: true, dynamic: true },
    { type: "tool-result", toolCallId: "c2", toolName: "search", result: { found: [1] } },
    { type: "source", sourceType: "url", id: "s1", url: "https://example.com/", title: "Example" },
    { type: "file", mediaType: "image/png", data: { type: "url", url: new URL("https://example.com/a.png") } },
    { type: "file", mediaType: "image/png", data: { type: "data", data: "AQID" } },
  ],
  finishReason: { unified: "tool-calls", raw: "tool_use" },
  usage: {
    inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 5, text: 4, reasoning: 1 },
  },
  providerMetadata: METADATA,
  response: { id: "r1", modelId: "m-1", timestamp: new Date(1_000) },
  warnings: [{ type: "other", message: "careful" }],
};

describe("answers as text", () => {
  it("come back as they were written", () => {
    assert.deepEqual(readResult(writeResult(RESULT)), RESULT);
  });

  it("hold nothing of the request or of the transport", () => {
    const text = writeResult({
      ...RESULT,
      request: { body: { secret: 1 } },
      response: { ...RESULT.response, headers: { "x-secret": "1" }, body: { secret: 1 } },
    });
    assert.doesNotMatch(text, /secret/);
  });

  it("hold the bytes of files as base64", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const part = { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } } as const;
    const written = { ...part, data: { type: "data", data: "AQID" } };
    assert.deepEqual(readResult(writeResult({ ...RESULT, content: [part] })).content, [written]);
    assert.deepEqual(readParts(writePart(part)), [written]);
  });

  it("give parts, a line each, that make the same answer again", () => {
    const lines = toParts(readResult(writeResult(RESULT))).map(writePart);
    assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1));
    const collector = new PartCollector();
    for (const part of readParts(lines.join(""))) collector.add(part);
    assert.deepEqual(collector.content(), RESULT.content);
  });
});
