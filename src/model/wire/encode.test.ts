import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isErrorCode } from "../../core/errors.ts";
import type { ModelCall } from "../model.ts";
import { createMessagesCodec } from "./anthropic/codec.ts";
import { outputFormatOf } from "./anthropic/output-schema.ts";
import type { EncodedCall } from "./codec.ts";
import { createChatCodec } from "./openai/codec.ts";

const prompt: ModelCall["prompt"] = [{ role: "user", content: [{ type: "text", text: "hello" }] }];

function chat(call: Partial<ModelCall>, modelId = "gpt-4o", dialect: "openai" | "compatible" = "openai"): EncodedCall {
  return createChatCodec(modelId, dialect).encode({ prompt, ...call }, false);
}
function messages(call: Partial<ModelCall>, modelId = "claude-haiku-4-5"): EncodedCall {
  return createMessagesCodec(modelId).encode({ prompt, ...call }, false);
}
function bodyOf({ body }: EncodedCall): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}
function refused(encode: () => unknown): unknown {
  try {
    encode();
  } catch (error) {
    if (isErrorCode(error, "INPUT_INVALID")) return error.facts["option"];
    throw error;
  }
  return undefined;
}

describe("a call to a model of OpenAI", () => {
  it("keeps back from reasoning models what they answer with 400, and says so", () => {
    const call = { temperature: 0.5, topP: 0.9, presencePenalty: 1, maxOutputTokens: 9 };
    for (const modelId of ["gpt-5.4-mini", "o3", "gpt-6-sol"]) {
      const encoded = chat({ ...call, prompt: [{ role: "system", content: "Be brief." }, ...prompt] }, modelId);
      const { messages: sent, ...rest } = bodyOf(encoded);
      assert.deepEqual(rest, { model: modelId, max_completion_tokens: 9 });
      assert.equal((sent as { role: string }[])[0]?.role, "developer");
      assert.deepEqual(
        encoded.warnings.map((warning) => "feature" in warning && warning.feature),
        ["temperature", "topP", "presencePenalty"],
      );
    }
    assert.equal(bodyOf(chat({ ...call, reasoning: "none" }, "gpt-5.4"))["temperature"], 0.5);
    for (const modelId of ["gpt-4o", "gpt-5-chat-latest"]) {
      assert.deepEqual([bodyOf(chat(call, modelId))["max_tokens"], chat(call, modelId).warnings], [9, []]);
    }
  });

  it("is the usual to a compatible server, whatever its models are called", () => {
    const { messages: _sent, ...rest } = bodyOf(
      chat({ temperature: 0.5, topK: 5, maxOutputTokens: 9 }, "gpt-5", "compatible"),
    );
    assert.deepEqual(rest, { model: "gpt-5", max_tokens: 9, temperature: 0.5, top_k: 5 });
  });
});

describe("a call to a model of Anthropic", () => {
  it("keeps sampling back from models that refuse it, and while a model thinks", () => {
    const call = { temperature: 0.5, topP: 0.9, topK: 3 };
    for (const modelId of ["claude-opus-4-7", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-of-the-future"]) {
      assert.equal("temperature" in bodyOf(messages(call, modelId)), false, modelId);
      assert.equal(messages(call, modelId).warnings.length, 3);
    }
    for (const modelId of [
      "claude-sonnet-4-6",
      "claude-opus-4-6",
      "claude-haiku-4-5",
      "claude-sonnet-4-20250514",
      "claude-3-haiku-20240307",
    ]) {
      assert.deepEqual([bodyOf(messages(call, modelId))["top_k"], messages(call, modelId).warnings], [3, []], modelId);
    }
    assert.equal("temperature" in bodyOf(messages({ ...call, reasoning: "high" })), false);
  });

  it("asks for thinking as each model takes it, and counts its budget beside the answer", () => {
    const early = bodyOf(messages({ reasoning: "low", maxOutputTokens: 100 }));
    assert.deepEqual([early["thinking"], early["max_tokens"]], [{ type: "enabled", budget_tokens: 6_400 }, 6_500]);
    const late = bodyOf(messages({ reasoning: "xhigh", maxOutputTokens: 100 }, "claude-opus-4-6"));
    assert.deepEqual(
      [late["thinking"], late["output_config"], late["max_tokens"]],
      [{ type: "adaptive" }, { effort: "high" }, 100],
    );
    assert.deepEqual(bodyOf(messages({ reasoning: "none" }))["thinking"], { type: "disabled" });
  });

  it("gives models without structured outputs a tool to answer with, and takes its input for the text", () => {
    const schema = {
      type: "object" as const,
      properties: { a: { type: "string" as const } },
      required: ["a"],
      additionalProperties: false,
    };
    const encoded = messages({ responseFormat: { type: "json", schema } }, "claude-sonnet-4-20250514");
    assert.deepEqual(bodyOf(encoded)["tool_choice"], { type: "tool", name: "answer", disable_parallel_tool_use: true });
    const content = [{ type: "tool_use", id: "t", name: "answer", input: { a: "b" } }];
    const reply = encoded.decodeReply({ content, stop_reason: "tool_use", usage: {} });
    assert.deepEqual([reply?.content, reply?.finishReason.unified], [[{ type: "text", text: '{"a":"b"}' }], "stop"]);
  });

  it("puts turns of one side together, system messages first, and no white space before what is to be gone on with", () => {
    const body = bodyOf(
      messages({
        prompt: [
          { role: "user", content: [{ type: "text", text: "one" }] },
          {
            role: "user",
            content: [
              { type: "text", text: "" },
              { type: "text", text: "two" },
            ],
          },
          { role: "system", content: "late" },
          { role: "assistant", content: [{ type: "text", text: "three \n" }] },
        ],
      }),
    );
    assert.equal(body["system"], "late");
    assert.deepEqual(body["messages"], [
      {
        role: "user",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "three" }] },
    ]);
  });

  it("counts tokens from the cache beside the others", () => {
    const usage = {
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    };
    const reply = messages({}).decodeReply({ content: [], stop_reason: "end_turn", usage });
    assert.deepEqual(reply?.usage.inputTokens, { total: 125, noCache: 5, cacheRead: 100, cacheWrite: 20 });
    assert.deepEqual(reply?.usage.outputTokens, { total: 9, text: 5, reasoning: 4 });
  });
});

describe("a schema for structured outputs", () => {
  it("is closed, and says in words what it may not ask for", () => {
    const schema = {
      type: "object",
      properties: {
        n: { type: "integer", minimum: 1, description: "How many." },
        s: { oneOf: [{ type: "string", format: "idn-email" }] },
      },
    };
    assert.deepEqual(outputFormatOf(schema)?.schema, {
      type: "object",
      properties: {
        n: { type: "integer", description: "How many.\nminimum: 1" },
        s: { anyOf: [{ type: "string", description: "format: idn-email" }] },
      },
      additionalProperties: false,
    });
  });

  it("is none that would lose its maps, or that holds itself", () => {
    assert.equal(outputFormatOf({ type: "object", additionalProperties: { type: "string" } }), undefined);
    const tree = {
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
      $ref: "#/$defs/node",
    };
    assert.equal(outputFormatOf(tree), undefined);
    const twice = {
      $defs: { s: { type: "string" } },
      type: "object",
      properties: { a: { $ref: "#/$defs/s" }, b: { $ref: "#/$defs/s" } },
    };
    assert.notEqual(outputFormatOf(twice), undefined);
  });
});

describe("an option that cannot be sent", () => {
  it("is refused by its name before anything is", () => {
    const file = (mediaType: string) => ({
      prompt: [
        {
          role: "user" as const,
          content: [{ type: "file" as const, mediaType, data: { type: "data" as const, data: "AAAA" } }],
        },
      ],
    });
    const tool = {
      tools: [{ type: "provider" as const, id: "anthropic.web_search" as const, name: "web_search", args: {} }],
    };
    const marks = { providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } } };
    const fiveMarks = Array.from({ length: 5 }, () => ({
      role: "user" as const,
      content: [{ type: "text" as const, text: "x", ...marks }],
    }));
    assert.deepEqual(
      [
        refused(() => chat({ topK: 1 })),
        refused(() => chat(file("video/mp4"))),
        refused(() => chat(tool)),
        refused(() => chat({ providerOptions: { openai: { wrong: 1 } } })),
        refused(() => messages({ seed: 1 })),
        refused(() => messages({ frequencyPenalty: 1 })),
        refused(() => messages(file("audio/wav"))),
        refused(() => messages(tool)),
        refused(() => messages({ responseFormat: { type: "json" } })),
        refused(() => messages({ providerOptions: { anthropic: { wrong: 1 } } })),
        refused(() => messages({ prompt: fiveMarks })),
      ],
      [
        "topK",
        "prompt[0].content[0]",
        "tools[0]",
        "providerOptions.openai.wrong",
        "seed",
        "frequencyPenalty",
        "prompt[0].content[0]",
        "tools[0]",
        "responseFormat",
        "providerOptions.anthropic.wrong",
        "providerOptions.anthropic.cacheControl",
      ],
    );
  });
});
