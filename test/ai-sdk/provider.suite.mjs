// @ts-check
// What users of the AI SDK notice of the provider. The `ai` package is the real one, so is every request; the provider is the simulator.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";
import {
  APICallError,
  createProviderRegistry,
  embed,
  embedMany,
  generateText,
  isStepCount,
  NoSuchModelError,
  Output,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { createSimulator } from "../../simulator/index.ts";
import { createMillrace } from "../../src/ai-sdk.ts";
import { createCache, createMemoryLevel } from "../../src/cache.ts";
import { systemClock, systemRandom } from "../../src/index.ts";

const run = promisify(execFile);
const simulator = createSimulator();
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
  simulator.configure({ script: [], rules: [] });
  simulator.reset();
});

/** @returns {import("../../src/index.ts").UserConfig} */
function config() {
  return {
    providers: {
      anthropic: { apiKey: "k", baseUrl: `${url}/v1` },
      openai: { apiKey: "k", baseUrl: `${url}/v1` },
    },
    models: {
      fast: "anthropic/claude-haiku-4-5",
      spare: "openai/gpt-5.4-mini",
      words: "openai/text-embedding-3-small",
    },
    calls: { retry: { attempts: 2, base: "1ms" }, fallback: { fast: ["spare"] } },
  };
}
/** @param {import("../../src/ai-sdk.ts").CreateMillraceOptions} [options] */
function open(options) {
  const millrace = createMillrace({ config: config(), ...options });
  closers.push(() => millrace.close());
  return millrace;
}
const requests = () => simulator.stats().requests;
/** @param {{ readonly providerMetadata?: Record<string, Record<string, unknown>> | undefined }} result */
const sourceOf = (result) => result.providerMetadata?.["millrace"]?.["source"];
/** @returns {Promise<any>} @param {Promise<unknown>} promise */
const failureOf = (promise) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

describe("language models of the configuration", () => {
  it("answer by alias and by name, once for equal questions", async () => {
    const millrace = open();
    const first = await generateText({ model: millrace("fast"), prompt: "Hello" });
    const second = await generateText({ model: millrace.languageModel("anthropic/claude-haiku-4-5"), prompt: "Hello" });
    assert.equal(second.text, first.text);
    assert.deepEqual([sourceOf(first), sourceOf(second), requests()], ["provider", "memory", 1]);
    assert.equal(millrace.routes()[0]?.model, "anthropic/claude-haiku-4-5");
  });

  it("stream, write objects and call tools", async () => {
    const millrace = open();
    for (const model of [millrace("fast"), millrace("spare")]) {
      let text = "";
      for await (const piece of streamText({ model, prompt: "Stream" }).textStream) text += piece;
      assert.equal((await generateText({ model, prompt: "Stream" })).text, text);
      const schema = z.object({ title: z.string() });
      const { output } = await generateText({ model, prompt: "A book", output: Output.object({ schema }) });
      assert.equal(typeof output.title, "string");
      const look = tool({ inputSchema: z.object({ at: z.string() }), execute: async ({ at }) => `nothing at ${at}` });
      const { steps } = await generateText({
        model,
        tools: { look },
        toolChoice: { type: "tool", toolName: "look" },
        prompt: "Look",
        stopWhen: isStepCount(2),
      });
      assert.equal(steps[0]?.toolCalls[0]?.toolName, "look");
    }
  });

  it("have the configured one stand in", async () => {
    simulator.configure({ rules: [{ fault: "overloaded", model: "claude-*" }] });
    const result = await generateText({ model: open()("fast"), prompt: "Anybody" });
    assert.equal(sourceOf(result), "fallback");
    assert.equal(result.providerMetadata?.["millrace"]?.["model"], "openai/gpt-5.4-mini");
  });

  it("fail with the AI SDK's error, asked no more often than configured", async () => {
    simulator.configure({ rules: [{ fault: "unauthorized" }] });
    const error = await failureOf(generateText({ model: open()("spare"), prompt: "Closed" }));
    assert.ok(APICallError.isInstance(error), String(error));
    assert.deepEqual([error.statusCode, requests()], [401, 1]);
    const unknown = await failureOf(generateText({ model: open()("nobody/x"), prompt: "x" }));
    assert.equal(unknown.code, "MODEL_UNKNOWN");
  });

  it("fit a registry", async () => {
    const registry = createProviderRegistry({ millrace: open() });
    const { text } = await generateText({ model: registry.languageModel("millrace:fast"), prompt: "Registered" });
    assert.notEqual(text, "");
  });

  it("keep answers in the folder, in its ledger too", async () => {
    const data = join(directory, "kept");
    const first = createMillrace({ config: config(), data });
    await generateText({ model: first("fast"), prompt: "Keep" });
    await first.close();
    assert.equal(sourceOf(await generateText({ model: open({ data })("fast"), prompt: "Keep" })), "database");
    assert.equal(requests(), 1);
  });

  it("use a cache of the caller's and leave it open", async () => {
    const cache = createCache({ memory: createMemoryLevel(), clock: systemClock, random: systemRandom });
    const first = createMillrace({ config: config(), cache });
    await generateText({ model: first("fast"), prompt: "Mine" });
    await first.close();
    assert.equal(sourceOf(await generateText({ model: open({ cache })("fast"), prompt: "Mine" })), "memory");
    await cache.close();
  });

  it("say what is wrong with a configuration, with the first call", async () => {
    const millrace = open({ config: { models: { fast: "nothing" } } });
    const error = await failureOf(generateText({ model: millrace("fast"), prompt: "x" }));
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, /models\.fast: must be "provider\/model"/);
  });

  it("let a program end that does not close, and writes what it kept", async () => {
    const data = join(directory, "unclosed");
    const program = join(import.meta.dirname, `.unclosed-${process.pid}.mjs`);
    await writeFile(
      program,
      `import { generateText } from "ai";
       import { createMillrace } from "../../src/ai-sdk.ts";
       const millrace = createMillrace({ config: ${JSON.stringify(config())}, data: ${JSON.stringify(data)} });
       console.log((await generateText({ model: millrace("fast"), prompt: "End" })).text);`,
    );
    try {
      const args = ["--conditions=millrace-source", program];
      const { stdout } = await run(process.execPath, args, { timeout: 15_000 });
      assert.notEqual(stdout.trim(), "");
      assert.equal(sourceOf(await generateText({ model: open({ data })("fast"), prompt: "End" })), "database");
    } finally {
      await rm(program);
    }
  });
});

describe("embedding models of the configuration", () => {
  it("turn texts into vectors, each paid for once", async () => {
    const millrace = open();
    const model = millrace.embeddingModel("words");
    const { embeddings } = await embedMany({ model, values: ["one", "two", "three"] });
    assert.deepEqual(
      embeddings.map(({ length }) => length),
      [1_536, 1_536, 1_536],
    );
    const { embedding, providerMetadata } = await embed({ model, value: "two" });
    assert.deepEqual(embedding, embeddings[1]);
    assert.equal(providerMetadata?.["millrace"]?.["reused"], 1);
    assert.equal(requests(), 1);
  });

  it("give an aborted caller his own reason, and say which models there are none of", async () => {
    const model = open().embeddingModel("words");
    const error = await failureOf(embed({ model, value: "x", abortSignal: AbortSignal.abort(new Error("mine")) }));
    assert.equal(error.message, "mine");
    assert.throws(
      () => open().imageModel("any"),
      (error) => NoSuchModelError.isInstance(error),
    );
  });
});
