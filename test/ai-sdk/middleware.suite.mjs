// @ts-check
// What users of the AI SDK notice of the middleware. The `ai` package is the real one, so is every request; the provider is the simulator.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import {
  APICallError,
  createProviderRegistry,
  customProvider,
  generateObject,
  generateText,
  isStepCount,
  NoObjectGeneratedError,
  Output,
  streamText,
  tool,
  UnsupportedFunctionalityError,
  wrapLanguageModel,
  wrapProvider,
} from "ai";
import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";
import { z } from "zod";
import { createSimulator } from "../../simulator/index.ts";
import { millraceMiddleware } from "../../src/ai-sdk.ts";

const simulator = createSimulator();
const CALM = { script: [], rules: [], latencyMs: 0, tokensPerSecond: 0 };
const FAST = { retry: { base: "1ms" } };
/** @type {(() => Promise<void>)[]} */
const closers = [];
let url = "";
let directory = "";

before(async () => {
  url = await simulator.start();
  directory = await mkdtemp(join(tmpdir(), "millrace-ai-sdk-"));
});
after(async () => {
  for (const close of closers) await close();
  await simulator.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  simulator.configure(CALM);
  simulator.reset();
});

/** @param {import("../../src/ai-sdk.ts").MillraceMiddlewareOptions} [options] */
function open(options) {
  const middleware = millraceMiddleware({ ...FAST, ...options });
  closers.push(() => middleware.close());
  return middleware;
}
function openai(name = "gpt-5.4-mini") {
  return createOpenAI({ apiKey: "k", baseURL: `${url}/v1` }).chat(name);
}
function anthropic(name = "claude-haiku-4-5") {
  return createAnthropic({ apiKey: "k", baseURL: `${url}/v1` })(name);
}
/** @param {import("../../src/ai-sdk.ts").MillraceMiddlewareOptions} [options] */
function wrapped(options, model = openai()) {
  return wrapLanguageModel({ model, middleware: open(options) });
}
const requests = () => simulator.stats().requests;
/** @param {{ readonly providerMetadata?: Record<string, unknown> | undefined }} result */
const storyOf = (result) =>
  /** @type {{ source: string, model: string, degraded: string | null, requests: number, usd: number, savedUsd: number, ageMs: number }} */ (
    result.providerMetadata?.["millrace"]
  );
/** @param {import("ai").StreamTextResult<any, any, any>} stream */
async function read(stream) {
  let text = "";
  for await (const piece of stream.textStream) text += piece;
  return text;
}
/** @returns {Promise<any>} @param {Promise<unknown>} promise */
const failureOf = (promise) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

describe("answers that are kept", () => {
  it("pays once for equal questions, and says where the second answer came from", async () => {
    const model = wrapped();
    const first = await generateText({ model, system: "Be brief.", prompt: "Why is the sky blue?" });
    const second = await generateText({ model, system: "Be brief.", prompt: "Why is the sky blue?" });
    assert.equal(second.text, first.text);
    assert.equal(requests(), 1);
    assert.deepEqual([storyOf(first).source, storyOf(second).source], ["provider", "memory"]);
    assert.ok((first.usage.totalTokens ?? 0) > 0);
    assert.equal(second.usage.totalTokens, 0);
    assert.ok(storyOf(first).usd > 0);
    assert.equal(storyOf(second).savedUsd, storyOf(first).usd);
    assert.equal(second.response.id, first.response.id);
    assert.ok(first.response.headers?.["x-request-id"]?.startsWith("req_"));
  });

  it("asks anew for another prompt, setting, model or system", async () => {
    const middleware = open();
    const model = wrapLanguageModel({ model: openai(), middleware });
    const other = wrapLanguageModel({ model: openai("gpt-5.4"), middleware });
    const prompt = "Name a colour.";
    await generateText({ model, prompt });
    await generateText({ model, prompt: "Name a river." });
    await generateText({ model, prompt, maxOutputTokens: 500 });
    await generateText({ model, prompt, system: "Be brief." });
    await generateText({ model, prompt, headers: { "x-flavour": "mint" } });
    await generateText({ model: other, prompt });
    assert.equal(requests(), 6);
    await generateText({ model, prompt, headers: { traceparent: "00-1-2-01" } });
    assert.equal(requests(), 6);
  });

  it("tells images apart by their bytes", async () => {
    const model = wrapped();
    /** @param {number} byte */
    const ask = (byte) =>
      generateText({
        model,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "What is this?" },
              { type: "file", mediaType: "image/png", data: new Uint8Array([137, 80, 78, 71, byte]) },
            ],
          },
        ],
      });
    await ask(1);
    await ask(2);
    await ask(1);
    assert.equal(requests(), 2);
  });

  it("answers a stream from what was generated and the other way round", async () => {
    const model = wrapped();
    const generated = await generateText({ model, prompt: "Say a" });
    assert.equal(await read(streamText({ model, prompt: "Say a" })), generated.text);
    const stream = streamText({ model, prompt: "Say b" });
    const text = await read(stream);
    const again = await generateText({ model, prompt: "Say b" });
    assert.equal(again.text, text);
    assert.deepEqual(
      [storyOf({ providerMetadata: await stream.providerMetadata }).source, storyOf(again).source],
      ["provider", "memory"],
    );
    assert.equal(requests(), 2);
  });

  it("sends one request for many who ask the same at once, streamed or not", async () => {
    const model = wrapped();
    simulator.configure({ latencyMs: 30 });
    const prompt = "What do we all want to know?";
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        index % 2 === 0 ? await read(streamText({ model, prompt })) : (await generateText({ model, prompt })).text,
      ),
    );
    assert.equal(new Set(texts).size, 1);
    assert.equal(requests(), 1);
  });

  it("outlives the process in the folder that is named", async () => {
    const data = join(directory, "kept");
    const first = millraceMiddleware({ data });
    const { text } = await generateText({
      model: wrapLanguageModel({ model: openai(), middleware: first }),
      prompt: "Keep me",
    });
    await first.close();
    const again = await generateText({ model: wrapped({ data }), prompt: "Keep me" });
    assert.equal(again.text, text);
    assert.equal(storyOf(again).source, "database");
    assert.equal(requests(), 1);
  });

  it("keeps nothing with cache false, for one call or for all", async () => {
    const model = wrapped();
    const fresh = { millrace: { cache: false } };
    await generateText({ model, prompt: "Roll a die", providerOptions: fresh });
    await generateText({ model, prompt: "Roll a die", providerOptions: fresh });
    const never = wrapped({ cache: false });
    await generateText({ model: never, prompt: "Roll a die" });
    await generateText({ model: never, prompt: "Roll a die" });
    assert.equal(requests(), 4);
  });

  it("forgets what hangs on a tag, and keeps tenants apart", async () => {
    const middleware = open();
    const model = wrapLanguageModel({ model: openai(), middleware });
    /** @param {{ tenant?: string, tags?: string[] }} millrace */
    const ask = (millrace) => generateText({ model, prompt: "What is in the file?", providerOptions: { millrace } });
    await ask({ tags: ["file-7"] });
    await ask({ tags: ["file-7"] });
    assert.equal(requests(), 1);
    await (await middleware.cache())?.evict({ kind: "tag", tag: "file-7" });
    await ask({ tags: ["file-7"] });
    assert.equal(requests(), 2);
    await ask({ tenant: "a" });
    await ask({ tenant: "b" });
    await ask({ tenant: "a" });
    assert.equal(requests(), 4);
  });

  it("passes on an answer that was cut at its length, and does not keep it", async () => {
    const model = wrapped({}, anthropic());
    for (const _ of [1, 2]) {
      const { finishReason } = await generateText({ model, prompt: "Tell me everything", maxOutputTokens: 3 });
      assert.equal(finishReason, "length");
    }
    assert.equal(requests(), 2);
  });
});

describe("objects and tools", () => {
  const schema = z.object({ title: z.string(), count: z.number() });

  it("gives objects by generateObject and by Output, once paid for", async () => {
    const model = wrapped();
    const { object } = await generateObject({ model, schema, prompt: "Describe a box" });
    assert.equal(typeof object.count, "number");
    assert.deepEqual((await generateObject({ model, schema, prompt: "Describe a box" })).object, object);
    const { output } = await generateText({ model, prompt: "Describe a bag", output: Output.object({ schema }) });
    const stream = streamText({ model, prompt: "Describe a bag", output: Output.object({ schema }) });
    assert.deepEqual(await stream.output, output);
    assert.equal(requests(), 2);
  });

  for (const fault of /** @type {const} */ (["malformed", "schema"])) {
    it(`does not keep an object that cannot be used: ${fault}`, async () => {
      const model = wrapped();
      simulator.configure({ script: [fault] });
      const failed = await failureOf(generateObject({ model, schema, prompt: "Describe a bottle" }));
      assert.ok(NoObjectGeneratedError.isInstance(failed), String(failed));
      const { object } = await generateObject({ model, schema, prompt: "Describe a bottle" });
      assert.equal(typeof object.title, "string");
      assert.equal(requests(), 2);
    });
  }

  it("goes through a loop of tools, asks no model for it a second time, and runs the tool again", async () => {
    const model = wrapped({}, anthropic());
    let runs = 0;
    const tools = {
      look: tool({
        description: "Looks up the weather",
        inputSchema: z.object({ at: z.string() }),
        execute: async ({ at }) => `sunny at ${at}, look ${++runs > 0}`,
      }),
    };
    const ask = () =>
      generateText({
        model,
        tools,
        toolChoice: { type: "tool", toolName: "look" },
        prompt: "How is the weather?",
        stopWhen: isStepCount(2),
      });
    const first = await ask();
    assert.equal(first.steps.length, 2);
    assert.equal(first.steps[0]?.toolCalls[0]?.toolName, "look");
    const asked = requests();
    const second = await ask();
    assert.deepEqual(
      second.steps.map(({ toolCalls }) => toolCalls.map(({ input }) => input)),
      first.steps.map(({ toolCalls }) => toolCalls.map(({ input }) => input)),
    );
    assert.equal(requests(), asked);
    assert.ok(runs >= 2);
    const streamed = streamText({
      model,
      tools,
      toolChoice: { type: "tool", toolName: "look" },
      prompt: "How is the weather?",
      stopWhen: isStepCount(2),
    });
    await streamed.consumeStream();
    assert.equal((await streamed.steps).length, 2);
    assert.equal(requests(), asked);
  });

  it("keeps files, sources, citations and the signatures of reasoning, streamed or not", async () => {
    const usage = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    };
    const finishReason = /** @type {const} */ ({ unified: "stop", raw: "stop" });
    const signed = { anthropic: { signature: "s1" } };
    const inner = new MockLanguageModelV4({
      provider: "mock",
      modelId: "all",
      doStream: {
        stream: convertArrayToReadableStream([
          { type: "stream-start", warnings: [{ type: "other", message: "careful" }] },
          { type: "response-metadata", id: "r1", modelId: "all-1", timestamp: new Date(5) },
          { type: "reasoning-start", id: "0" },
          { type: "reasoning-delta", id: "0", delta: "hm" },
          { type: "reasoning-delta", id: "0", delta: "", providerMetadata: signed },
          { type: "reasoning-end", id: "0" },
          { type: "text-start", id: "1" },
          { type: "text-delta", id: "1", delta: "see" },
          { type: "text-end", id: "1" },
          { type: "source", sourceType: "url", id: "u", url: "https://example.com/" },
          { type: "file", mediaType: "image/png", data: { type: "data", data: new Uint8Array([1, 2, 3]) } },
          { type: "finish", finishReason, usage },
        ]),
      },
    });
    const model = wrapLanguageModel({ model: inner, middleware: open() });
    const stream = streamText({ model, prompt: "all" });
    assert.equal(await read(stream), "see");
    const streamed = await stream.steps;
    const kept = await generateText({ model, prompt: "all" });
    const replayed = streamText({ model, prompt: "all" });
    await read(replayed);
    for (const result of [streamed[0], kept, (await replayed.steps)[0]]) {
      assert.ok(result);
      assert.deepEqual([...(result.files[0]?.uint8Array ?? [])], [1, 2, 3]);
      assert.equal(result.sources.length, 1);
      assert.equal(result.reasoningText, "hm");
      const reasoning = result.content.find(({ type }) => type === "reasoning");
      assert.deepEqual(reasoning?.type === "reasoning" && reasoning.providerMetadata, signed);
      assert.equal(result.response.id, "r1");
      assert.equal(result.response.timestamp.getTime(), 5);
      assert.equal(result.warnings?.length, 1);
    }
    assert.equal(inner.doGenerateCalls.length + inner.doStreamCalls.length, 1);
  });
});

describe("failures", () => {
  it("tries again where that may help", async () => {
    simulator.configure({ script: ["server-error", "reset"] });
    const result = await generateText({ model: wrapped(), prompt: "Try", maxRetries: 0 });
    assert.notEqual(result.text, "");
    assert.equal(storyOf(result).requests, 3);
  });

  it("does not multiply its retries with those of the AI SDK, and gives the AI SDK's own error", async () => {
    simulator.configure({ rules: [{ fault: "server-error" }] });
    const error = await failureOf(
      generateText({ model: wrapped({ retry: { base: "1ms", attempts: 2 } }), prompt: "Try" }),
    );
    assert.ok(APICallError.isInstance(error), String(error));
    assert.deepEqual([error.statusCode, error.isRetryable, requests()], [500, false, 2]);
    assert.match(error.message, /openai\.chat\/gpt-5\.4-mini failed on the provider's side \(500\)/);
    assert.equal(JSON.stringify(error.requestBodyValues), "{}");
  });

  it("has another model stand in, streamed or not, and says so", async () => {
    simulator.configure({ rules: [{ fault: "overloaded", model: "gpt-5.4-mini" }] });
    const model = wrapped({ fallback: [anthropic()], retry: { base: "1ms", attempts: 2 } });
    const result = await generateText({ model, prompt: "Who answers?" });
    assert.equal(storyOf(result).source, "fallback");
    assert.match(storyOf(result).model, /^anthropic.*\/claude-haiku-4-5$/);
    assert.match(storyOf(result).degraded ?? "", /overloaded/);
    const stream = streamText({ model, prompt: "Who streams?" });
    assert.notEqual(await read(stream), "");
    assert.equal(storyOf({ providerMetadata: await stream.providerMetadata }).source, "fallback");
  });

  it("leaves a model alone that fails again and again", async () => {
    simulator.configure({ rules: [{ fault: "server-error" }] });
    const middleware = open({ breaker: { failures: 2 }, retry: { attempts: 1 } });
    const model = wrapLanguageModel({ model: openai(), middleware });
    await failureOf(generateText({ model, prompt: "1" }));
    await failureOf(generateText({ model, prompt: "2" }));
    const error = await failureOf(generateText({ model, prompt: "3" }));
    assert.equal(error.code, "BREAKER_OPEN");
    assert.equal(requests(), 2);
    assert.equal(middleware.routes()[0]?.breaker.status, "open");
  });

  it("gives an old answer when no model answers, marked", async () => {
    const model = wrapped({ caching: { ttl: 0, staleIfError: "1h" }, retry: { attempts: 1 } });
    const { text } = await generateText({ model, prompt: "Remember" });
    simulator.configure({ rules: [{ fault: "server-error" }] });
    const old = await generateText({ model, prompt: "Remember" });
    assert.equal(old.text, text);
    assert.deepEqual([storyOf(old).source, /500/.test(storyOf(old).degraded ?? "")], ["stale", true]);
  });

  for (const name of ["openai", "anthropic"]) {
    it(`ends a stream of ${name} that breaks off with an error, and keeps nothing of it`, async () => {
      simulator.configure({ script: ["truncated"] });
      const model = wrapped({}, name === "openai" ? openai() : anthropic());
      /** @type {unknown[]} */
      const errors = [];
      const stream = streamText({ model, prompt: "Break", onError: ({ error }) => void errors.push(error) });
      const text = await read(stream);
      assert.equal(errors.length, 1);
      assert.ok(APICallError.isInstance(errors[0]), String(errors[0]));
      const whole = await generateText({ model, prompt: "Break" });
      assert.notEqual(whole.text, text);
      assert.equal(storyOf(whole).source, "provider");
    });
  }

  it("asks again for a stream that fails before its first content", async () => {
    simulator.configure({ script: ["rate-limit-bare", "server-error"] });
    const stream = streamText({ model: wrapped(), prompt: "Begin", maxRetries: 0 });
    assert.notEqual(await read(stream), "");
    assert.equal(requests(), 3);
  });

  it("passes the caller's mistakes on as they are, and holds them against no model", async () => {
    const middleware = open({ breaker: { failures: 1 }, fallback: [anthropic()] });
    const model = wrapLanguageModel({ model: openai(), middleware });
    const error = await failureOf(
      generateText({
        model,
        messages: [{ role: "user", content: [{ type: "file", mediaType: "video/mp4", data: new Uint8Array([1]) }] }],
      }),
    );
    assert.ok(UnsupportedFunctionalityError.isInstance(error), String(error));
    assert.equal(requests(), 0);
    assert.equal(middleware.routes()[0]?.breaker.status, "closed");
  });

  it("remembers in its folder what was spent of a budget", async () => {
    const data = join(directory, "spent");
    const first = millraceMiddleware({ data, budgets: { day: 1 } });
    const model = wrapLanguageModel({ model: anthropic(), middleware: first });
    const spent = await Promise.all(
      Array.from({ length: 15 }, async (_, index) => storyOf(await generateText({ model, prompt: `${index}` })).usd),
    );
    await first.close();
    // Enough for the most that the next answer may cost, and not for that and all that was spent.
    const budgets = { day: 0.007_5 + spent.reduce((sum, usd) => sum + usd, 0) / 2 };
    /** @param {import("../../src/ai-sdk.ts").MillraceMiddlewareOptions} options */
    const ask = (options) =>
      generateText({ model: wrapped({ ...options, budgets }, anthropic()), prompt: "More", maxOutputTokens: 1_500 });
    assert.equal((await failureOf(ask({ data }))).code, "BUDGET_SPENT");
    assert.notEqual((await ask({})).text, "");
  });

  it("stops before money is spent that is not there", async () => {
    const model = wrapped({ budgets: { day: 0.000_001 } });
    const error = await failureOf(generateText({ model, prompt: "Spend" }));
    assert.equal(error.code, "BUDGET_SPENT");
    assert.equal(requests(), 0);
  });
});

describe("bounds and aborts", () => {
  it("asks no more at once than it may", async () => {
    simulator.configure({ latencyMs: 20 });
    const model = wrapped({ parallel: 2 });
    await Promise.all(Array.from({ length: 6 }, (_, index) => generateText({ model, prompt: `Number ${index}` })));
    assert.equal(simulator.stats().maxInFlight, 2);
  });

  it("gives an aborted caller his own reason and the others their answer", async () => {
    simulator.configure({ latencyMs: 60 });
    const model = wrapped();
    const stop = new AbortController();
    const left = failureOf(generateText({ model, prompt: "Wait", abortSignal: stop.signal }));
    const stayed = generateText({ model, prompt: "Wait" });
    while (requests() === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal((await left).name, "AbortError");
    assert.notEqual((await stayed).text, "");
    assert.equal(requests(), 1);
  });

  it("calls the request off when the last who waits leaves", async () => {
    simulator.configure({ rules: [{ fault: "silent" }] });
    const stop = new AbortController();
    const left = failureOf(generateText({ model: wrapped(), prompt: "Nobody", abortSignal: stop.signal }));
    while (simulator.stats().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal((await left).name, "AbortError");
    while (simulator.stats().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("calls the request off when a stream is left", async () => {
    simulator.configure({ tokensPerSecond: 20 });
    // One that does not think for long before its first word.
    const model = wrapped({}, anthropic());
    const { stream } = await model.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "Go on and on" }] }],
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    while (simulator.stats().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("tells an abort in the middle of a stream from an error", async () => {
    simulator.configure({ tokensPerSecond: 20 });
    const stop = new AbortController();
    const told = { aborts: 0, errors: 0 };
    const stream = streamText({
      model: wrapped({}, anthropic()),
      prompt: "Go on until I say stop",
      abortSignal: stop.signal,
      onAbort: () => void told.aborts++,
      onError: () => void told.errors++,
    });
    for await (const _ of stream.textStream) stop.abort();
    assert.deepEqual(told, { aborts: 1, errors: 0 });
  });

  it("gives a call up when its time is over", async () => {
    simulator.configure({ rules: [{ fault: "silent" }] });
    const error = await failureOf(generateText({ model: wrapped({ timeout: "50ms" }), prompt: "Soon" }));
    assert.ok(APICallError.isInstance(error), String(error));
    assert.match(error.message, /the time for the whole call/);
  });

  it("ends what is under way when it is closed, and all that comes later", async () => {
    simulator.configure({ rules: [{ fault: "silent" }] });
    const middleware = open();
    const model = wrapLanguageModel({ model: openai(), middleware });
    const waiting = failureOf(generateText({ model, prompt: "Close" }));
    while (simulator.stats().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    await middleware.close();
    assert.equal((await waiting).code, "CALL_ABORTED");
    assert.equal((await failureOf(generateText({ model, prompt: "Close" }))).code, "CALL_ABORTED");
  });
});

describe("options", () => {
  it("names the mistakes of a call by their place", async () => {
    const millrace = { tag: ["a"], priority: 99, cache: { ttl: "soon" } };
    const error = await failureOf(generateText({ model: wrapped(), prompt: "x", providerOptions: { millrace } }));
    assert.equal(error.code, "INPUT_INVALID");
    assert.match(error.message, /millrace\/tag: is not an option\. Did you mean "tags"\?/);
    assert.match(error.message, /millrace\/priority: must be a number from -10 to 10/);
    assert.match(error.message, /millrace\/cache: ttl must be a time/);
    assert.equal(requests(), 0);
  });

  it("refuses options that will not do when it is made", () => {
    // @ts-expect-error -- it is called parallel
    assert.throws(() => millraceMiddleware({ paralel: 2 }), /paralel: is not a setting\. Did you mean "parallel"\?/);
    assert.throws(() => millraceMiddleware({ parallel: 0 }), /parallel: must be at least 1/);
    assert.throws(() => millraceMiddleware({ timeout: "soon" }), /"soon" is not a duration/);
    const old = { specificationVersion: "v3", provider: "a", modelId: "b" };
    // @ts-expect-error -- the types refuse an old model, too
    assert.throws(() => millraceMiddleware({ fallback: [old] }), /v4 is needed/);
  });

  it("does not hand its own options to the model", async () => {
    const inner = new MockLanguageModelV4({ doGenerate: async () => assert.fail("answered before") });
    const model = wrapLanguageModel({ model: inner, middleware: open({ retry: { attempts: 1 } }) });
    await failureOf(
      generateText({ model, prompt: "x", providerOptions: { millrace: { tenant: "t" }, mock: { a: 1 } } }),
    );
    assert.deepEqual(inner.doGenerateCalls[0]?.providerOptions, { mock: { a: 1 } });
  });

  it("tells of every call", async () => {
    /** @type {import("../../src/index.ts").CallRecord[]} */
    const calls = [];
    const model = wrapped({ onCall: (call) => void calls.push(call), retry: { attempts: 1 } });
    await generateText({ model, prompt: "Tell" });
    await generateText({ model, prompt: "Tell" });
    simulator.configure({ rules: [{ fault: "server-error" }] });
    await failureOf(generateText({ model, prompt: "Tell more" }));
    assert.deepEqual(
      calls.map(({ source, error, requests }) => [source, error, requests]),
      [
        ["provider", null, 1],
        ["memory", null, 0],
        ["failed", "CALL_FAILED", 1],
      ],
    );
    assert.equal(calls[0]?.runId, null);
    assert.deepEqual(
      calls[0]?.trail.map(({ stage }) => stage),
      ["cache", "retry", "rate", "parallel", "breaker", "provider"],
    );
  });

  it("fits a whole provider and a registry", async () => {
    const provider = wrapProvider({
      provider: customProvider({ languageModels: { small: openai() } }),
      languageModelMiddleware: open(),
    });
    const registry = createProviderRegistry({ home: provider });
    const model = registry.languageModel("home:small");
    await generateText({ model, prompt: "Find me" });
    await generateText({ model: registry.languageModel("home:small"), prompt: "Find me" });
    assert.equal(requests(), 1);
  });
});
