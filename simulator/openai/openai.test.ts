import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createManualClock } from "millrace/testing";
import OpenAI, { toFile } from "openai";
import { z } from "zod";
import { type Clients, openClients } from "../test-clients.ts";

const MESSAGES = [{ role: "user" as const, content: "What is the weather in Paris, and which lamps are on?" }];
const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS = ["get_weather", "list_lamps", "send_mail"].map((name) => ({
  type: "function" as const,
  function: { name, parameters: WEATHER },
}));
const City = z.strictObject({ city: z.string() });

describe("chat completions, asked by the official client", () => {
  it("call the tools that the user speaks of, whole and in pieces, and take their answers", async () => {
    await using clients = await openClients();
    const { completions } = clients.openai.chat;
    const whole = await completions.create({ model: "m", messages: MESSAGES, tools: TOOLS });
    const [choice] = whole.choices;
    assert.ok(choice !== undefined);
    assert.equal(choice.finish_reason, "tool_calls");
    const streamed = await completions.stream({ model: "m", messages: MESSAGES, tools: TOOLS }).finalChatCompletion();
    const callsOf = (message: OpenAI.ChatCompletionMessage | undefined): unknown[] =>
      (message?.tool_calls ?? []).map((call) =>
        call.type === "function" ? [call.function.name, call.function.arguments] : [],
      );
    assert.deepEqual(callsOf(streamed.choices[0]?.message), callsOf(choice.message));
    assert.equal(callsOf(choice.message).length, 2);
    assert.notEqual(streamed.choices[0]?.message.tool_calls?.[0]?.id, choice.message.tool_calls?.[0]?.id);
    const answers = (choice.message.tool_calls ?? []).map(({ id }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: "sunny",
    }));
    const spoken = await completions.create({ model: "m", messages: [...MESSAGES, choice.message, ...answers] });
    assert.match(spoken.choices[0]?.message.content ?? "", /sunny/);
    await assert.rejects(completions.create({ model: "m", messages: answers }), {
      status: 400,
      param: "messages[0].tool_call_id",
    });
    const [first] = answers;
    assert.ok(first !== undefined);
    await assert.rejects(completions.create({ model: "m", messages: [...MESSAGES, choice.message, first] }), {
      status: 400,
      message: new RegExp(String(choice.message.tool_calls?.[1]?.id)),
    });
  });

  it("give several answers, side by side in a stream, and stop at a sequence", async () => {
    await using clients = await openClients();
    const { completions } = clients.openai.chat;
    const whole = await completions.create({ model: "m", messages: MESSAGES, n: 3 });
    const texts = whole.choices.map(({ message }) => message.content);
    assert.equal(new Set(texts).size, 3);
    const streamed = await completions.stream({ model: "m", messages: MESSAGES, n: 3 }).finalChatCompletion();
    assert.deepEqual(
      streamed.choices.map(({ message }) => message.content),
      texts,
    );
    const word = texts[0]?.split(" ")[3] ?? "";
    const stopped = await completions.create({ model: "m", messages: MESSAGES, stop: word, n: 3 });
    assert.ok(stopped.choices[0]?.message.content?.includes(word) === false);
    assert.equal(stopped.choices[0]?.finish_reason, "stop");
  });

  it("show how likely each token was, and what else might have stood there, whole and streamed", async () => {
    await using clients = await openClients();
    const { completions } = clients.openai.chat;
    const asked = { model: "m", messages: MESSAGES, logprobs: true, top_logprobs: 2 };
    const [choice] = (await completions.create(asked)).choices;
    const tokens = choice?.logprobs?.content ?? [];
    assert.equal(tokens.map(({ token }) => token).join(""), choice?.message.content);
    for (const { token, logprob, top_logprobs: top } of tokens) {
      assert.deepEqual([top.length, top[0]?.token, top[0]?.logprob], [2, token, logprob]);
      assert.ok(logprob < 0 && (top[1]?.logprob ?? 0) < logprob);
    }
    const streamed = await completions.stream(asked).finalChatCompletion();
    const parts = streamed.choices[0]?.logprobs?.content ?? [];
    assert.equal(parts.map(({ token }) => token).join(""), choice?.message.content);
  });

  it("count reasoning, and refuse of a reasoning model what it does not take", async () => {
    await using clients = await openClients();
    const { completions } = clients.openai.chat;
    const { usage } = await completions.create({ model: "gpt-5.4-mini", messages: MESSAGES, reasoning_effort: "high" });
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    assert.ok(reasoning > 256 && reasoning < (usage?.completion_tokens ?? 0));
    for (const [change, param] of [
      [{ temperature: 0.5 }, "temperature"],
      [{ max_tokens: 10 }, "max_tokens"],
      [{ logprobs: true }, "logprobs"],
      [{ model: "m", logprobs: true, top_logprobs: 21 }, "top_logprobs"],
      [{ model: "m", temperature: 3 }, "temperature"],
      [{ model: "m", max_tokens: 0 }, "max_tokens"],
      [{ stream: "yes" }, "stream"],
      [{ messages: [{ role: "user" }] }, "messages[0].content"],
      [{ n: 0 }, "n"],
      [{ stop: ["a", "b", "c", "d", "e"] }, "stop"],
      [{ tool_choice: "required" as const }, "tool_choice"],
    ] as const) {
      const params = {
        model: "o4",
        messages: MESSAGES,
        ...change,
      } as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
      await assert.rejects(completions.create(params), (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.param, param);
        return true;
      });
    }
  });

  it("take no key from a local client, where they may", async () => {
    await using clients = await openClients({ isKeyless: true, models: ["qwen3:8b"] });
    const model = createOpenAICompatible({ name: "ollama", baseURL: `${clients.simulator.url}/v1` })("qwen3:8b");
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "hello" }] }];
    assert.equal((await model.doGenerate({ prompt })).finishReason.unified, "stop");
    const listed = (await (await clients.get("/v1/models")).json()) as { data: { id: string }[] };
    assert.deepEqual(
      listed.data.map(({ id }) => id),
      ["qwen3:8b"],
    );
  });
});

describe("responses, asked by the official client", () => {
  it("answer in text, JSON and calls of tools, whole and streamed alike", async () => {
    await using clients = await openClients();
    const { responses } = clients.openai;
    const text = await responses.create({ model: "m", input: "Tell about lamps", instructions: "Be brief." });
    assert.equal(text.status, "completed");
    assert.match(text.output_text, /lamps/);
    const format = { type: "json_schema" as const, name: "city", schema: WEATHER, strict: false };
    const json = await responses.create({ model: "m", input: "x", text: { format } });
    assert.equal(typeof (JSON.parse(json.output_text) as { city: unknown }).city, "string");
    const tools = [{ type: "function" as const, name: "get_weather", parameters: WEATHER, strict: false }];
    const asked = { model: "gpt-5.4", input: "What is the weather?", tools };
    const called = await responses.create(asked);
    assert.deepEqual(
      called.output.map(({ type }) => type),
      ["reasoning", "function_call"],
    );
    const streamed = await responses.stream(asked).finalResponse();
    assert.deepEqual(
      streamed.output.map((item) => (item.type === "function_call" ? item.arguments : item.type)),
      called.output.map((item) => (item.type === "function_call" ? item.arguments : item.type)),
    );
    assert.deepEqual(streamed.usage, { ...called.usage });
    const cut = await responses.create({ model: "m", input: "Tell about lamps", max_output_tokens: 16 });
    assert.deepEqual([cut.status, cut.incomplete_details?.reason], ["incomplete", "max_output_tokens"]);
  });

  it("build on an earlier one, are kept, and can be deleted", async () => {
    await using clients = await openClients();
    const { responses } = clients.openai;
    const first = await responses.create({ model: "m", input: "Tell about lamps" });
    const second = await responses.create({ model: "m", input: "And the kitchen?", previous_response_id: first.id });
    assert.ok((second.usage?.input_tokens ?? 0) > (first.usage?.input_tokens ?? 0));
    assert.equal((await responses.retrieve(first.id)).output_text, first.output_text);
    const [item, ...others] = (await responses.inputItems.list(second.id)).data;
    assert.ok(item?.type === "message" && others.length === 0);
    assert.deepEqual(item.content, [{ type: "input_text", text: "And the kitchen?" }]);
    await responses.delete(first.id);
    await assert.rejects(responses.retrieve(first.id), OpenAI.NotFoundError);
    await assert.rejects(responses.create({ model: "m", input: "x", previous_response_id: "none" }), {
      status: 400,
      code: "previous_response_not_found",
    });
  });

  it("answer the AI SDK's default model, whole and streamed", async () => {
    await using clients = await openClients();
    const model = createOpenAI({ baseURL: `${clients.simulator.url}/v1`, apiKey: "k" })("gpt-5.4");
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "What is the weather?" }] }];
    const tools = [{ type: "function" as const, name: "get_weather", inputSchema: WEATHER as { type: "object" } }];
    const whole = await model.doGenerate({ prompt });
    assert.ok(whole.content.some(({ type }) => type === "text"));
    assert.ok((whole.usage.outputTokens.reasoning ?? 0) > 0);
    const { stream } = await model.doStream({ prompt, tools });
    const parts: string[] = [];
    for await (const part of stream) {
      parts.push(part.type);
      if (part.type === "tool-call") City.parse(JSON.parse(part.input));
    }
    assert.ok(parts.includes("tool-call") && parts.at(-1) === "finish" && !parts.includes("error"));
  });
});

describe("embeddings, asked by the official client", () => {
  const similarity = (a: readonly number[] = [], b: readonly number[] = []): number =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

  it("put texts of much the same words near each other, as floats and as base64", async () => {
    await using clients = await openClients();
    const input = [
      "Which lamps are on in the kitchen?",
      "Are the lamps in the kitchen on?",
      "Quarterly revenue fell by a tenth.",
    ];
    const base = { model: "text-embedding-3-small", input };
    const { data, usage } = await clients.openai.embeddings.create(base);
    const [one, two, other] = data.map(({ embedding }) => embedding);
    assert.equal(one?.length, 1_536);
    assert.ok(Math.abs(similarity(one, one) - 1) < 1e-5);
    assert.ok(similarity(one, two) > similarity(one, other) + 0.3);
    const floats = await clients.openai.embeddings.create({ ...base, encoding_format: "float" });
    assert.deepEqual(floats.data[0]?.embedding, one);
    assert.equal(
      usage.total_tokens,
      input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0),
    );
    const short = await clients.openai.embeddings.create({ ...base, dimensions: 256 });
    const [a, b, c] = short.data.map(({ embedding }) => embedding);
    assert.equal(a?.length, 256);
    assert.ok(similarity(a, b) > similarity(a, c) + 0.2);
  });

  it("take up to 2,048 texts or lists of tokens, and say what is wrong with others", async () => {
    await using clients = await openClients();
    const create = (change: object): Promise<OpenAI.CreateEmbeddingResponse> =>
      Promise.resolve(
        clients.openai.embeddings.create({ model: "text-embedding-3-large", input: "x", dimensions: 8, ...change }),
      );
    const many = await create({ input: Array.from({ length: 2_048 }, (_, index) => `text ${index}`) });
    assert.equal(many.data.length, 2_048);
    assert.equal((await create({ input: [[1, 2, 3], [4]] })).usage.prompt_tokens, 4);
    for (const change of [
      { input: "" },
      { input: [] },
      { input: Array.from({ length: 2_049 }, () => "x") },
      { input: "x".repeat(40_000) },
      { dimensions: 4_000 },
      { encoding_format: "int8" },
    ]) {
      await assert.rejects(create(change), OpenAI.BadRequestError);
    }
  });
});

describe("files and batches, asked by the official client", () => {
  const line = (index: number, body: object): string =>
    JSON.stringify({
      custom_id: `q-${index}`,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "m", ...body },
    });
  const lines = (count: number): string[] =>
    Array.from({ length: count }, (_, index) =>
      line(index, index === 1 ? {} : { messages: [{ role: "user", content: `question ${index}` }] }),
    );
  async function start({ openai }: Clients, text: string): Promise<OpenAI.Batch> {
    const file = await openai.files.create({ file: await toFile(Buffer.from(text), "in.jsonl"), purpose: "batch" });
    return await openai.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      metadata: { of: "test" },
    });
  }
  async function read(
    { openai }: Clients,
    id: string | null | undefined,
  ): Promise<{ custom_id: string; response: unknown; error: { code: string } | null }[]> {
    assert.ok(typeof id === "string");
    const text = await (await openai.files.content(id)).text();
    return text
      .trim()
      .split("\n")
      .map((row) => JSON.parse(row) as { custom_id: string; response: unknown; error: { code: string } | null });
  }

  it("are stored, listed, read back and deleted", async () => {
    await using clients = await openClients();
    const { files } = clients.openai;
    const file = await files.create({ file: await toFile(Buffer.from("hello\n"), "a.jsonl"), purpose: "batch" });
    assert.deepEqual([file.bytes, file.filename, file.purpose], [6, "a.jsonl", "batch"]);
    assert.equal(await (await files.content(file.id)).text(), "hello\n");
    assert.equal((await files.retrieve(file.id)).id, file.id);
    const listed: string[] = [];
    for await (const { id } of files.list()) listed.push(id);
    assert.deepEqual(listed, [file.id]);
    assert.equal((await files.delete(file.id)).deleted, true);
    await assert.rejects(files.retrieve(file.id), OpenAI.NotFoundError);
    await assert.rejects(files.create({ file: await toFile(Buffer.from("x"), "a"), purpose: "none" as "batch" }), {
      param: "purpose",
    });
  });

  it("go through every status with the clock, counted live, to an output and an error file at half the price", async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 28));
    await using clients = await openClients({ clock, batchMs: 100_000 });
    const { openai } = clients;
    const { id, status } = await start(clients, lines(10).join("\n"));
    const seen: [string, number][] = [[status, 0]];
    for (const ms of [0, 50_000, 46_000, 4_000]) {
      await clock.advance(ms);
      const batch = await openai.batches.retrieve(id);
      seen.push([batch.status, (batch.request_counts?.completed ?? 0) + (batch.request_counts?.failed ?? 0)]);
    }
    assert.deepEqual(seen, [
      ["validating", 0],
      ["validating", 0],
      ["in_progress", 5],
      ["finalizing", 10],
      ["completed", 10],
    ]);
    const batch = await openai.batches.retrieve(id);
    assert.deepEqual(batch.request_counts, { total: 10, completed: 9, failed: 1 });
    assert.deepEqual([batch.metadata, batch.completed_at], [{ of: "test" }, Date.UTC(2026, 10, 28) / 1_000 + 100]);
    const output = await read(clients, batch.output_file_id);
    assert.equal(output.length, 9);
    assert.notDeepEqual(
      output.map((row) => row.custom_id),
      output.map((row) => row.custom_id).toSorted(),
    );
    const [failed] = await read(clients, batch.error_file_id);
    assert.equal(failed?.custom_id, "q-1");
    assert.equal((failed.response as { status_code: number }).status_code, 400);
    const [entry] = clients.simulator.ledger();
    assert.ok(entry !== undefined);
    assert.equal(batch.usage?.input_tokens, entry.inputTokens);
    assert.ok(Math.abs(entry.usd - ((entry.inputTokens + entry.outputTokens * 5) * 0.5) / 1e6) < 1e-12);
    await assert.rejects(openai.batches.cancel(id), OpenAI.ConflictError);
  });

  it("fail when the file is bad, and say in which line", async () => {
    await using clients = await openClients({ batchMs: 0 });
    const bad = [line(0, {}), line(0, {}), "{", line(2, { model: "another" })].join("\n");
    const { id } = await start(clients, bad);
    const batch = await clients.openai.batches.retrieve(id);
    assert.equal(batch.status, "failed");
    assert.deepEqual(
      batch.errors?.data?.map((error) => [error.line, error.code]),
      [
        [2, "duplicate_custom_id"],
        [3, "invalid_json_line"],
        [4, "mismatched_model"],
      ],
    );
    await assert.rejects(
      clients.openai.batches.create({ input_file_id: "none", endpoint: "/v1/embeddings", completion_window: "24h" }),
      { param: "input_file_id" },
    );
  });

  it("can be cancelled or expire, and keep what was done by then", async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 28));
    await using clients = await openClients({ clock, batchMs: 100_000 });
    const { openai, control } = clients;
    const cancelled = await start(clients, lines(10).join("\n"));
    const expired = await start(clients, lines(10).join("\n"));
    await clock.advance(50_000);
    assert.equal((await openai.batches.cancel(cancelled.id)).status, "cancelling");
    await control(`batches/${expired.id}`, { to: "expire" });
    await clock.advance(5_000);
    for (const [batch, code] of [
      [await openai.batches.retrieve(cancelled.id), "batch_cancelled"],
      [await openai.batches.retrieve(expired.id), "batch_expired"],
    ] as const) {
      assert.equal(batch.status, code.slice("batch_".length));
      const errors = await read(clients, batch.error_file_id);
      assert.equal(errors.filter(({ error }) => error?.code === code).length, 5);
    }
    const ids: string[] = [];
    for await (const { id } of openai.batches.list({ limit: 1 })) ids.push(id);
    assert.deepEqual(ids, [expired.id, cancelled.id]);
  });

  it("embed, too, and answer responses", async () => {
    await using clients = await openClients({ batchMs: 0 });
    for (const [endpoint, body] of [
      ["/v1/embeddings", { model: "text-embedding-3-small", input: ["a b c"] }],
      ["/v1/responses", { model: "m", input: "hello" }],
    ] as const) {
      const text = JSON.stringify({ custom_id: "one", method: "POST", url: endpoint, body });
      const file = await clients.openai.files.create({
        file: await toFile(Buffer.from(text), "in.jsonl"),
        purpose: "batch",
      });
      const { id } = await clients.openai.batches.create({
        input_file_id: file.id,
        endpoint,
        completion_window: "24h",
      });
      const batch = await clients.openai.batches.retrieve(id);
      assert.equal(batch.status, "completed");
      assert.equal((await read(clients, batch.output_file_id)).length, 1);
    }
  });
});
