import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { createManualClock } from "millrace/testing";
import OpenAI from "openai";
import { z } from "zod";
import { createSimulator, type Fault, FAULTS } from "./index.ts";
import { type Clients, openClients, until } from "./test-clients.ts";

const Habit = z.strictObject({ title: z.string(), hour: z.int().min(0).max(23), kind: z.enum(["light", "heat"]) });
const HABIT_SCHEMA = z.toJSONSchema(Habit) as Record<string, unknown>;
const PROMPT = [{ role: "user" as const, content: "Tell about light.kitchen in the morning" }];

function askAnthropic({ anthropic }: Clients): Promise<Anthropic.Message> {
  return Promise.resolve(anthropic.messages.create({ model: "m", max_tokens: 500, messages: PROMPT }));
}
function askOpenAi({ openai }: Clients): Promise<OpenAI.ChatCompletion> {
  return Promise.resolve(openai.chat.completions.create({ model: "m", messages: PROMPT }));
}

describe("the simulator, asked by the openai package", () => {
  it("answers in plain text with usage and a request id", async () => {
    await using clients = await openClients();
    const { data, response } = await clients.openai.chat.completions
      .create({ model: "m", messages: PROMPT })
      .withResponse();
    assert.match(data.choices[0]?.message.content ?? "", /light\.kitchen/);
    assert.equal(data.choices[0]?.finish_reason, "stop");
    const { usage } = data;
    assert.ok(usage !== undefined);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    assert.match(response.headers.get("x-request-id") ?? "", /^req_/);
  });

  it("streams the same text, with the usage when it is asked for", async () => {
    await using clients = await openClients();
    const whole = await askOpenAi(clients);
    const stream = await clients.openai.chat.completions.create({
      model: "m",
      messages: PROMPT,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    const finishes: string[] = [];
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    assert.equal(finishes.join(), "stop");
    assert.equal(usage?.completion_tokens, Math.ceil(text.length / 4));
    assert.equal(usage?.prompt_tokens, whole.usage?.prompt_tokens);
  });

  it("fits a JSON schema, as a response format and as a tool", async () => {
    await using clients = await openClients();
    const create = clients.openai.chat.completions;
    const asked = await create.create({
      model: "m",
      messages: PROMPT,
      response_format: { type: "json_schema", json_schema: { name: "habit", schema: HABIT_SCHEMA, strict: true } },
    });
    Habit.parse(JSON.parse(asked.choices[0]?.message.content ?? ""));
    const tool = await create.create({
      model: "m",
      messages: PROMPT,
      tools: [{ type: "function", function: { name: "habit", parameters: HABIT_SCHEMA } }],
      tool_choice: { type: "function", function: { name: "habit" } },
    });
    const call = tool.choices[0]?.message.tool_calls?.[0];
    assert.ok(call?.type === "function");
    Habit.parse(JSON.parse(call.function.arguments));
    assert.equal(tool.choices[0]?.finish_reason, "tool_calls");
    const free = await create.create({ model: "m", messages: PROMPT, response_format: { type: "json_object" } });
    assert.equal(typeof JSON.parse(free.choices[0]?.message.content ?? ""), "object");
  });

  it("gives each fault the error that the package knows", async () => {
    const expected: Partial<Record<Fault, readonly [number, string | null]>> = {
      "rate-limit": [429, "rate_limit_exceeded"],
      "server-error": [500, null],
      overloaded: [503, "server_is_overloaded"],
      unauthorized: [401, "invalid_api_key"],
      quota: [429, "insufficient_quota"],
    };
    for (const [fault, [status, code]] of Object.entries(expected)) {
      await using clients = await openClients({ script: [fault as Fault] });
      await assert.rejects(askOpenAi(clients), (error) => {
        assert.ok(error instanceof OpenAI.APIError);
        assert.deepEqual([error.status, error.code ?? null], [status, code]);
        return true;
      });
    }
    await using clients = await openClients({ script: ["reset"] });
    await assert.rejects(askOpenAi(clients), OpenAI.APIConnectionError);
  });

  it("lists its models, and names the field of a bad request", async () => {
    await using clients = await openClients({ models: ["one", "two"] });
    const ids: string[] = [];
    for await (const model of clients.openai.models.list()) ids.push(model.id);
    assert.deepEqual(ids, ["one", "two"]);
    assert.equal((await clients.openai.models.retrieve("two")).id, "two");
    await assert.rejects(clients.openai.chat.completions.create({ model: "", messages: PROMPT }), {
      status: 400,
      param: "model",
    });
    await assert.rejects(clients.openai.moderations.create({ input: "x" }), OpenAI.NotFoundError);
  });
});

describe("the simulator, asked by the @anthropic-ai/sdk package", () => {
  it("answers in plain text with usage and a request id", async () => {
    await using clients = await openClients();
    const create = clients.anthropic.messages.create({ model: "m", max_tokens: 500, messages: PROMPT });
    const { data: message, request_id: requestId } = await create.withResponse();
    const [block] = message.content;
    assert.ok(block?.type === "text");
    assert.match(block.text, /light\.kitchen/);
    assert.equal(message.stop_reason, "end_turn");
    assert.equal(message.usage.output_tokens, Math.ceil(block.text.length / 4));
    assert.match(requestId ?? "", /^req_/);
  });

  it("streams a message that its helper puts together, and fails a stream that breaks off", async () => {
    await using clients = await openClients({ script: ["none", "truncated"] });
    const params = { model: "m", max_tokens: 500, messages: PROMPT };
    const message = await clients.anthropic.messages.stream(params).finalMessage();
    assert.ok(message.content[0]?.type === "text");
    assert.equal(message.stop_reason, "end_turn");
    assert.equal(message.usage.output_tokens, Math.ceil(message.content[0].text.length / 4));
    await assert.rejects(clients.anthropic.messages.stream(params).finalMessage());
  });

  it("fits a JSON schema, as an output format and as a forced tool, streamed too", async () => {
    await using clients = await openClients();
    const params = { model: "m", max_tokens: 500, messages: PROMPT };
    const asked = await clients.anthropic.messages.create({
      ...params,
      output_config: { format: { type: "json_schema", schema: HABIT_SCHEMA } },
    });
    assert.ok(asked.content[0]?.type === "text");
    Habit.parse(JSON.parse(asked.content[0].text));
    const withTool = {
      ...params,
      tools: [{ name: "habit", input_schema: HABIT_SCHEMA as Anthropic.Tool.InputSchema }],
      tool_choice: { type: "tool" as const, name: "habit" },
    };
    for (const message of [
      await clients.anthropic.messages.create(withTool),
      await clients.anthropic.messages.stream(withTool).finalMessage(),
    ]) {
      assert.ok(message.content[0]?.type === "tool_use");
      Habit.parse(message.content[0].input);
      assert.equal(message.stop_reason, "tool_use");
    }
  });

  it("gives each fault the error that the package knows", async () => {
    const expected: Partial<Record<Fault, readonly [number, string]>> = {
      "rate-limit": [429, "rate_limit_error"],
      "server-error": [500, "api_error"],
      overloaded: [529, "overloaded_error"],
      unauthorized: [401, "authentication_error"],
      quota: [402, "billing_error"],
    };
    for (const [fault, [status, type]] of Object.entries(expected)) {
      await using clients = await openClients({ script: [fault as Fault] });
      await assert.rejects(askAnthropic(clients), (error) => {
        assert.ok(error instanceof Anthropic.APIError);
        const body = error.error as { error: { type: string } };
        assert.deepEqual([error.status, body.error.type], [status, type]);
        return true;
      });
    }
    await using refusing = await openClients({ script: ["refusal"] });
    assert.equal((await askAnthropic(refusing)).stop_reason, "refusal");
  });

  it("cuts an answer at max_tokens, and lists its models", async () => {
    await using clients = await openClients({ models: ["one"] });
    const message = await clients.anthropic.messages.create({ model: "m", max_tokens: 4, messages: PROMPT });
    assert.deepEqual([message.stop_reason, message.usage.output_tokens], ["max_tokens", 4]);
    const ids: string[] = [];
    for await (const model of clients.anthropic.models.list()) ids.push(model.id);
    assert.deepEqual(ids, ["one"]);
  });

  it("takes both versions and both key headers, and speaks of what is wrong in its own shape", async () => {
    await using clients = await openClients();
    const body = { model: "m", max_tokens: 9, messages: PROMPT };
    const post = (headers: Record<string, string>, content: unknown = body): Promise<Response> =>
      clients.get("/v1/messages", { method: "POST", headers, body: JSON.stringify(content) });
    const older = { "x-api-key": "k", "anthropic-version": "2023-06-01" };
    const newer = { authorization: "Bearer k", "anthropic-version": "2026-10-21" };
    assert.equal((await post(older)).status, 200);
    assert.equal((await post(newer)).status, 200);
    assert.equal((await post(older, { ...body, temperature: 1 })).status, 200);
    assert.equal((await post(newer, { ...body, temperature: 1 })).status, 400);
    assert.equal((await post({ "anthropic-version": "2023-06-01" })).status, 401);
    assert.equal((await post({ "x-api-key": "k" })).status, 400);
    const missing = (await (await post(older, { model: "m", messages: PROMPT })).json()) as {
      error: { message: string };
    };
    assert.equal(missing.error.message, "max_tokens: Field required");
    const unknown = await clients.get("/v1/messages/nothing", { headers: older });
    assert.equal(unknown.status, 404);
    assert.equal(((await unknown.json()) as { error: { type: string } }).error.type, "not_found_error");
  });
});

describe("the simulator's behaviour", () => {
  it("gives the same answers, faults and statuses for the same seed, in whatever order it is asked", async () => {
    const options = { faultRate: 0.5, faults: ["server-error", "overloaded", "refusal"], seed: 42 } as const;
    const prompts = Array.from({ length: 24 }, (_, index) => `question ${index} about lamp.${index}`);
    const ask = async ({ openai }: Clients, content: string): Promise<string> =>
      openai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] }).then(
        ({ choices }) => choices[0]?.message.content ?? "refused",
        (error: unknown) => String((error as { status: number }).status),
      );
    await using first = await openClients(options);
    await using second = await openClients(options);
    const inOrder = await Promise.all(prompts.map((prompt) => ask(first, prompt)));
    const reversed = await Promise.all(prompts.toReversed().map((prompt) => ask(second, prompt)));
    assert.deepEqual(inOrder, reversed.toReversed());
    assert.ok(inOrder.includes("500") && inOrder.includes("503") && inOrder.some((answer) => answer.includes("lamp.")));
    await using other = await openClients({ ...options, seed: 43 });
    assert.notDeepEqual(await Promise.all(prompts.map((prompt) => ask(other, prompt))), inOrder);
  });

  it("counts what it is asked, and starts again at 0 when told", async () => {
    await using clients = await openClients({ script: ["none", "none", "server-error"] });
    await askOpenAi(clients);
    await askOpenAi(clients);
    await assert.rejects(askAnthropic(clients));
    const read = async (): Promise<Record<string, unknown>> =>
      (await (await clients.get("/_simulator/stats")).json()) as Record<string, unknown>;
    const stats = await read();
    assert.deepEqual(
      { ...stats, promptTokens: 0, completionTokens: 0, connections: 0 },
      {
        requests: 3,
        byRoute: { "POST /v1/chat/completions": 2, "POST /v1/messages": 1 },
        byModel: { m: 3 },
        byStatus: { "200": 2, "500": 1 },
        faults: { "server-error": 1 },
        inFlight: 0,
        maxInFlight: 1,
        connections: 0,
        promptTokens: 0,
        completionTokens: 0,
        perPrompt: { distinct: 2, repeats: 1 },
      },
    );
    assert.deepEqual(stats, JSON.parse(JSON.stringify(clients.simulator.stats())));
    await clients.get("/_simulator/reset", { method: "POST" });
    assert.equal((await read())["requests"], 0);
  });

  it("changes while it runs, and refuses a change that makes no sense", async () => {
    await using clients = await openClients();
    const change = (body: unknown): Promise<Response> =>
      clients.get("/_simulator/config", { method: "POST", body: JSON.stringify(body) });
    assert.equal((await change({ faultRate: 1, faults: ["overloaded"] })).status, 200);
    await assert.rejects(askOpenAi(clients), { status: 503 });
    const refused = await change({ faultRate: 2 });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /faultRate of the simulator is 2/);
    assert.match(await (await change({ latency: 5 })).text(), /no \\"latency\\" to set.*latencyMs, tokensPerSecond/);
    assert.equal((await change([])).status, 400);
    assert.throws(() => createSimulator({ faults: ["nonsense" as Fault] }), { code: "INPUT_INVALID" });
    assert.throws(() => createSimulator({ latencyMs: { p50: 10, p95: 5 } }), { code: "INPUT_INVALID" });
  });

  it("reads a megabyte that speaks of schemas without end in an instant", async () => {
    await using clients = await openClients();
    const content = "JSON Schema: { é😀 ".repeat(50_000);
    const startedAt = performance.now();
    await clients.openai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] });
    assert.ok(performance.now() - startedAt < 30_000);
  });

  it("names what is wrong with a request as the field that it is", async () => {
    await using clients = await openClients();
    const headers = { authorization: "Bearer k" };
    const fieldOf = async (change: object): Promise<unknown> => {
      const body = JSON.stringify({ model: "m", messages: PROMPT, ...change });
      const response = await clients.get("/v1/chat/completions", { method: "POST", headers, body });
      assert.equal(response.status, 400);
      return ((await response.json()) as { error: { param: unknown } }).error.param;
    };
    assert.equal(await fieldOf({ messages: [{ role: "wizard", content: "x" }] }), "messages[0].role");
    assert.equal(await fieldOf({ response_format: { type: "xml" } }), "response_format.type");
    assert.equal((await clients.get("/v1/models/%E0%A4%A", { headers })).status, 404);
  });

  it("answers after its latency, and counts a request when it arrives", async () => {
    const clock = createManualClock();
    await using clients = await openClients({ clock, latencyMs: 1_500 });
    const answer = askOpenAi(clients);
    await until(() => clients.simulator.stats().perPrompt.distinct === 1);
    assert.deepEqual([clients.simulator.stats().requests, clients.simulator.stats().inFlight], [1, 1]);
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await clock.advance(1_499);
    assert.equal(isAnswered, false);
    await clock.advance(1);
    await answer;
  });

  it("lets go of silent requests when it stops, and says when its port is taken", async () => {
    const clients = await openClients({ script: ["silent"] });
    const lost = assert.rejects(askOpenAi(clients), OpenAI.APIConnectionError);
    await until(() => clients.simulator.stats().faults["silent"] === 1);
    const port = Number(new URL(clients.simulator.url).port);
    await assert.rejects(createSimulator({ port }).start(), { code: "ADDRESS_IN_USE" });
    await clients.simulator.stop();
    await lost;
    await clients.simulator.stop();
  });

  it("keeps every fault apart from a good answer", async () => {
    /** What leaves an answer whole, or keeps it for ever. */
    const others = new Set<Fault>([
      "silent",
      "silent-body",
      "slow",
      "slow-first-token",
      "stall",
      "no-prefill",
      "no-done",
      "clock-skew",
    ]);
    for (const fault of FAULTS.filter((each) => !others.has(each))) {
      await using clients = await openClients({ script: [fault] });
      const outcome = await clients.openai.chat.completions
        .create({
          model: "m",
          messages: PROMPT,
          response_format: { type: "json_schema", json_schema: { name: "habit", schema: HABIT_SCHEMA } },
        })
        .then(({ choices }) => Habit.safeParse(tryJson(choices[0]?.message.content ?? "")).success)
        .catch(() => false);
      assert.equal(outcome, false, fault);
      assert.equal(clients.simulator.stats().faults[fault], 1);
    }
  });
});

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
