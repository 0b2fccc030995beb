import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import type { EmbedOptions, LaterOptions } from "./ai.ts";
import type { CallsConfig } from "./config.ts";
import { type CallsWorld, ended, openCallsWorld } from "./test-world.ts";

const MODEL = "openai/gpt-5.4-mini";
const VECTORS = "openai/text-embedding-3-small";

interface HostileWorld extends CallsWorld {
  readonly clock: ManualClock;
  requests(): number;
}

/** A provider that answers as the test says. */
async function openHostileWorld(
  answer: (response: ServerResponse, turn: number) => unknown,
  calls: CallsConfig = {},
): Promise<HostileWorld> {
  let turn = 0;
  const server = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await once(request, "end");
    await answer(response, ++turn);
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  const world = await openCallsWorld({
    clock,
    models: { fast: MODEL },
    providers: { openai: { kind: "openai", apiKey: "k", baseUrl: `http://127.0.0.1:${port}/v1` } },
    prices: { [VECTORS]: { input: 1, output: 0, asOf: "2026-03-01" } },
    calls: { budgets: { day: 100 }, ...calls },
  });
  const dispose = world[Symbol.asyncDispose].bind(world);
  return Object.assign(world, {
    clock,
    requests: () => turn,
    async [Symbol.asyncDispose]() {
      await dispose();
      server.close();
    },
  });
}

function replyOf(content: unknown, usage: unknown = { prompt_tokens: 10, completion_tokens: 5 }): string {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return JSON.stringify({ id: "c", choices, usage });
}

describe("options that make no sense", () => {
  it("are refused by name before anything is asked", async () => {
    await using world = await openHostileWorld((response) => response.end(replyOf("fine")));
    const { ai } = world;
    const texts: Readonly<Record<string, object>> = {
      prompt: { prompt: undefined },
      system: { system: 7 },
      history: { history: [{ role: "user" }] },
      tags: { tags: [7] },
      timeoutMs: { timeoutMs: Number.NaN },
      maxOutputTokens: { maxOutputTokens: Number.NaN },
      maxInputTokens: { maxInputTokens: Number.NaN },
      priority: { priority: Number.NaN },
    };
    const named = (field: string) => ({ code: "INPUT_INVALID", message: new RegExp(`\\b${field}\\b`) });
    for (const [field, bad] of Object.entries(texts)) {
      await assert.rejects(ai.text({ prompt: "q", ...bad }), named(field));
      await assert.rejects(ai.stream({ prompt: "q", ...bad }).answer, named(field));
      const later = { name: "b", items: [{ id: "1", prompt: "q", ...bad }] } as LaterOptions;
      await assert.rejects(ai.later(later), named(field));
    }
    for (const [field, bad] of Object.entries({
      deadlineMs: { deadlineMs: Number.NaN },
      maxUsd: { maxUsd: Number.NaN },
    })) {
      await assert.rejects(ai.panel({ prompt: "q", members: [{ name: "a" }], ...bad }), named(field));
    }
    for (const [field, bad] of Object.entries({
      texts: { texts: [7] },
      timeoutMs: { timeoutMs: 0 },
      dimensions: { dimensions: 0.5 },
    })) {
      const embed = { model: VECTORS, texts: ["a"], ...bad } as unknown as EmbedOptions;
      await assert.rejects(ai.embed(embed), named(field));
    }
    await assert.rejects(ai.later({ name: "b", items: [{ id: "1", prompt: "q" }], poll: 0 }), named("poll"));
    assert.equal(world.requests(), 0);
  });
});

describe("a provider that cannot be trusted", () => {
  it("gives its answer, though it lies about its tokens, and no budget grows by that", async () => {
    const lies = [
      { prompt_tokens: -5, completion_tokens: -1e9 },
      { prompt_tokens: 1e308, completion_tokens: 1e308 },
      { prompt_tokens: "12", completion_tokens: [] },
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 1e9 } },
    ];
    await using world = await openHostileWorld((response, turn) => response.end(replyOf("fine", lies[turn - 1])));
    const spent = async () => Number((await world.store.db.all("select spent from call_budgets"))[0]?.["spent"] ?? 0);
    for (const [index] of lies.entries()) {
      const before = await spent();
      const { value, usage, usd } = await world.ai.text({ prompt: `q${index}` });
      assert.equal(value, "fine");
      assert.ok(usd === null || (usd > 0 && usage.cacheReadTokens <= (usage.inputTokens ?? 0)));
      assert.ok((await spent()) > before);
    }
  });

  it("is not paid by less than nothing for vectors", async () => {
    const data = [{ index: 0, embedding: [0.6, 0.8] }];
    await using world = await openHostileWorld((response) =>
      response.end(JSON.stringify({ data, usage: { prompt_tokens: -1e9 } })),
    );
    const { vectors, usd, totalTokens } = await ended(world.clock, world.ai.embed({ model: VECTORS, texts: ["a"] }));
    assert.deepEqual([vectors.length, usd, totalTokens], [1, null, null]);
  });

  it("is left alone for an hour at most, whatever wait it names", async () => {
    await using world = await openHostileWorld((response) =>
      response.writeHead(429, { "retry-after": "1e99" }).end("{}"),
    );
    await assert.rejects(world.ai.text({ prompt: "q" }), { code: "CALL_FAILED" });
    await assert.rejects(world.ai.text({ prompt: "q" }), { code: "RATE_LIMITED", message: /in 3600000 ms/ });
    assert.equal(world.requests(), 1);
  });

  for (const [name, ask] of Object.entries({
    whole: (world: HostileWorld) => world.ai.text({ prompt: "q" }),
    streamed: (world: HostileWorld) => world.ai.stream({ prompt: "q" }).answer,
    "as an object": (world: HostileWorld) => world.ai.object({ prompt: "q", schema: z.object({ a: z.string() }) }),
  })) {
    it(`says ${name} that a page of HTML is no answer, whatever its status, and keeps nothing of it`, async () => {
      await using world = await openHostileWorld(
        (response) => response.setHeader("content-type", "text/html").end("<html><body>Sign in</body></html>"),
        { retry: { attempts: 2 } },
      );
      await assert.rejects(ended<unknown>(world.clock, ask(world), 100), {
        code: "CALL_FAILED",
        message: /gave an answer that cannot be read \(200\)/,
      });
      assert.equal(world.requests(), 2);
      assert.deepEqual(await world.cache.keys("answers:**"), []);
    });
  }

  it("may know of no streams: its whole answer is taken, and paid once", async () => {
    await using world = await openHostileWorld((response) => {
      response.setHeader("content-type", "application/json").end(`\uFEFF${replyOf("all at once")}`);
    });
    const stream = world.ai.stream({ prompt: "q" });
    let text = "";
    for await (const piece of stream) text += piece;
    const { value, usage } = await stream.answer;
    assert.deepEqual([text, value, usage.outputTokens, world.requests()], ["all at once", "all at once", 5, 1]);
  });

  it("may send byte order marks without end: that is no JSON, and soon told", async () => {
    await using world = await openHostileWorld((response) => response.end("\uFEFF".repeat(1_000_000)), {
      retry: { attempts: 1 },
    });
    await assert.rejects(ended<unknown>(world.clock, world.ai.text({ prompt: "q" }), 100), {
      code: "CALL_FAILED",
      message: /cannot be read.*no JSON/,
    });
  });

  it("says that an answer is packed in a way that nobody asked for", async () => {
    const packed = gzipSync(replyOf("hello"));
    await using world = await openHostileWorld(
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(packed),
      { retry: { attempts: 1 } },
    );
    await assert.rejects(ended<unknown>(world.clock, world.ai.text({ prompt: "q" }), 100), {
      code: "CALL_FAILED",
      message: /packed as gzip/,
    });
  });

  it("may cut its events where it likes, within a letter, with any end of line", async () => {
    const said = "Grüße, 世界 👩‍👩‍👧!";
    const event = (delta: object, reason: string | null): string =>
      JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason: reason }] });
    const ends = ["\n", "\r\n", "\r"];
    await using world = await openHostileWorld(async (response, turn) => {
      const end = ends[turn - 1] ?? "\n";
      const events = [event({ content: said }, null), event({}, "stop"), "[DONE]"];
      const text = [": a comment", ...events.map((each) => `data: ${each}`)].map((line) => line + end + end).join("");
      response.setHeader("content-type", "text/event-stream");
      for (const byte of Buffer.from(`\uFEFF${text}`)) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    for (const end of ends) {
      const { value, degraded } = await world.ai.stream({ prompt: JSON.stringify(end) }).answer;
      assert.deepEqual([value, degraded], [said, null]);
    }
  });

  it("is asked five megabytes, once, and an equal question is known again", async () => {
    await using world = await openHostileWorld((response) => response.end(replyOf("long")));
    const ask = () => world.ai.text({ prompt: `${"long ".repeat(1_000_000)}\uD800` });
    assert.equal((await ask()).source, "provider");
    assert.equal((await ask()).source, "memory");
    assert.equal(world.requests(), 1);
  });
});
