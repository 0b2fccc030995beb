// @ts-check
// The AI SDK as a client: its own providers for the APIs of OpenAI and Anthropic ask the gateway and the simulator, and notice no difference.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { openGatewayWorld, until } from "../gateway/world.ts";

const CHAT = "gpt-5.4-mini";
const MESSAGES = "claude-haiku-4-5";
const WORDS = "text-embedding-3-small";

/**
 * @typedef {object} Client
 * @property {import("ai").LanguageModel} model
 * @property {import("ai").EmbeddingModel} [words] Of clients whose API has embeddings.
 */
/** @typedef {(client: Client, simulator: import("../../simulator/index.ts").Simulator) => Promise<void>} Check */

/** By name: how to ask a server at a base URL. @type {Readonly<Record<string, (baseURL: string) => Client>>} */
const CLIENTS = {
  "@ai-sdk/openai, chat": (baseURL) => {
    const provider = createOpenAI({ apiKey: "k", baseURL });
    return { model: provider.chat(CHAT), words: provider.embeddingModel(WORDS) };
  },
  "@ai-sdk/openai-compatible": (baseURL) => {
    const options = { name: "own", apiKey: "k", baseURL, includeUsage: true, supportsStructuredOutputs: true };
    const provider = createOpenAICompatible(options);
    return { model: provider.chatModel(CHAT), words: provider.embeddingModel(WORDS) };
  },
  "@ai-sdk/anthropic": (baseURL) => ({ model: createAnthropic({ apiKey: "k", baseURL })(MESSAGES) }),
};

const weather = tool({
  description: "Tells the weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `it rains in ${city}`,
});
const City = z.object({ city: z.string(), people: z.number() });
const ONCE = { maxRetries: 0 };

/** @type {Readonly<Record<string, Check>>} */
const CHECKS = {
  "a whole answer, with its end and its usage": async ({ model }) => {
    const { text, finishReason, usage, warnings } = await generateText({ model, prompt: "hello", ...ONCE });
    assert.ok(text.length > 0);
    assert.equal(finishReason, "stop");
    assert.ok((usage.inputTokens ?? 0) > 0 && (usage.outputTokens ?? 0) > 0, JSON.stringify(usage));
    assert.deepEqual(warnings ?? [], []);
  },
  "a stream says what the whole answer says, with the same usage": async ({ model }) => {
    const whole = await generateText({ model, prompt: "hello", ...ONCE });
    const stream = streamText({ model, prompt: "hello", ...ONCE });
    let text = "";
    for await (const piece of stream.textStream) text += piece;
    assert.equal(text, whole.text);
    assert.equal(await stream.finishReason, "stop");
    assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
  },
  "a tool is called, run and read, whole": async ({ model }) => {
    const asked = { model, prompt: "what is the weather", tools: { get_weather: weather }, ...ONCE };
    const { steps, text } = await generateText({ ...asked, stopWhen: isStepCount(2) });
    assert.deepEqual(
      steps.map(({ finishReason, toolCalls }) => [finishReason, toolCalls.length]),
      [
        ["tool-calls", 1],
        ["stop", 0],
      ],
    );
    assert.match(JSON.stringify(steps[0]?.toolResults), /it rains in/);
    assert.ok(text.length > 0);
  },
  "a tool is called, run and read, streamed": async ({ model }) => {
    const asked = { model, prompt: "what is the weather", tools: { get_weather: weather }, ...ONCE };
    const stream = streamText({ ...asked, stopWhen: isStepCount(2) });
    const kinds = new Set();
    for await (const part of stream.fullStream) {
      kinds.add(part.type);
      if (part.type === "tool-call") assert.equal(typeof (/** @type {{ city: string }} */ (part.input).city), "string");
    }
    for (const kind of ["tool-input-start", "tool-input-delta", "tool-call", "tool-result", "text-delta", "finish"])
      assert.ok(kinds.has(kind), `${kind} is missing of ${[...kinds].join(", ")}`);
    assert.equal((await stream.steps).length, 2);
  },
  "an object fits its schema, whole and as it grows": async ({ model }) => {
    const asked = { model, prompt: "a city", output: Output.object({ schema: City }), ...ONCE };
    const { output } = await generateText(asked);
    assert.ok(City.safeParse(output).success);
    const stream = streamText(asked);
    let pieces = 0;
    for await (const _part of stream.partialOutputStream) pieces += 1;
    assert.ok(pieces > 0);
    assert.deepEqual(await stream.output, output);
  },
  "what is wrong with a request is told, and not tried again": async ({ model }, simulator) => {
    simulator.configure({ script: ["context-length"] });
    await assert.rejects(
      generateText({ model, prompt: "too long", maxRetries: 2 }),
      (error) => APICallError.isInstance(error) && error.statusCode === 400 && !error.isRetryable,
    );
    assert.equal(simulator.stats().faults["context-length"], 1);
  },
  "what the provider could not do is an error of the call, whole and streamed": async ({ model }, simulator) => {
    simulator.configure({ script: ["unauthorized", "unauthorized"] });
    /** @param {unknown} error */
    const isRefused = (error) => APICallError.isInstance(error) && (error.statusCode ?? 0) >= 400;
    await assert.rejects(generateText({ model, prompt: "refused", ...ONCE }), isRefused);
    /** @type {unknown} */
    let told;
    const stream = streamText({ model, prompt: "refused too", ...ONCE, onError: ({ error }) => void (told = error) });
    for await (const _part of stream.fullStream);
    assert.ok(isRefused(told), String(told));
  },
  "who leaves in the middle of an answer, or before it, frees the provider": async ({ model }, simulator) => {
    simulator.configure({ tokensPerSecond: 1_000 });
    const leaving = new AbortController();
    const stream = streamText({ model, prompt: "tell me more", abortSignal: leaving.signal, ...ONCE });
    const kinds = [];
    for await (const part of stream.fullStream) {
      kinds.push(part.type);
      if (part.type === "text-delta") leaving.abort();
    }
    assert.equal(kinds.at(-1), "abort");
    const early = new AbortController();
    const whole = generateText({ model, prompt: "tell me all", abortSignal: early.signal, ...ONCE });
    const refused = assert.rejects(whole, { name: "AbortError" });
    await until(() => simulator.stats().inFlight > 0);
    early.abort();
    await refused;
    await until(() => simulator.stats().inFlight === 0);
  },
  "texts become vectors, where the API has them": async ({ words }) => {
    if (words === undefined) return;
    const { embeddings, usage } = await embedMany({ model: words, values: ["a cat", "a dog"], ...ONCE });
    assert.deepEqual(
      embeddings.map((vector) => vector.length),
      [1536, 1536],
    );
    assert.ok(usage.tokens > 0);
  },
};

/** @type {import("../gateway/world.ts").GatewayWorld} */
let world;
before(async () => void (world = await openGatewayWorld()));
after(() => world[Symbol.asyncDispose]());

for (const server of /** @type {const} */ (["gateway", "simulator"])) {
  for (const [name, open] of Object.entries(CLIENTS)) {
    describe(`the ${server}, asked by ${name}`, () => {
      for (const [fact, check] of Object.entries(CHECKS)) {
        it(fact, async () => {
          world.simulator.reset();
          world.simulator.configure({ script: [], rules: [], tokensPerSecond: 0 });
          await check(open(`${server === "gateway" ? world.url : world.simulator.url}/v1`), world.simulator);
        });
      }
    });
  }
}
