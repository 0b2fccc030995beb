import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createSimulator } from "../../simulator/index.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import type { ProviderConfig } from "./config.ts";
import { ModelFailure } from "./failure.ts";
import { damagedEvents, type Model, type ModelCall, type ModelPart } from "./model.ts";
import { openProvider } from "./open-model.ts";
import { createTransport } from "./transport.ts";
import type { WireProviderConfig } from "./list-models.ts";

const KINDS = ["anthropic", "openai", "openai-compatible"] as const;
type Kind = WireProviderConfig["kind"];

interface Opened extends AsyncDisposable {
  readonly model: Model;
  readonly server: Server;
  readonly requests: { readonly url: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  /** Sockets that are open now. */
  sockets(): number;
}

type Answer = (response: ServerResponse, body: string) => void;

async function open(kind: Kind, answer: Answer, clock: Clock = systemClock): Promise<Opened> {
  const requests: Opened["requests"] = [];
  let sockets = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      requests.push({ url: request.url ?? "", headers: request.headers, body });
      answer(response, body);
    });
  });
  server.on("connection", (socket) => {
    sockets += 1;
    socket.once("close", () => (sockets -= 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const transport = createTransport({ clock });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const config: ProviderConfig = { kind, apiKey: "a-key", baseUrl };
  const provider = await openProvider("it", config, { transport, clock });
  return {
    model: provider.model(kind === "anthropic" ? "claude-haiku-4-5" : "gpt-4o"),
    server,
    requests,
    sockets: () => sockets,
    async [Symbol.asyncDispose]() {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ASK: ModelCall = { prompt: [{ role: "user", content: [{ type: "text", text: "hello" }] }], maxOutputTokens: 50 };
const WORDS = ["Läuft", " 😀", " gut", "."];

/** The events of an answer of WORDS; the last entries are those after which it is whole. */
function eventsOf(kind: Kind): { readonly start: string[]; readonly words: string[]; readonly end: string[] } {
  if (kind === "anthropic") {
    const event = (type: string, fields: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const usage = { input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 1 };
    return {
      start: [
        event("message_start", { message: { id: "msg_1", model: "claude-haiku-4-5-x", usage } }),
        event("ping", {}),
        event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      ],
      words: WORDS.map((text) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
      end: [
        event("content_block_stop", { index: 0 }),
        event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } }),
        event("message_stop", {}),
      ],
    };
  }
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ id: "c-1", created: 1, model: "gpt-4o-x", ...fields })}\n\n`;
  const choice = (delta: object, finish_reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason }] });
  return {
    start: [choice({ role: "assistant", content: "" })],
    words: WORDS.map((content) => choice({ content })),
    end: [
      choice({}, "stop"),
      chunk({
        choices: [],
        usage: { prompt_tokens: 10, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 3 } },
      }),
      "data: [DONE]\n\n",
    ],
  };
}

function wholeSse(kind: Kind): string {
  const { start, words, end } = eventsOf(kind);
  return [...start, ...words, ...end].join("");
}

function sse(response: ServerResponse): ServerResponse {
  return response.writeHead(200, {
    "content-type": "text/event-stream",
    "request-id": "req_1",
    "x-request-id": "req_1",
  });
}

async function readAll(parts: AsyncIterable<ModelPart>): Promise<ModelPart[]> {
  const read: ModelPart[] = [];
  for await (const part of parts) read.push(part);
  return read;
}

function textOf(parts: readonly ModelPart[]): string {
  return parts.map((part) => (part.type === "text-delta" ? part.delta : "")).join("");
}

function finishOf(parts: readonly ModelPart[]): Extract<ModelPart, { type: "finish" }> {
  const last = parts.at(-1);
  assert.ok(last?.type === "finish");
  return last;
}

async function failureOf(work: Promise<unknown>): Promise<ModelFailure> {
  return work.then(
    () => assert.fail("a failure was expected"),
    (error: unknown) => (error instanceof ModelFailure ? error : assert.fail(String(error))),
  );
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** Reads until a text delta has come, which leaves the stream open. */
async function readToContent(iterator: AsyncIterator<ModelPart>): Promise<void> {
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (next.value.type === "text-delta") return;
  }
}

for (const kind of KINDS) {
  describe(`a streamed answer of ${kind}`, () => {
    it("is the same whatever the pieces in which it arrives", async () => {
      const bytes = Buffer.from(wholeSse(kind));
      let size = 1;
      await using opened = await open(kind, async (response) => {
        sse(response).flushHeaders();
        const piece = size;
        for (let at = 0; at < bytes.length; at += piece) {
          response.write(bytes.subarray(at, at + piece));
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      });
      for (size of [11, 100, 10_000]) {
        const parts = await readAll(opened.model.stream(ASK));
        const { finishReason, usage } = finishOf(parts);
        assert.equal(textOf(parts), WORDS.join(""));
        assert.equal(finishReason.unified, "stop");
        assert.deepEqual([usage.inputTokens.total, usage.inputTokens.cacheRead, usage.outputTokens.total], [10, 3, 9]);
        const metadata = parts.find((part) => part.type === "response-metadata");
        assert.ok(metadata?.type === "response-metadata" && metadata.modelId?.endsWith("-x"));
      }
      // The rest of an answer may still be on its way when the next is asked for.
      assert.ok(opened.sockets() <= 2, `${opened.sockets()} sockets`);
    });

    it("that just stops is broken off, with what had arrived, and no whole answer", async () => {
      const { start, words } = eventsOf(kind);
      for (const how of ["end", "destroy"] as const) {
        await using opened = await open(kind, (response) => {
          sse(response).write([...start, ...words.slice(0, 2)].join(""), () => response[how]());
        });
        const failure = await failureOf(readAll(opened.model.stream(ASK)));
        assert.deepEqual(
          [failure.kind, failure.isRetryable, failure.next, failure.breaker, failure.requestId],
          ["interrupted", false, "if-held", "route", "req_1"],
        );
        assert.deepEqual(failure.arrived?.content, [{ type: "text", text: "Läuft 😀" }]);
      }
    });

    it("that stops before its first content may be asked for again", async () => {
      await using opened = await open(kind, (response) => sse(response).end(eventsOf(kind).start.join("")));
      const failure = await failureOf(readAll(opened.model.stream(ASK)));
      assert.deepEqual([failure.kind, failure.isRetryable, failure.arrived], ["interrupted", true, undefined]);
    });

    it("skips an event that cannot be read, and is marked as damaged", async () => {
      const { start, words, end } = eventsOf(kind);
      await using opened = await open(kind, (response) =>
        sse(response).end([...start, "data: {broken\n\n", ...words, ...end].join("")),
      );
      const parts = await readAll(opened.model.stream(ASK));
      assert.equal(textOf(parts), WORDS.join(""));
      assert.equal(damagedEvents(finishOf(parts)), 1);
    });

    it("that holds an error ends as that error says, at any place", async () => {
      const { start, words } = eventsOf(kind);
      const error =
        kind === "anthropic"
          ? { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
          : { error: { type: "service_unavailable_error", code: "server_is_overloaded", message: "Overloaded" } };
      const event = `event: error\ndata: ${JSON.stringify(error)}\n\n`;
      await using early = await open(kind, (response) => sse(response).end(event));
      const first = await failureOf(readAll(early.model.stream(ASK)));
      assert.deepEqual([first.kind, first.isRetryable, first.detail], ["overloaded", true, "Overloaded"]);
      await using late = await open(kind, (response) => sse(response).end([...start, ...words, event].join("")));
      const second = await failureOf(readAll(late.model.stream(ASK)));
      assert.deepEqual([second.kind, second.isRetryable, second.next], ["overloaded", false, "if-held"]);
      assert.deepEqual(second.arrived?.content, [{ type: "text", text: WORDS.join("") }]);
    });

    it("is given up when no first content comes, though pings and headers do, and when it stalls", async () => {
      const clock = createManualClock();
      const { start, words } = eventsOf(kind);
      let isStalled = false;
      await using opened = await open(
        kind,
        (response) => {
          sse(response).write(isStalled ? [...start, words[0]].join("") : ": ping\n\n");
        },
        clock,
      );
      const timeouts = { firstByteMs: 5_000, betweenBytesMs: 1_000 };
      const silent = failureOf(readAll(opened.model.stream({ ...ASK, timeouts })));
      await until(() => opened.requests.length === 1);
      await settleOn(clock, 5_000);
      assert.deepEqual(
        [(await silent).kind, (await silent).isRetryable, (await silent).next],
        ["silent", false, "yes"],
      );
      isStalled = true;
      const stream = opened.model.stream({ ...ASK, timeouts })[Symbol.asyncIterator]();
      await readToContent(stream);
      const stalled = failureOf(readToContent(stream));
      await settleOn(clock, 1_000);
      assert.deepEqual([(await stalled).kind, (await stalled).next], ["silent", "if-held"]);
      await until(() => opened.sockets() === 0);
    });

    it("frees its socket when it is called off and when its reader leaves", async () => {
      const { start, words } = eventsOf(kind);
      await using opened = await open(kind, (response) => sse(response).write([...start, words[0]].join("")));
      const stop = new AbortController();
      const aborted = opened.model.stream({ ...ASK, abortSignal: stop.signal })[Symbol.asyncIterator]();
      await readToContent(aborted);
      stop.abort(new Error("not wanted"));
      await assert.rejects(aborted.next(), /not wanted/);
      await until(() => opened.sockets() === 0);
      const left = opened.model.stream(ASK)[Symbol.asyncIterator]();
      await readToContent(left);
      await left.return?.();
      await until(() => opened.sockets() === 0);
    });
  });

  describe(`an answer of ${kind}`, () => {
    it("that is no answer is told for what it is", async () => {
      const cases: readonly (readonly [Answer, string])[] = [
        [(response) => response.writeHead(404, { "content-type": "text/html" }).end("<html>"), "address-wrong"],
        [(response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>"), "server-error"],
        [(response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"), "unusable"],
        [
          (response) =>
            response
              .writeHead(200, { "content-type": "application/json" })
              .end('{"error":{"type":"insufficient_quota"}}'),
          "out-of-money",
        ],
        [
          (response) => response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()),
          "interrupted",
        ],
        [(response) => response.socket?.resetAndDestroy(), "reset"],
        [(response) => response.writeHead(301, { location: "http://127.0.0.1/" }).end(), "address-wrong"],
      ];
      for (const [answer, wanted] of cases) {
        await using opened = await open(kind, answer);
        assert.equal((await failureOf(opened.model.generate(ASK))).kind, wanted);
        assert.equal((await failureOf(readAll(opened.model.stream(ASK)))).kind, wanted, "streamed");
      }
    });

    it("of a silent socket is waited for so long and no longer, and the socket is freed", async () => {
      const clock = createManualClock();
      await using opened = await open(kind, () => undefined, clock);
      for (const timeouts of [{ firstByteMs: 3_000 }, { totalMs: 3_000 }]) {
        const before = opened.requests.length;
        const failure = failureOf(opened.model.generate({ ...ASK, timeouts }));
        await until(() => opened.requests.length === before + 1);
        await settleOn(clock, 3_000);
        assert.deepEqual([(await failure).kind, (await failure).isRetryable], ["silent", false]);
        await until(() => opened.sockets() === 0);
      }
    });
  });
}

/** Moves the clock in small steps, so that what arrives over real sockets meanwhile is seen. */
async function settleOn(clock: ManualClock, ms: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(ms);
}

describe("a stream of chat completions", () => {
  it("makes the other side wait for a slow reader, and loses nothing", async () => {
    const { start, end } = eventsOf("openai");
    const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "y".repeat(8_000) } }] })}\n\n`;
    const many = 2_000;
    let written = 0;
    await using opened = await open("openai", async (response) => {
      sse(response).write(start.join(""));
      for (; written < many; written++) if (!response.write(event)) await once(response, "drain");
      response.end(end.join(""));
    });
    const stream = opened.model.stream(ASK)[Symbol.asyncIterator]();
    await readToContent(stream);
    const turns = async (): Promise<number> => {
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      return written;
    };
    let atRest = await turns();
    for (let now = await turns(); now !== atRest; now = await turns()) atRest = now;
    assert.ok(atRest < many, `all of the ${many} events were taken`);
    const rest = await readAll({ [Symbol.asyncIterator]: () => stream });
    assert.equal(rest.filter((part) => part.type === "text-delta").length, many - 1);
  });

  it("is finished soon after its reason, when neither usage nor an end follow", async () => {
    const clock = createManualClock();
    const { start, words, end } = eventsOf("openai");
    await using opened = await open(
      "openai",
      (response) => sse(response).write([...start, ...words, end[0]].join("")),
      clock,
    );
    const stream = opened.model.stream(ASK)[Symbol.asyncIterator]();
    await readToContent(stream);
    const rest = readAll({ [Symbol.asyncIterator]: () => stream });
    for (let turn = 0; turn < 50; turn++) await settleOn(clock, 50);
    const finish = finishOf(await rest);
    assert.deepEqual([finish.finishReason.unified, finish.usage.outputTokens.total], ["stop", undefined]);
  });

  it("is whole without [DONE]", async () => {
    const { start, words, end } = eventsOf("openai");
    await using opened = await open("openai", (response) =>
      sse(response).end([...start, ...words, ...end.slice(0, 2)].join("")),
    );
    assert.equal(finishOf(await readAll(opened.model.stream(ASK))).usage.outputTokens.total, 9);
  });

  it("gives tool calls of servers that number and name them as they like", async () => {
    const piece = (tool: object, finish_reason: string | null = null): string =>
      `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { tool_calls: [tool] }, finish_reason }] })}\n\n`;
    const events = [
      piece({ id: "a", function: { name: "one", arguments: '{"x":' } }),
      piece({ function: { arguments: "1}" } }),
      piece({ id: "b", function: { name: "two", arguments: { y: 2 } } }),
      piece({ index: 5, function: { name: "three" } }, "tool_calls"),
    ];
    await using opened = await open("openai-compatible", (response) => sse(response).end(events.join("")));
    const calls = (await readAll(opened.model.stream(ASK))).filter((part) => part.type === "tool-call");
    assert.deepEqual(
      calls.map(({ toolCallId, toolName, input }) => [toolCallId, toolName, input]),
      [
        ["a", "one", '{"x":1}'],
        ["b", "two", '{"y":2}'],
        ["c-5", "three", "{}"],
      ],
    );
  });
});

describe("limits of a model", () => {
  it("are what the headers said last, and stay when a reply says nothing", async () => {
    const clock = createManualClock(Date.parse("2026-11-22T10:00:00Z"));
    const replies: readonly Record<string, string>[] = [
      {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1m0.5s",
      },
      {},
      {
        "retry-after": "7",
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "30",
      },
    ];
    let count = 0;
    await using opened = await open("openai", (response) => response.writeHead(429, replies[count++]).end("{}"), clock);
    assert.equal(opened.model.limits(), undefined);
    const now = clock.now();
    const requests = (remaining: number, resetAt: number) => ({ requests: { limit: 60, remaining, resetAt } });
    await failureOf(opened.model.generate(ASK));
    assert.deepEqual(opened.model.limits(), { at: now, axes: requests(59, now + 60_500), blockedUntil: null });
    await failureOf(opened.model.generate(ASK));
    assert.deepEqual(opened.model.limits()?.axes, requests(59, now + 60_500));
    const failure = await failureOf(opened.model.generate(ASK));
    assert.deepEqual([failure.kind, failure.notBeforeMs, failure.limiter], ["rate-limited", 7_000, "wait"]);
    assert.deepEqual(opened.model.limits(), { at: now, axes: requests(0, now + 30_000), blockedUntil: now + 7_000 });
  });
});

describe("a request", () => {
  it("proves who asks as each provider wants it, and carries headers of the call", async () => {
    for (const kind of KINDS) {
      await using opened = await open(kind, (response) => response.writeHead(500).end("{}"));
      await failureOf(opened.model.generate({ ...ASK, headers: { "X-Client-Request-Id": "call-1", gone: undefined } }));
      const [request] = opened.requests;
      const isAnthropic = kind === "anthropic";
      assert.equal(request?.url, isAnthropic ? "/v1/messages" : "/v1/chat/completions");
      assert.equal(request?.headers["x-client-request-id"], "call-1");
      assert.equal(request?.headers["authorization"], isAnthropic ? undefined : "Bearer a-key");
      assert.equal(request?.headers["x-api-key"], isAnthropic ? "a-key" : undefined);
      assert.equal("gone" in (request?.headers ?? {}), false);
    }
  });

  it("is answered by the simulator as a question, whole and streamed alike", async () => {
    await using simulator = createSimulator();
    const baseUrl = `${await simulator.start()}/v1`;
    const transport = createTransport();
    for (const kind of KINDS) {
      const provider = await openProvider("it", { kind, apiKey: "k", baseUrl }, { transport, clock: systemClock });
      const model = provider.model("claude-haiku-4-5");
      const whole = await model.generate(ASK);
      const streamed = await readAll(model.stream(ASK));
      const text = whole.content.map((part) => (part.type === "text" ? part.text : "")).join("");
      assert.ok(text.length > 0);
      assert.equal(textOf(streamed), text);
      assert.equal(whole.usage.outputTokens.total, finishOf(streamed).usage.outputTokens.total);
    }
    await transport.close();
  });
});
