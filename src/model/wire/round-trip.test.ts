/* oxlint-disable oxc/no-map-spread -- values that fast-check holds must not be changed */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LanguageModelV4Message } from "@ai-sdk/provider";
import fc from "fast-check";
import { PartCollector } from "../collect-parts.ts";
import type { ModelCall, ModelPart, ModelResult } from "../model.ts";
import { decodeMessage } from "./anthropic/decode-reply.ts";
import { MessageStreamDecoder } from "./anthropic/decode-stream.ts";
import { encodeMessagesRequest } from "./anthropic/encode-request.ts";
import { messagesModelRules } from "./anthropic/model-rules.ts";
import { parseMessagesRequest } from "./anthropic/parse-request.ts";
import { MessageStreamWriter, writeMessage } from "./anthropic/write-reply.ts";
import type { StreamDecoder } from "./codec.ts";
import { decodeChatCompletion } from "./openai/decode-reply.ts";
import { ChatStreamDecoder } from "./openai/decode-stream.ts";
import { type ChatDialect, encodeChatRequest } from "./openai/encode-request.ts";
import { chatModelRules } from "./openai/model-rules.ts";
import { parseChatRequest } from "./openai/parse-request.ts";
import { ChatStreamWriter, writeChatCompletion } from "./openai/write-reply.ts";
import { SseParser } from "./sse.ts";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text);
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const mark = fc.constantFrom(
  {},
  { providerOptions: { anthropic: { cacheControl: { type: "ephemeral", ttl: "1h" } } } },
);
const json = fc.dictionary(name, fc.oneof(word, fc.integer(), fc.boolean()), { maxKeys: 3 });
const schema = fc
  .dictionary(name, fc.constantFrom({ type: "string" }, { type: "integer" }), { maxKeys: 3 })
  .map((properties) => ({
    type: "object" as const,
    properties: properties as Record<string, { type: "string" }>,
    required: Object.keys(properties),
    additionalProperties: false,
  }));

/** Leaves out what is undefined, as JSON does. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const user: fc.Arbitrary<LanguageModelV4Message> = fc
  .array(
    fc.oneof(
      word.map((text) => ({ type: "text" as const, text })),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => ({
        type: "file" as const,
        mediaType: "image/png",
        data: { type: "data" as const, data: Buffer.from(bytes).toString("base64") },
      })),
      fc.webUrl().map((url) => ({
        type: "file" as const,
        mediaType: "image/*",
        data: { type: "url" as const, url: new URL(url) },
      })),
      fc.constant({
        type: "file" as const,
        filename: "a.pdf",
        mediaType: "application/pdf",
        data: { type: "data" as const, data: "JVBERi0x" },
      }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((content) => ({ role: "user", content }));

/** A call of a tool and its result, with what may stand before the call. */
function toolTurns(input: (value: Record<string, unknown>) => unknown): fc.Arbitrary<LanguageModelV4Message[]> {
  return fc
    .record({ id: fc.uuid(), toolName: name, text: fc.option(word), value: json, result: word })
    .map(({ id: toolCallId, toolName, text, value, result }) => [
      {
        role: "assistant" as const,
        content: [
          ...(text === null ? [] : [{ type: "text" as const, text }]),
          { type: "tool-call" as const, toolCallId, toolName, input: input(value) },
        ],
      },
      {
        role: "tool" as const,
        content: [
          { type: "tool-result" as const, toolCallId, toolName, output: { type: "text" as const, value: result } },
        ],
      },
    ]);
}

const tools = fc.option(
  fc.array(
    fc.record({
      type: fc.constant("function" as const),
      name,
      description: word,
      inputSchema: schema,
      strict: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  { nil: undefined },
);
const choice = fc.constantFrom(
  { type: "auto" as const },
  { type: "none" as const },
  { type: "required" as const },
  { type: "tool" as const, toolName: "it" },
);
const settings = {
  maxOutputTokens: fc.integer({ min: 1, max: 60_000 }),
  temperature: fc.constantFrom(0, 0.5, 1),
  topP: fc.constantFrom(0.1, 1),
  stopSequences: fc.array(word, { minLength: 1, maxLength: 2 }),
};

function chatCalls(dialect: ChatDialect): fc.Arbitrary<ModelCall> {
  const reasoning = dialect === "compatible" ? [{ type: "reasoning" as const, text: "hm" }] : [];
  const turns = fc.array(
    fc.oneof(
      user.map((message) => [message]),
      toolTurns((value) => JSON.stringify(value)),
    ),
    { maxLength: 4 },
  );
  return fc
    .record({
      system: fc.option(word),
      turns,
      last: user,
      tools,
      choice,
      format: fc.option(fc.record({ type: fc.constant("json" as const), schema, name }), { nil: undefined }),
      options: fc.record(
        {
          user: word,
          serviceTier: fc.constant("flex"),
          promptCacheKey: word,
          extraBody: fc.constant({ new_field: 1 }),
        },
        { requiredKeys: [] },
      ),
      rest: fc.record(
        {
          ...settings,
          seed: fc.nat(),
          frequencyPenalty: fc.constant(0.5),
          presencePenalty: fc.constant(0.25),
          reasoning: fc.constantFrom("low" as const, "high" as const),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ system, turns, last, tools, choice, format, options, rest }) => {
      const openai = { ...options, ...(format === undefined ? {} : { strictJsonSchema: true }) };
      const flat = turns
        .flat()
        .map((message) =>
          message.role === "assistant" ? { ...message, content: [...reasoning, ...message.content] } : message,
        );
      return {
        prompt: [...(system === null ? [] : [{ role: "system" as const, content: system }]), ...flat, last],
        ...rest,
        ...(tools === undefined ? {} : { tools, toolChoice: choice }),
        ...(format === undefined ? {} : { responseFormat: format }),
        ...(Object.keys(openai).length === 0 ? {} : { providerOptions: { openai } }),
      };
    });
}

const messagesCall: fc.Arbitrary<ModelCall> = fc
  .record({
    system: fc.array(fc.tuple(word, mark), { maxLength: 1 }),
    // Turns of one side that follow each other become one, so they take turns here.
    turns: fc.array(
      toolTurns((value) => value),
      { maxLength: 3 },
    ),
    first: user,
    thinking: fc.option(
      fc.record({ type: fc.constant("enabled"), budgetTokens: fc.integer({ min: 1_024, max: 4_000 }) }),
      { nil: undefined },
    ),
    tools,
    choice,
    format: fc.option(schema, { nil: undefined }),
    options: fc.record(
      {
        serviceTier: fc.constant("auto"),
        effort: fc.constant("low"),
        metadata: fc.constant({ userId: "u" }),
        cacheControl: fc.constant({ type: "ephemeral" }),
        extraBody: fc.constant({ new_field: 1 }),
      },
      { requiredKeys: [] },
    ),
    rest: fc.record(
      { temperature: settings.temperature, topP: settings.topP, stopSequences: settings.stopSequences },
      { requiredKeys: [] },
    ),
    maxOutputTokens: settings.maxOutputTokens,
  })
  .map(({ system, turns, first, thinking, tools, choice, format, options, rest, maxOutputTokens }) => {
    const { temperature: _t, topP: _p, ...others } = rest;
    const anthropic = { ...options, ...(thinking === undefined ? {} : { thinking }) };
    const thought = { type: "reasoning" as const, text: "hm", providerOptions: { anthropic: { signature: "sig" } } };
    return {
      prompt: [
        ...system.map(([content, options]) => ({ role: "system" as const, content, ...options })),
        first,
        ...turns
          .flat()
          .map((message) =>
            message.role === "assistant" ? { ...message, content: [thought, ...message.content] } : message,
          ),
      ],
      maxOutputTokens,
      ...(thinking === undefined ? rest : others),
      ...(tools === undefined ? {} : { tools, toolChoice: choice }),
      ...(format === undefined ? {} : { responseFormat: { type: "json" as const, schema: format } }),
      ...(Object.keys(anthropic).length === 0 ? {} : { providerOptions: { anthropic } }),
    };
  });

describe("a call that is written as a request and read again", () => {
  for (const dialect of ["openai", "compatible"] as const) {
    it(`is the same over chat completions (${dialect})`, () => {
      fc.assert(
        fc.property(chatCalls(dialect), fc.boolean(), (call, isStreamed) => {
          const options = { modelId: "gpt-4o", rules: chatModelRules("gpt-4o"), dialect, isStreamed };
          const { request, warnings } = encodeChatRequest(call, options);
          const parsed = parseChatRequest(plain(request));
          assert.deepEqual(warnings, []);
          assert.deepEqual(plain(parsed), plain({ modelId: "gpt-4o", call, isStreamed, wantsUsage: isStreamed }));
          // And a request that is read is written as it was.
          assert.deepEqual(plain(encodeChatRequest(parsed.call, options).request), plain(request));
        }),
      );
    });
  }

  it("is the same over Messages", () => {
    fc.assert(
      fc.property(messagesCall, fc.boolean(), (call, isStreamed) => {
        const modelId = "claude-haiku-4-5";
        const options = { modelId, rules: messagesModelRules(modelId), isStreamed };
        const { request, warnings } = encodeMessagesRequest(call, options);
        const parsed = parseMessagesRequest(plain(request));
        assert.deepEqual(warnings, []);
        assert.deepEqual(plain(parsed), plain({ modelId, call, isStreamed }));
        assert.deepEqual(plain(encodeMessagesRequest(parsed.call, options).request), plain(request));
      }),
    );
  });
});

type Content = ModelResult["content"][number];

const reasons = fc.constantFrom("stop" as const, "length" as const, "tool-calls" as const, "content-filter" as const);
const count = fc.nat({ max: 10_000 });
const usage = fc
  .record({ fresh: count, read: count, written: count, text: count, reasoning: count })
  .map(({ fresh, read, written, text, reasoning }) => ({
    inputTokens: { total: fresh + read + written, noCache: fresh, cacheRead: read, cacheWrite: written },
    outputTokens: { total: text + reasoning, text, reasoning },
  }));
const call = fc.record({
  type: fc.constant("tool-call" as const),
  toolCallId: fc.uuid(),
  toolName: name,
  input: json.map((value) => JSON.stringify(value)),
});
const text = word.map((text) => ({ type: "text" as const, text }));
const thought = fc
  .tuple(word, word)
  .map(([text, signature]) => ({ type: "reasoning" as const, text, providerMetadata: { anthropic: { signature } } }));
const redacted = word.map((redactedData) => ({
  type: "reasoning" as const,
  text: "",
  providerMetadata: { anthropic: { redactedData } },
}));
const custom = word.map((query) => ({
  type: "custom" as const,
  kind: "anthropic.server_tool_use" as const,
  providerMetadata: {
    anthropic: { block: { type: "server_tool_use", id: "s", name: "web_search", input: { query } } },
  },
}));

/** Chat completions have one text and one reasoning, and the calls after them. */
const chatContent: fc.Arbitrary<Content[]> = fc
  .tuple(fc.option(word), fc.option(text), fc.array(call, { maxLength: 3 }))
  .map(([reasoning, text, calls]) => [
    ...(reasoning === null ? [] : [{ type: "reasoning" as const, text: reasoning }]),
    ...(text === null ? [] : [text]),
    ...calls,
  ]);
const messageContent: fc.Arbitrary<Content[]> = fc.array(
  fc.oneof<fc.Arbitrary<Content>[]>(text, thought, redacted, call, custom),
  { maxLength: 5 },
);

function results(content: fc.Arbitrary<Content[]>): fc.Arbitrary<ModelResult> {
  return fc.record({ content, reason: reasons, usage }).map(({ content, reason, usage }) => ({
    content,
    finishReason: { unified: reason, raw: undefined },
    usage,
    warnings: [],
  }));
}

/** What is compared: the words of a reason and the usage as it came differ by format. */
function essence({
  content,
  finishReason,
  usage: { inputTokens, outputTokens },
}: Pick<ModelResult, "content" | "finishReason" | "usage">) {
  return plain({ content, reason: finishReason.unified, inputTokens, outputTokens });
}

/** The parts of a stream that gives a result, its words cut in pieces. */
function partsOf({ content, finishReason, usage }: ModelResult): ModelPart[] {
  const parts: ModelPart[] = [{ type: "stream-start", warnings: [] }];
  for (const [index, part] of content.entries()) {
    const id = part.type === "tool-call" ? part.toolCallId : String(index);
    if (part.type === "text" || part.type === "reasoning") {
      const metadata = part.providerMetadata === undefined ? {} : { providerMetadata: part.providerMetadata };
      parts.push({ type: `${part.type}-start`, id, ...metadata });
      for (const delta of part.text) parts.push({ type: `${part.type}-delta`, id, delta });
      parts.push({ type: `${part.type}-end`, id, ...metadata });
    } else if (part.type === "tool-call") {
      parts.push({ type: "tool-input-start", id, toolName: part.toolName });
      for (const delta of part.input) parts.push({ type: "tool-input-delta", id, delta });
      parts.push({ type: "tool-input-end", id }, part);
    } else parts.push(part);
  }
  parts.push({ type: "finish", finishReason, usage });
  return parts;
}

function readStream(sse: string, decoder: StreamDecoder) {
  const parts: ModelPart[] = [];
  const parser = new SseParser((data) => {
    if (data !== "[DONE]") decoder.push(JSON.parse(data), parts);
  });
  parser.push(Buffer.from(sse));
  parser.end();
  assert.ok(decoder.isAnswered);
  decoder.finish(parts);
  const collector = new PartCollector();
  for (const part of parts) collector.add(part);
  const finish = parts.at(-1);
  assert.ok(finish?.type === "finish");
  return { content: collector.content(), finishReason: finish.finishReason, usage: finish.usage };
}

describe("an answer that is written as a reply and read again", () => {
  const head = { id: "an-id", model: "a-model", at: 1_700_000_000_000 };

  it("is the same over chat completions, whole and streamed", () => {
    fc.assert(
      fc.property(results(chatContent), (result) => {
        const whole = decodeChatCompletion(plain(writeChatCompletion(result, head)));
        assert.ok(whole);
        assert.deepEqual(essence(whole), essence(result));
        assert.deepEqual(whole.response, { id: head.id, modelId: head.model, timestamp: new Date(head.at) });
        const writer = new ChatStreamWriter(head, { wantsUsage: true });
        const sse = partsOf(result)
          .map((part) => writer.write(part))
          .join("");
        assert.deepEqual(essence(readStream(sse, new ChatStreamDecoder())), essence(result));
      }),
      { numRuns: 60 },
    );
  });

  it("is the same over Messages, whole and streamed", () => {
    fc.assert(
      fc.property(results(messageContent), (result) => {
        const whole = decodeMessage(plain(writeMessage(result, head)), false);
        assert.ok(whole);
        assert.deepEqual(essence(whole), essence(result));
        const writer = new MessageStreamWriter(head);
        const sse = partsOf(result)
          .map((part) => writer.write(part))
          .join("");
        assert.deepEqual(essence(readStream(sse, new MessageStreamDecoder(false))), essence(result));
      }),
      { numRuns: 60 },
    );
  });

  it("comes in the exact order of events that Messages have, also where parts overlap", () => {
    const writer = new MessageStreamWriter(head);
    const finish = { unified: "tool-calls" as const, raw: undefined };
    const none = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 2, text: 2, reasoning: 0 },
    };
    const parts: ModelPart[] = [
      { type: "tool-input-start", id: "a", toolName: "one" },
      { type: "tool-input-start", id: "b", toolName: "two" },
      { type: "tool-input-delta", id: "b", delta: "{}" },
      { type: "tool-input-delta", id: "a", delta: "{}" },
      { type: "tool-input-end", id: "b" },
      { type: "tool-input-end", id: "a" },
      { type: "finish", finishReason: finish, usage: none },
    ];
    const sse = parts.map((part) => writer.write(part)).join("");
    const events = [...sse.matchAll(/^data: (.*)$/gm)].map(
      ([, data = ""]) => JSON.parse(data) as { type: string; index?: number },
    );
    assert.deepEqual(
      events.map(({ type, index }) => (index === undefined ? type : `${type} ${index}`)),
      [
        "message_start",
        "content_block_start 0",
        "content_block_delta 0",
        "content_block_stop 0",
        "content_block_start 1",
        "content_block_delta 1",
        "content_block_stop 1",
        "message_delta",
        "message_stop",
      ],
    );
  });
});

describe("a request of a client that has mistakes", () => {
  it("is refused with all of them, each by its pointer", () => {
    const mistakesOf = (parse: () => unknown): string[] => {
      try {
        parse();
      } catch (error) {
        return (error as { facts: { errors: { pointer: string }[] } }).facts.errors.map(({ pointer }) => pointer);
      }
      return [];
    };
    const chat = {
      model: 1,
      messages: [{ role: "wizard" }, { role: "user", content: [{ type: "smell" }] }],
      n: 2,
      stop: 5,
    };
    assert.deepEqual(mistakesOf(() => parseChatRequest(chat)).toSorted(), [
      "/messages/0/role",
      "/messages/1/content/0/type",
      "/model",
      "/n",
      "/stop",
    ]);
    const messages = {
      model: "m",
      messages: [{ role: "system", content: "x" }],
      tools: [{ type: "web_search_20250305" }],
    };
    assert.deepEqual(mistakesOf(() => parseMessagesRequest(messages)).toSorted(), [
      "/max_tokens",
      "/messages/0/role",
      "/tools/0/type",
    ]);
    assert.deepEqual(
      mistakesOf(() => parseChatRequest("text")),
      ["", "/model", "/messages"],
    );
  });
});
