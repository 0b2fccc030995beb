import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createManualClock } from "millrace/testing";
import { FAILOVER_MODELS, type SimulatorOptions } from "../index.ts";
import { type Clients, openClients } from "../test-clients.ts";

const USER = [{ role: "user" as const, content: "What is the weather in Paris, and which lamps are on?" }];
const BASE = { model: "m", max_tokens: 500, messages: USER };
const TOOLS: Anthropic.Tool[] = [
  {
    name: "get_weather",
    input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
  { name: "list_lamps", input_schema: { type: "object", properties: { on: { type: "boolean" } }, required: ["on"] } },
  { name: "send_mail", input_schema: { type: "object" } },
];

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

describe("messages, asked by the official client", () => {
  it("calls the tools that the user speaks of, and speaks once they have answered", async () => {
    await using clients = await openClients();
    const asked = await clients.anthropic.messages.create({ ...BASE, tools: TOOLS });
    const calls = asked.content.filter((block) => block.type === "tool_use");
    assert.deepEqual(
      calls.map(({ name }) => name),
      ["get_weather", "list_lamps"],
    );
    assert.equal(asked.stop_reason, "tool_use");
    const results = calls.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "sunny" }));
    const spoken = await clients.anthropic.messages.create({
      ...BASE,
      tools: TOOLS,
      messages: [...USER, { role: "assistant", content: asked.content }, { role: "user", content: results }],
    });
    assert.match(textOf(spoken), /sunny/);
    assert.equal(spoken.stop_reason, "end_turn");
    const one = await clients.anthropic.messages.create({
      ...BASE,
      tools: TOOLS,
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    assert.equal(one.content.length, 1);
    await assert.rejects(
      clients.anthropic.messages.create({
        ...BASE,
        messages: [...USER, { role: "assistant", content: asked.content }, ...USER],
      }),
      { status: 400, message: /tool_use.*without.*tool_result/ },
    );
  });

  it("sends the events of a stream in the provider's order, thinking first", async () => {
    await using clients = await openClients();
    const types: string[] = [];
    const stream = clients.anthropic.messages.stream({
      ...BASE,
      max_tokens: 4_000,
      thinking: { type: "enabled", budget_tokens: 1_024 },
    });
    stream.on("streamEvent", ({ type }) => types.at(-1) !== type && types.push(type));
    const message = await stream.finalMessage();
    assert.deepEqual(
      types.filter((type) => type !== "ping"),
      [
        "message_start",
        ...Array.from({ length: 2 }, () => ["content_block_start", "content_block_delta", "content_block_stop"]).flat(),
        "message_delta",
        "message_stop",
      ],
    );
    const [thinking, text] = message.content;
    assert.ok(thinking?.type === "thinking" && text?.type === "text");
    assert.ok(thinking.signature.length > 10);
    const tokens = Math.ceil(thinking.thinking.length / 4);
    assert.equal(message.usage.output_tokens_details?.thinking_tokens, tokens);
    assert.equal(message.usage.output_tokens, tokens + Math.ceil(text.text.length / 4));
    const whole = await clients.anthropic.messages.create({
      ...BASE,
      max_tokens: 4_000,
      thinking: { type: "enabled", budget_tokens: 1_024 },
    });
    assert.deepEqual(whole.content, message.content);
  });

  it("stops at a stop sequence and says which", async () => {
    await using clients = await openClients();
    const whole = textOf(await clients.anthropic.messages.create(BASE));
    const word = whole.split(" ")[4] ?? "";
    const message = await clients.anthropic.messages.create({ ...BASE, stop_sequences: ["§", word] });
    assert.deepEqual([message.stop_reason, message.stop_sequence], ["stop_sequence", word]);
    assert.ok(!textOf(message).includes(word));
  });

  it("counts tokens as it charges them, without asking for an answer", async () => {
    await using clients = await openClients();
    const params = { model: "m", messages: USER, tools: TOOLS, system: "Be brief." };
    const { input_tokens: counted } = await clients.anthropic.messages.countTokens(params);
    const { usage } = await clients.anthropic.messages.create({ ...params, max_tokens: 500 });
    assert.equal(usage.input_tokens, counted);
    assert.equal(clients.simulator.ledger().length, 1);
  });

  it("knows what each model refuses", async () => {
    await using clients = await openClients();
    const prefilled = [...USER, { role: "assistant" as const, content: "It" }];
    const refusals: [Partial<Anthropic.MessageCreateParamsNonStreaming>, RegExp][] = [
      [{ model: "claude-sonnet-4-6", messages: prefilled }, /prefill/],
      [{ thinking: { type: "enabled", budget_tokens: 100 } }, /budget_tokens.*1024/],
      [{ tools: TOOLS, tool_choice: { type: "tool", name: "nothing" } }, /'nothing' not found/],
      [{ max_tokens: 0 }, /max_tokens/],
      [{ messages: [{ role: "user", content: "" }] }, /messages.0: all messages must have non-empty content/],
      [
        { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
        /text content blocks must be non-empty/,
      ],
      [
        { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] }] },
        /messages.0.content.0: unexpected `tool_use_id`/,
      ],
    ];
    for (const [change, says] of refusals) {
      await assert.rejects(clients.anthropic.messages.create({ ...BASE, ...change }), (error) => {
        assert.ok(error instanceof Anthropic.BadRequestError);
        assert.match(error.message, says);
        return true;
      });
    }
    const older = { "anthropic-version": "2023-06-01", "x-api-key": "k" };
    const statusOf = async (model: string): Promise<number> => {
      const body = JSON.stringify({ ...BASE, model, temperature: 0.2 });
      return (await clients.get("/v1/messages", { method: "POST", headers: older, body })).status;
    };
    assert.deepEqual([await statusOf("claude-haiku-4-5-20251001"), await statusOf("claude-sonnet-5")], [200, 400]);
    assert.equal((await clients.anthropic.messages.create({ ...BASE, messages: prefilled })).stop_reason, "end_turn");
  });

  it("ends an answer where the window is full, and refuses a prompt that is longer", async () => {
    await using clients = await openClients({ contextWindow: 30 });
    const full = await clients.anthropic.messages.create(BASE);
    assert.equal(full.stop_reason, "model_context_window_exceeded");
    const long = [{ role: "user" as const, content: "word ".repeat(100) }];
    await assert.rejects(clients.anthropic.messages.create({ ...BASE, messages: long }), {
      status: 400,
      message: /prompt is too long/,
    });
  });

  it("answers the AI SDK's model, whole and streamed", async () => {
    await using clients = await openClients();
    const model = createAnthropic({ baseURL: `${clients.simulator.url}/v1`, apiKey: "k" })("claude-haiku-4-5");
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "hello" }] }];
    const whole = await model.doGenerate({ prompt });
    assert.equal(whole.finishReason.unified, "stop");
    const { stream } = await model.doStream({ prompt });
    const parts: string[] = [];
    for await (const part of stream) parts.push(part.type);
    assert.ok(parts.includes("text-delta") && parts.at(-1) === "finish");
  });
});

describe("message batches, asked by the official client", () => {
  async function create({ anthropic }: Clients, count = 4): Promise<Anthropic.Messages.MessageBatch> {
    const params = (index: number): Anthropic.MessageCreateParamsNonStreaming => ({
      model: "m",
      max_tokens: index === 1 ? 0 : 100,
      messages: [{ role: "user", content: `question ${index}` }],
    });
    const requests = Array.from({ length: count }, (_, index) => ({ custom_id: `q-${index}`, params: params(index) }));
    return await anthropic.messages.batches.create({ requests });
  }
  async function resultsOf({ anthropic }: Clients, id: string): Promise<Record<string, string>> {
    const types: Record<string, string> = {};
    for await (const { custom_id: customId, result } of await anthropic.messages.batches.results(id)) {
      types[customId] = result.type;
    }
    return types;
  }
  const timed = (
    options: SimulatorOptions = {},
  ): { clock: ReturnType<typeof createManualClock>; options: SimulatorOptions } => {
    const clock = createManualClock(Date.UTC(2026, 10, 28));
    return { clock, options: { clock, batchMs: 60_000, ...options } };
  };

  it("go from in_progress to ended with the clock, each item answered at half the price or with its own error", async () => {
    const { clock, options } = timed();
    await using clients = await openClients(options);
    const created = await create(clients);
    assert.equal(created.processing_status, "in_progress");
    assert.deepEqual(created.request_counts, { processing: 4, succeeded: 0, errored: 0, canceled: 0, expired: 0 });
    await clock.advance(59_000);
    const running = await clients.anthropic.messages.batches.retrieve(created.id);
    assert.deepEqual(
      [running.processing_status, running.request_counts.processing, running.results_url],
      ["in_progress", 4, null],
    );
    await assert.rejects(clients.anthropic.messages.batches.results(created.id));
    await assert.rejects(clients.anthropic.messages.batches.delete(created.id), { status: 409 });
    await clock.advance(1_000);
    const ended = await clients.anthropic.messages.batches.retrieve(created.id);
    assert.equal(ended.processing_status, "ended");
    assert.deepEqual(ended.request_counts, { processing: 0, succeeded: 3, errored: 1, canceled: 0, expired: 0 });
    assert.deepEqual(await resultsOf(clients, created.id), {
      "q-0": "succeeded",
      "q-1": "errored",
      "q-2": "succeeded",
      "q-3": "succeeded",
    });
    const [entry] = clients.simulator.ledger();
    assert.ok(entry !== undefined);
    assert.deepEqual([entry.calls, entry.batchItems], [3, 3]);
    assert.ok(Math.abs(entry.usd - ((entry.inputTokens + entry.outputTokens * 5) * 0.5) / 1e6) < 1e-12);
    const listed: string[] = [];
    for await (const batch of clients.anthropic.messages.batches.list()) listed.push(batch.id);
    assert.deepEqual(listed, [created.id]);
    assert.equal((await clients.anthropic.messages.batches.delete(created.id)).type, "message_batch_deleted");
    await assert.rejects(clients.anthropic.messages.batches.retrieve(created.id), Anthropic.NotFoundError);
  });

  it("can be canceled, and keep what was done by then", async () => {
    const { clock, options } = timed();
    await using clients = await openClients(options);
    const { id } = await create(clients, 10);
    await clock.advance(30_000);
    assert.equal((await clients.anthropic.messages.batches.cancel(id)).processing_status, "canceling");
    await clock.advance(3_000);
    const { processing_status: status, request_counts: counts } = await clients.anthropic.messages.batches.retrieve(id);
    assert.deepEqual([status, counts.canceled, counts.processing], ["ended", 5, 0]);
    assert.equal(counts.succeeded + counts.errored, 5);
    const types = Object.values(await resultsOf(clients, id));
    assert.equal(types.filter((type) => type === "canceled").length, 5);
  });

  it("expire after a day, or when told, and come to an end when told", async () => {
    const { clock, options } = timed({ batchMs: 48 * 60 * 60_000 });
    await using clients = await openClients(options);
    const { id: slow } = await create(clients, 10);
    const { id: told } = await create(clients, 10);
    await clients.control(`batches/${told}`, { share: 0.2 });
    await clients.control(`batches/${told}`, { to: "expire" });
    const { id: pushed } = await create(clients, 2);
    await clients.control(`batches/${pushed}`, { to: "end" });
    const counts = async (id: string): Promise<Anthropic.Messages.MessageBatchRequestCounts> =>
      (await clients.anthropic.messages.batches.retrieve(id)).request_counts;
    assert.equal((await counts(told)).expired, 8);
    assert.deepEqual(await counts(pushed), { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 0 });
    await clock.advance(24 * 60 * 60_000);
    assert.equal((await counts(slow)).expired, 5);
    assert.equal((await clients.control("batches/none", { to: "end" })).status, 404);
    assert.equal((await clients.control(`batches/${slow}`, { to: "nowhere" })).status, 400);
  });

  it("refuse what cannot be a batch before anything is stored, and fail items by rule", async () => {
    await using clients = await openClients({ batchMs: 0, rules: [{ route: "batch", fault: "overloaded", nth: [1] }] });
    const item = { custom_id: "a", params: BASE };
    for (const requests of [[], [item, item], [{ ...item, custom_id: "with space" }]]) {
      await assert.rejects(clients.anthropic.messages.batches.create({ requests }), Anthropic.BadRequestError);
    }
    const { id } = await create(clients);
    assert.equal((await clients.anthropic.messages.batches.retrieve(id)).request_counts.errored, 2);
  });
});

describe("the simulator's models", () => {
  it("are listed in pages, with their limits", async () => {
    await using clients = await openClients({ models: FAILOVER_MODELS });
    const first = await clients.anthropic.models.list({ limit: 5 });
    assert.deepEqual([first.data.length, first.has_more], [5, true]);
    const ids: string[] = [];
    for await (const { id } of clients.anthropic.models.list({ limit: 5 })) ids.push(id);
    assert.deepEqual(ids, FAILOVER_MODELS);
    assert.equal((await clients.anthropic.models.retrieve("fb-ok")).max_input_tokens, 1_000_000);
    await assert.rejects(clients.anthropic.models.retrieve("none"), Anthropic.NotFoundError);
  });
});

describe("the AI SDK's batches", () => {
  it("run to their end against both providers", async () => {
    await using clients = await openClients({ batchMs: 0 });
    const options = { baseURL: `${clients.simulator.url}/v1`, apiKey: "k" };
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "hello" }] }];
    const requestOf = (id: string, modelId: string) => ({ id, type: "text" as const, modelId, options: { prompt } });
    for (const [batch, modelId] of [
      [createAnthropic(options).experimental_batch(), "claude-haiku-4-5"],
      [createOpenAI(options).experimental_batch(), "gpt-5.4-mini"],
    ] as const) {
      const requests = ["a", "b"].map((id) => requestOf(id, modelId));
      const { batchId } = await batch.doStartBatch({ requests });
      assert.equal((await batch.doGetBatchStatus({ batchId })).status, "completed");
      const ids: string[] = [];
      for await (const item of await batch.doGetBatchResults({ batchId })) ids.push(`${item.id} ${item.status}`);
      assert.deepEqual(ids.toSorted(), ["a succeeded", "b succeeded"]);
    }
  });
});
