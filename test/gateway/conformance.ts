import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** The official clients, and models that answer them. */
export interface Served {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly chatModel: string;
  readonly messagesModel: string;
  readonly embeddingModel: string;
}

/** What holds of everything that says it speaks these APIs, each shown by the official client. */
export type Check = (served: Served) => Promise<void>;

const WEATHER = {
  type: "object" as const,
  properties: { city: { type: "string" as const } },
  required: ["city"],
  additionalProperties: false,
};
const CHAT_TOOL = {
  type: "function" as const,
  function: { name: "get_weather", description: "Tells the weather.", parameters: WEATHER },
};
const MESSAGES_TOOL = { name: "get_weather", description: "Tells the weather.", input_schema: WEATHER };
const HELLO = { role: "user" as const, content: "hello" };
const ASK = { role: "user" as const, content: "what is the weather" };

export const CONFORMANCE: Readonly<Record<string, Check>> = {
  "chat: a whole answer with its usage": async ({ openai, chatModel }) => {
    const reply = await openai.chat.completions.create({ model: chatModel, messages: [HELLO] });
    const [choice] = reply.choices;
    assert.match(reply.id, /^chatcmpl-/);
    assert.deepEqual(
      [reply.object, choice?.finish_reason, choice?.message.role],
      ["chat.completion", "stop", "assistant"],
    );
    assert.ok((choice?.message.content ?? "").length > 0);
    assert.ok(Number.isInteger(reply.usage?.prompt_tokens) && Number.isInteger(reply.usage?.completion_tokens));
  },
  "chat: a stream says what the whole answer says, and its usage in the end": async ({ openai, chatModel }) => {
    const whole = await openai.chat.completions.create({ model: chatModel, messages: [HELLO] });
    const stream = await openai.chat.completions.create({
      model: chatModel,
      messages: [HELLO],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    const seen: unknown[] = [];
    for await (const chunk of stream) {
      assert.equal(chunk.object, "chat.completion.chunk");
      const [choice] = chunk.choices;
      text += choice?.delta.content ?? "";
      if (choice?.finish_reason) seen.push(choice.finish_reason);
      if (chunk.usage) seen.push("usage", chunk.choices.length);
    }
    assert.equal(text, whole.choices[0]?.message.content);
    assert.deepEqual(seen, ["stop", "usage", 0]);
  },
  "chat: no usage for who did not ask for it": async ({ openai, chatModel }) => {
    const stream = await openai.chat.completions.create({ model: chatModel, messages: [HELLO], stream: true });
    for await (const chunk of stream) assert.ok(!chunk.usage && chunk.choices.length === 1);
  },
  "chat: a tool is called, whole and streamed, and its result is read": async ({ openai, chatModel }) => {
    const asked = { model: chatModel, messages: [ASK], tools: [CHAT_TOOL], tool_choice: "required" as const };
    const reply = await openai.chat.completions.create(asked);
    const message = reply.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    assert.ok(message !== undefined && call?.type === "function");
    assert.deepEqual([reply.choices[0]?.finish_reason, call.function.name], ["tool_calls", "get_weather"]);
    assert.equal(typeof (JSON.parse(call.function.arguments) as { city: unknown }).city, "string");
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    assert.deepEqual(
      streamed.choices[0]?.message.tool_calls?.map((each) => each.type === "function" && each.function.name),
      ["get_weather"],
    );
    const after = await openai.chat.completions.create({
      model: chatModel,
      messages: [ASK, message, { role: "tool", tool_call_id: call.id, content: "it rains" }],
      tools: [CHAT_TOOL],
    });
    assert.ok((after.choices[0]?.message.content ?? "").length > 0);
  },
  "chat: an object fits its schema": async ({ openai, chatModel }) => {
    const reply = await openai.chat.completions.create({
      model: chatModel,
      messages: [{ role: "user", content: "a city as JSON" }],
      response_format: { type: "json_schema", json_schema: { name: "place", schema: WEATHER, strict: true } },
    });
    const { city } = JSON.parse(reply.choices[0]?.message.content ?? "") as { city: unknown };
    assert.equal(typeof city, "string");
  },
  "chat: a request without messages is refused, and says why": async ({ openai, chatModel }) => {
    await assert.rejects(
      openai.chat.completions.create({ model: chatModel } as never),
      (error) => error instanceof OpenAI.BadRequestError && /messages/i.test(error.message),
    );
  },
  "chat: an answer may be left in the middle": async ({ openai, chatModel }) => {
    const stream = await openai.chat.completions.create({ model: chatModel, messages: [HELLO], stream: true });
    for await (const _chunk of stream) break;
    const reply = await openai.chat.completions.create({ model: chatModel, messages: [HELLO] });
    assert.ok((reply.choices[0]?.message.content ?? "").length > 0);
  },
  "embeddings: of one text and of several, as the client asks by itself and as numbers": async (served) => {
    const { openai, embeddingModel: model } = served;
    const one = await openai.embeddings.create({ model, input: "a cat" });
    const two = await openai.embeddings.create({ model, input: ["a cat", "a dog"], encoding_format: "float" });
    assert.deepEqual([one.data.length, two.data.length, two.data[1]?.index], [1, 2, 1]);
    const [first, second] = [one.data[0]?.embedding ?? [], two.data[0]?.embedding ?? []];
    assert.equal(first.length, second.length);
    assert.ok(first.every((value, index) => Math.abs(value - (second[index] ?? 9)) < 1e-6));
  },
  "messages: a whole answer with its usage": async ({ anthropic, messagesModel: model }) => {
    const reply = await anthropic.messages.create({ model, max_tokens: 300, messages: [HELLO] });
    assert.match(reply.id, /^msg_/);
    assert.deepEqual(
      [reply.type, reply.role, reply.stop_reason, reply.content[0]?.type],
      ["message", "assistant", "end_turn", "text"],
    );
    assert.ok(Number.isInteger(reply.usage.input_tokens) && Number.isInteger(reply.usage.output_tokens));
  },
  "messages: a stream says what the whole answer says": async ({ anthropic, messagesModel: model }) => {
    const asked = { model, max_tokens: 300, messages: [HELLO] };
    const whole = await anthropic.messages.create(asked);
    const streamed = await anthropic.messages.stream(asked).finalMessage();
    assert.deepEqual(streamed.content, whole.content);
    assert.deepEqual([streamed.stop_reason, streamed.usage.output_tokens], ["end_turn", whole.usage.output_tokens]);
  },
  "messages: a tool is called, whole and streamed, and its result is read": async ({
    anthropic,
    messagesModel: model,
  }) => {
    const asked = {
      model,
      max_tokens: 300,
      messages: [ASK],
      tools: [MESSAGES_TOOL],
      tool_choice: { type: "any" as const },
    };
    const reply = await anthropic.messages.create(asked);
    const call = reply.content.find((block) => block.type === "tool_use");
    assert.ok(call !== undefined);
    assert.deepEqual([reply.stop_reason, call.name], ["tool_use", "get_weather"]);
    assert.equal(typeof (call.input as { city: unknown }).city, "string");
    const streamed = await anthropic.messages.stream(asked).finalMessage();
    const again = streamed.content.find((block) => block.type === "tool_use");
    assert.deepEqual(again?.input, call.input);
    const after = await anthropic.messages.create({
      model,
      max_tokens: 300,
      tools: [MESSAGES_TOOL],
      messages: [
        ASK,
        { role: "assistant", content: reply.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "it rains" }] },
      ],
    });
    assert.equal(after.content[0]?.type, "text");
  },
  "messages: a request without a bound is refused, and says why": async ({ anthropic, messagesModel: model }) => {
    await assert.rejects(
      anthropic.messages.create({ model, messages: [HELLO] } as never),
      (error) => error instanceof Anthropic.BadRequestError && /max_tokens/.test(error.message),
    );
  },
};
