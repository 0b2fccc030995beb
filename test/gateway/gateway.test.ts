import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { openGatewayWorld, until } from "./world.ts";

const MODEL = "gpt-5.4-mini";
const HELLO = { model: MODEL, messages: [{ role: "user" as const, content: "hello" }] };
const KEY = "a-key-of-sixteen-letters";

describe("answers that are kept", () => {
  it("costs nothing the second time, whole or streamed, and says so", async () => {
    await using world = await openGatewayWorld();
    const { openai, simulator } = world;
    const first = await openai.chat.completions.create(HELLO).withResponse();
    const second = await openai.chat.completions.create(HELLO).withResponse();
    const streamed = await openai.chat.completions.create({ ...HELLO, stream: true }).withResponse();
    let text = "";
    for await (const chunk of streamed.data) text += chunk.choices[0]?.delta.content ?? "";
    assert.equal(text, first.data.choices[0]?.message.content);
    assert.deepEqual(second.data.choices, first.data.choices);
    assert.deepEqual(second.data.usage, first.data.usage);
    const story = ({ response: { headers } }: { readonly response: Response }) =>
      ["source", "model", "usd", "age"].map((name) => headers.get(`x-millrace-${name}`));
    const [source, model, usd, age] = story(first);
    assert.deepEqual([source, model, age], ["provider", "openai/gpt-5.4-mini", null]);
    assert.ok(Number(usd) > 0);
    for (const again of [second, streamed]) {
      assert.deepEqual(story(again).slice(0, 3), ["memory", "openai/gpt-5.4-mini", "0"]);
      assert.match(story(again)[3] ?? "", /^\d+$/);
    }
    assert.equal(simulator.stats().requests, 1);
  });

  it("asks once for a hundred who stream the same at the same time, and gives all of it to each", async () => {
    await using world = await openGatewayWorld({ simulator: { latencyMs: 200 } });
    const texts = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const stream = await world.openai.chat.completions.create({ ...HELLO, stream: true });
        let text = "";
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
        return text;
      }),
    );
    assert.equal(new Set(texts).size, 1);
    assert.ok((texts[0] ?? "").length > 0);
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("obeys no-store, only and refresh", async () => {
    await using world = await openGatewayWorld();
    const { openai, simulator } = world;
    const ask = (cache: string) =>
      openai.chat.completions.create(HELLO, { headers: { "x-millrace-cache": cache } }).withResponse();
    await assert.rejects(ask("only"), (error) => error instanceof OpenAI.APIError && error.status === 504);
    await ask("no-store");
    await assert.rejects(ask("only"), OpenAI.APIError);
    assert.equal(simulator.stats().requests, 1);
    const { response } = await ask("refresh");
    assert.equal(response.headers.get("x-millrace-source"), "provider");
    await ask("refresh");
    assert.equal(simulator.stats().requests, 3);
    assert.equal((await ask("only")).response.headers.get("x-millrace-source"), "memory");
    await assert.rejects(
      ask("sometimes"),
      (error) => error instanceof OpenAI.BadRequestError && /x-millrace-cache.*no-store/.test(error.message),
    );
  });

  it("forgets by the tags that came with the question", async () => {
    await using world = await openGatewayWorld();
    const { openai, simulator, host } = world;
    const options = { headers: { "x-millrace-tags": "page:7, page:8" } };
    await openai.chat.completions.create(HELLO, options);
    await host.cache.cache.evict({ kind: "tag", tag: "page:8" });
    await openai.chat.completions.create(HELLO, options);
    assert.equal(simulator.stats().requests, 2);
  });

  it("keeps no answer that was cut", async () => {
    await using world = await openGatewayWorld();
    const short = { ...HELLO, model: "openai/other", max_tokens: 2 };
    const reply = await world.openai.chat.completions.create(short);
    assert.equal(reply.choices[0]?.finish_reason, "length");
    await world.openai.chat.completions.create(short);
    assert.equal(world.simulator.stats().requests, 2);
  });
});

describe("tokens of the gateway", () => {
  const clientOf = (url: string, apiKey: string) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });

  it("answers anybody on this machine, unless the configuration says otherwise", async () => {
    await using world = await openGatewayWorld({
      config: { gateway: { tokens: { bot: { key: KEY } }, isOpen: false } },
    });
    await assert.rejects(world.openai.chat.completions.create(HELLO), OpenAI.AuthenticationError);
    await assert.rejects(world.anthropic.models.list(), Anthropic.AuthenticationError);
    assert.ok(await clientOf(world.url, KEY).chat.completions.create(HELLO));
    const own = new Anthropic({ apiKey: KEY, baseURL: world.url, maxRetries: 0 });
    assert.ok(await own.messages.create({ ...HELLO, model: "claude-haiku-4-5", max_tokens: 9 }));
    assert.equal(world.simulator.stats().requests, 2);
  });

  it("bounds requests, tokens and parallel work by token, and says when to come back", async () => {
    const tokens = {
      few: { key: `${KEY}-few`, requestsPerMinute: 1 },
      small: { key: `${KEY}-small`, tokensPerMinute: 20 },
      single: { key: `${KEY}-single`, parallel: 1 },
    };
    await using world = await openGatewayWorld({ config: { gateway: { tokens } }, simulator: { latencyMs: 50 } });
    const ask = (name: keyof typeof tokens, content: string) =>
      clientOf(world.url, tokens[name].key).chat.completions.create({
        ...HELLO,
        messages: [{ role: "user", content }],
      });
    const isLimited = (error: unknown): boolean =>
      error instanceof OpenAI.RateLimitError &&
      Number(error.headers?.get("retry-after")) >= 1 &&
      error.headers?.get("x-should-retry") === "true";
    await ask("few", "one");
    await assert.rejects(ask("few", "two"), isLimited);
    await ask("small", "one");
    await assert.rejects(ask("small", "two"), isLimited);
    const both = await Promise.allSettled([ask("single", "one"), ask("single", "two")]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    await ask("single", "two");
  });

  it("gives one token's answers to no other, and holds each to its budget", async () => {
    const config = {
      gateway: { tokens: { a: { key: `${KEY}-a` }, b: { key: `${KEY}-b` } } },
      calls: { budgets: { perTenant: { b: 0.000_001 } } },
      prices: { "openai/gpt-5.4-mini": { input: 100, output: 100, asOf: "2026-11-01" } },
    };
    await using world = await openGatewayWorld({ config });
    await clientOf(world.url, `${KEY}-a`).chat.completions.create(HELLO);
    await assert.rejects(clientOf(world.url, `${KEY}-b`).chat.completions.create(HELLO), (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.deepEqual([error.code, error.headers?.get("x-should-retry")], ["insufficient_quota", "false"]);
      return true;
    });
    assert.equal(world.simulator.stats().requests, 1);
    const sums = await world.host.calls.summary("tenant");
    assert.deepEqual(
      sums.map((sum) => sum.group ?? "").toSorted((a, b) => a.localeCompare(b)),
      ["a", "b"],
    );
  });
});

describe("errors", () => {
  it("has the provider's own shape, and the clients do not multiply what was tried already", async () => {
    await using world = await openGatewayWorld({
      simulator: { rules: [{ fault: "unavailable" }] },
      config: { calls: { retry: { attempts: 2, base: 1, max: 1 } } },
    });
    const openai = new OpenAI({ apiKey: "k", baseURL: `${world.url}/v1` });
    const anthropic = new Anthropic({ apiKey: "k", baseURL: world.url });
    await assert.rejects(openai.chat.completions.create(HELLO), (error) => {
      assert.ok(error instanceof OpenAI.InternalServerError);
      assert.deepEqual([error.status, error.code], [503, "server_is_overloaded"]);
      return true;
    });
    await assert.rejects(anthropic.messages.create({ ...HELLO, model: "claude-haiku-4-5", max_tokens: 9 }), (error) => {
      assert.ok(error instanceof Anthropic.APIError);
      assert.deepEqual([error.status, error.type], [529, "overloaded_error"]);
      assert.ok(error.requestID);
      return true;
    });
    assert.equal(world.simulator.stats().requests, 4);
  });

  it("says that a model, a field or a provider's key is wrong, and never that the client's key is", async () => {
    await using world = await openGatewayWorld({ simulator: { rules: [{ fault: "unauthorized", model: "locked" }] } });
    const { openai, anthropic } = world;
    await assert.rejects(
      openai.chat.completions.create({ ...HELLO, model: "openai/locked" }),
      (error) => error instanceof OpenAI.APIError && error.status === 502,
    );
    await assert.rejects(
      openai.chat.completions.create({ ...HELLO, messages: [{ role: "king" as "user", content: "x" }] }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "messages.0.role",
    );
    await assert.rejects(
      openai.chat.completions.create({ ...HELLO, stream: "true" as never }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "stream",
    );
    await assert.rejects(
      anthropic.messages.create({ ...HELLO, model: "claude-haiku-4-5", max_tokens: 9, stream: 1 as never }),
      (error) => error instanceof Anthropic.BadRequestError && /\/stream: must be true or false/.test(error.message),
    );
    await assert.rejects(anthropic.messages.countTokens({ model: "x" } as never), Anthropic.BadRequestError);
    await assert.rejects(
      openai.embeddings.create({ model: "text-embedding-3-small", input: [1, 2] }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "input",
    );
    const page = await fetch(`${world.url}/v1/responses`, { method: "POST", body: "{}", headers: JSON_HEADERS });
    assert.equal(page.status, 404);
    assert.match(await page.text(), /"type":"invalid_request_error".*"code":"not_found"/);
    const plain = await fetch(`${world.url}/v1/messages`, { method: "POST", body: "{", headers: JSON_HEADERS });
    assert.match(await plain.text(), /"type":"error".*invalid_request_error/);
    const foreign = await fetch(`${world.url}/v1/models`, { headers: { origin: "https://elsewhere.example" } });
    assert.equal(foreign.status, 403);
  });
});

const JSON_HEADERS = { "content-type": "application/json" };

describe("models", () => {
  it("lists aliases and the providers' models to both clients, and counts tokens", async () => {
    await using world = await openGatewayWorld({ config: { models: { smart: "anthropic/claude-opus-5" } } });
    const names = (await world.openai.models.list()).data.map(({ id }) => id);
    assert.deepEqual(names.slice(0, 3), ["fast", "smart", "anthropic/simulated-fast"]);
    assert.equal((await world.openai.models.retrieve("openai/simulated-smart")).id, "openai/simulated-smart");
    const page = await world.anthropic.models.list();
    assert.deepEqual(
      page.data.map(({ id }) => id),
      names,
    );
    await assert.rejects(world.anthropic.models.retrieve("nothing"), Anthropic.NotFoundError);
    const counted = await world.anthropic.messages.countTokens({
      model: "claude-haiku-4-5",
      messages: [{ role: "user", content: "a few words to count" }],
    });
    assert.ok(counted.input_tokens >= 5 && counted.input_tokens < 30);
  });

  it("lets a stand-in answer, and says which and why", async () => {
    await using world = await openGatewayWorld({
      simulator: { rules: [{ fault: "overloaded", model: "gpt-*" }] },
      config: { calls: { fallback: { [`openai/${MODEL}`]: ["anthropic/claude-haiku-4-5"] }, retry: { attempts: 1 } } },
    });
    const { data, response } = await world.openai.chat.completions.create(HELLO).withResponse();
    assert.equal(data.model, "claude-haiku-4-5");
    assert.equal(response.headers.get("x-millrace-source"), "fallback");
    assert.match(response.headers.get("x-millrace-degraded") ?? "", /overloaded/);
  });
});

describe("clients that leave, or are slow", () => {
  it("frees the provider when the client leaves before and during an answer", async () => {
    await using world = await openGatewayWorld({ simulator: { latencyMs: 60_000 } });
    const before = new AbortController();
    const waiting = world.openai.chat.completions.create(HELLO, { signal: before.signal });
    await until(() => world.simulator.stats().inFlight === 1);
    before.abort();
    await assert.rejects(waiting, OpenAI.APIUserAbortError);
    await until(() => world.simulator.stats().inFlight === 0);

    await using slow = await openGatewayWorld({ simulator: { tokensPerSecond: 5 } });
    const stream = await slow.openai.chat.completions.create({ ...HELLO, model: "openai/other", stream: true });
    for await (const _chunk of stream) break;
    await until(() => slow.simulator.stats().inFlight === 0);
  });

  it("reads no faster from the provider than the client takes it", async () => {
    await using provider = await startFlood();
    await using world = await openGatewayWorld({ provider: provider.url });
    const body = JSON.stringify({ ...HELLO, model: "openai/flood", stream: true });
    const headers = { ...JSON_HEADERS, "x-millrace-cache": "no-store" };
    const asking = request(`${world.url}/v1/chat/completions`, { method: "POST", headers });
    asking.end(body);
    const [reply] = (await once(asking, "response")) as [NodeJS.ReadableStream];
    reply.pause();
    // It stands still once every buffer between is full: many turns of the loop bring nothing more.
    for (let still = 0, sent = -1; still < 2_000; sent = provider.sentBytes()) {
      await new Promise((resolve) => setImmediate(resolve));
      still = provider.sentBytes() === sent ? still + 1 : 0;
    }
    assert.ok(provider.sentBytes() < FLOOD_BYTES / 2, `${provider.sentBytes()} bytes were sent to nobody`);
    let received = 0;
    let last = "";
    for await (const piece of reply) {
      received += piece.length;
      last = String(piece).slice(-200);
    }
    assert.ok(received > FLOOD_BYTES);
    assert.match(last, /\[DONE\]/);
  });
});

describe("a request whose length is told, and one that comes in pieces", () => {
  /** The same body both ways: of the second nobody can say before its end how long it is. */
  const ways = (body: string): readonly RequestInit[] => [
    { body },
    { body: new Blob([body]).stream(), duplex: "half" },
  ];

  it("have the same answers, the same refusals, and are counted alike", async () => {
    await using world = await openGatewayWorld();
    const ask = async (init: RequestInit, own: Readonly<Record<string, string>> = {}) => {
      const headers = { ...JSON_HEADERS, ...own };
      const response = await fetch(`${world.url}/v1/chat/completions`, { method: "POST", headers, ...init });
      const text = await response.text();
      return { status: response.status, text, source: response.headers.get("x-millrace-source") };
    };
    const [first, second] = ways(JSON.stringify(HELLO)).map((init) => ask(init));
    assert.deepEqual([(await first)?.status, (await second)?.status], [200, 200]);
    for (const [body, own, status] of [
      ['{"model":', {}, 400],
      ["", {}, 400],
      ['{"messages":1}', {}, 400],
      [JSON.stringify(HELLO), { origin: "https://elsewhere.example" }, 403],
      [JSON.stringify(HELLO), { "x-millrace-cache": "perhaps" }, 400],
    ] as const) {
      const [told, inPieces] = await Promise.all(ways(body).map((init) => ask(init, own)));
      assert.equal(told?.status, status, body);
      assert.deepEqual(told, inPieces);
    }
    const wrongType = await ask({ body: "hello" }, { "content-type": "text/plain" });
    assert.equal(wrongType.status, 400);
    const counted = async (): Promise<string[]> => {
      const text = await (await fetch(`${world.url}/metrics`)).text();
      const series = 'millrace_http_requests_total{method="POST",route="/v1/chat/completions",';
      return text
        .split("\n")
        .filter((line) => line.startsWith(series))
        .map((line) => line.slice(series.length));
    };
    const all = ['code="200"} 2', 'code="400"} 9', 'code="403"} 2'];
    await until(async () => (await counted()).toSorted().join() === all.join());
  });
});

const FLOOD_BYTES = 24 * 1_024 * 1_024;

/** A provider that streams as fast as it is read. */
async function startFlood() {
  const delta = JSON.stringify({ id: "x", choices: [{ index: 0, delta: { content: "word ".repeat(3_000) } }] });
  let sent = 0;
  async function flood(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    while (sent < FLOOD_BYTES) {
      const event = `data: ${delta}\n\n`;
      sent += event.length;
      if (!response.write(event)) await once(response, "drain");
    }
    const end = { id: "x", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    response.end(`data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`);
  }
  const server = createServer((asked, response) => {
    asked.resume();
    void flood(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  async function close(): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
  return { url: `http://127.0.0.1:${port}`, sentBytes: () => sent, [Symbol.asyncDispose]: close };
}
