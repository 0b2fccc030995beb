import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { createManualClock, type ManualClock } from "millrace/testing";
import OpenAI from "openai";
import { FAILOVER_MODELS, type Fault, type SimulatorOptions } from "../index.ts";
import { type Clients, openClients, until } from "../test-clients.ts";
import { FAILOVER_ANSWER } from "./failover.ts";

const MESSAGES = [{ role: "user" as const, content: "Tell about lamps" }];

/** What came of a question: the text, or what was thrown. */
interface Outcome {
  readonly text: string;
  readonly finish: string | null;
  readonly error: { readonly status?: number; readonly code?: string | null; readonly headers?: Headers } | undefined;
}

async function streamed(
  { openai }: Clients,
  model: string,
  messages: OpenAI.ChatCompletionMessageParam[] = MESSAGES,
): Promise<Outcome> {
  let text = "";
  let finish: string | null = null;
  try {
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? "";
      finish = choices[0]?.finish_reason ?? finish;
    }
    return { text, finish, error: undefined };
  } catch (error) {
    return { text, finish, error: error as NonNullable<Outcome["error"]> };
  }
}

async function messageStreamed({ anthropic }: Clients, model: string): Promise<Outcome> {
  let text = "";
  let finish: string | null = null;
  try {
    const stream = await anthropic.messages.create({ model, max_tokens: 200, messages: MESSAGES, stream: true });
    for await (const event of stream) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
      if (event.type === "message_delta") finish = event.delta.stop_reason;
    }
    return { text, finish, error: undefined };
  } catch (error) {
    return { text, finish, error: error as NonNullable<Outcome["error"]> };
  }
}

async function timed(options: SimulatorOptions = {}): Promise<Clients & { readonly clock: ManualClock }> {
  const clock = createManualClock(Date.UTC(2026, 10, 28));
  const clients = await openClients({ clock, failoverTimings: "fast", ...options });
  return { ...clients, clock };
}

/** Moves the clock on until a promise is settled. */
async function moving<T>(clock: ManualClock, promise: Promise<T>, stepMs = 50): Promise<T> {
  const state = { isSettled: false };
  const settled = promise.finally(() => (state.isSettled = true));
  while (!state.isSettled) await clock.advance(stepMs);
  return await settled;
}

function words(text: string): number {
  return text.split(" ").filter((word) => word !== "").length;
}

/** What arrives of a stream, to the last byte: clients drop what they have not read when a connection breaks. */
function received({ simulator }: Clients, path: string, fields: object): Promise<string> {
  const headers = { authorization: "Bearer k", "anthropic-version": "2026-10-21" };
  return new Promise((resolve) => {
    const sent = request(simulator.url + path, { method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("error", () => undefined);
      response.on("close", () => resolve(text));
    });
    sent.on("error", () => resolve(""));
    sent.end(JSON.stringify({ model: "m", max_tokens: 200, messages: MESSAGES, stream: true, ...fields }));
  });
}

/** The text that chunks of chat completions or deltas of messages hold. */
function textOf(events: string): string {
  return [...events.matchAll(/"(?:content|text)":"([^"]*)"/g)].map(([, text]) => text).join("");
}

const WHOLE: Outcome = { text: FAILOVER_ANSWER, finish: "stop", error: undefined };

describe("the failover tests' models", () => {
  it("answer with the same sixty words when nothing is wrong, and go on where a prefill ends", async () => {
    await using clients = await timed();
    const { clock } = clients;
    assert.equal(words(FAILOVER_ANSWER), 60);
    assert.deepEqual(await moving(clock, streamed(clients, "fb-ok")), WHOLE);
    assert.equal((await moving(clock, messageStreamed(clients, "fb-ok"))).text, FAILOVER_ANSWER);
    const begun = FAILOVER_ANSWER.split(" ").slice(0, 40).join(" ");
    const prefill = [...MESSAGES, { role: "assistant" as const, content: begun }];
    assert.equal(begun + (await moving(clock, streamed(clients, "fb-ok", prefill))).text, FAILOVER_ANSWER);
    const refused = await streamed(clients, "fb-ok-noprefill", prefill);
    assert.equal(refused.error?.status, 400);
    assert.deepEqual(await moving(clock, streamed(clients, "fb-ok-noprefill")), WHOLE);
  });

  it("fail each in its way", async () => {
    await using clients = await timed();
    const { clock, simulator } = clients;
    const ask = (model: string): Promise<Outcome> => moving(clock, streamed(clients, model));
    const statuses = async (model: string, times = 2): Promise<(number | string | undefined)[]> => {
      const found: (number | string | undefined)[] = [];
      for (let index = 0; index < times; index++) {
        const { error, text } = await ask(model);
        found.push(
          error === undefined ? (text === FAILOVER_ANSWER ? "whole" : "part") : (error.status ?? "connection"),
        );
      }
      return found;
    };
    const limited = await ask("fb-s01-429-retry-after");
    assert.deepEqual([limited.error?.status, limited.error?.headers?.get("retry-after")], [429, "2"]);
    assert.deepEqual(await statuses("fb-s01-429-retry-after"), ["whole", "whole"]);
    const bare = await ask("fb-s02-429-persistent");
    assert.deepEqual([bare.error?.status, bare.error?.headers?.get("retry-after")], [429, null]);
    assert.deepEqual(await statuses("fb-s03-500-then-200"), [500, "whole"]);
    assert.deepEqual(await statuses("fb-s04-503-persistent"), [503, 503]);
    assert.deepEqual(await statuses("fb-s05-reset"), ["connection", "whole"]);
    assert.deepEqual(await statuses("fb-s06-no-response", 1), ["connection"]);
    const before = clock.monotonic();
    assert.deepEqual(await ask("fb-s07-slow-ttft"), WHOLE);
    assert.ok(clock.monotonic() - before >= 3_000);
    for (const [model, tokens] of [
      ["fb-s08-stream-cut", 40],
      ["fb-s09-stream-stall", 20],
      ["fb-s14-stream-cut", 40],
    ] as const) {
      assert.equal((await ask(model)).error === undefined, false);
      const events = await moving(clock, received(clients, "/v1/chat/completions", { model }));
      assert.deepEqual([words(textOf(events)), events.includes('"finish_reason":"stop"')], [tokens, false]);
    }
    const broken = await ask("fb-s10-malformed-chunk");
    assert.deepEqual([words(broken.text), broken.error instanceof SyntaxError], [8, true]);
    assert.deepEqual(await ask("fb-s11-no-done"), WHOLE);
    assert.equal((await ask("fb-s12-context-length")).error?.code, "context_length_exceeded");
    assert.equal((await ask("fb-s13-content-filter")).error?.code, "content_policy_violation");
    simulator.reset();
    assert.deepEqual(await statuses("fb-s15-flap"), [503, 503]);
    await clock.advance(6_000);
    assert.deepEqual(await statuses("fb-s15-flap", 1), ["whole"]);
    const attempts = simulator.log().map(({ attempt, status, fault }) => [attempt, status, fault]);
    assert.deepEqual(attempts, [
      [1, 503, "unavailable"],
      [2, 503, "unavailable"],
      [3, 200, null],
    ]);
    assert.equal(FAILOVER_MODELS.length, 18);
  });

  it("are reset, timed and logged by failoverbench's own control calls", async () => {
    await using clients = await openClients();
    const post = (path: string, body: unknown = {}): Promise<Response> =>
      clients.get(path, { method: "POST", body: JSON.stringify(body) });
    const { timing } = (await (await post("/control/config", { profile: "fast" })).json()) as {
      timing: { flap_down_s: number };
    };
    assert.equal(timing.flap_down_s, 6);
    await streamed(clients, "fb-s04-503-persistent");
    const { log } = (await (await clients.get("/control/log")).json()) as {
      log: { model: string; attempt: number; action: string }[];
    };
    assert.deepEqual([log[0]?.model, log[0]?.attempt, log[0]?.action], ["fb-s04-503-persistent", 1, "503 unavailable"]);
    await post("/control/reset");
    assert.deepEqual(((await (await clients.get("/control/log")).json()) as { log: unknown }).log, []);
    assert.equal((await clients.get("/control/health")).status, 200);
    assert.equal((await post("/control/config", { profile: "slow" })).status, 400);
  });
});

describe("faults", () => {
  /** What each fault comes to, without a stream, in both lanes: a status, or the connection. */
  const STATUSES: Partial<Record<Fault, readonly [openai: number | undefined, anthropic: number | undefined]>> = {
    "rate-limit": [429, 429],
    "rate-limit-bare": [429, 429],
    "slow-down": [429, 429],
    "server-error": [500, 500],
    overloaded: [503, 529],
    unavailable: [503, 503],
    timeout: [504, 504],
    unauthorized: [401, 401],
    forbidden: [403, 403],
    "unknown-model": [404, 404],
    quota: [429, 402],
    "spend-limit": [429, 429],
    "context-length": [400, 400],
    html: [502, 502],
    reset: [undefined, undefined],
    truncated: [undefined, undefined],
    "reset-mid-stream": [undefined, undefined],
  };
  for (const [fault, [openaiStatus, anthropicStatus]] of Object.entries(STATUSES)) {
    it(`${fault} is the error that both official clients know`, async () => {
      await using clients = await openClients({ script: [fault as Fault, fault as Fault] });
      await assert.rejects(clients.openai.chat.completions.create({ model: "m", messages: MESSAGES }), (error) => {
        if (openaiStatus === undefined) return !(error instanceof OpenAI.APIError && error.status !== undefined);
        assert.ok(error instanceof OpenAI.APIError);
        assert.equal(error.status, openaiStatus);
        return true;
      });
      await assert.rejects(
        clients.anthropic.messages.create({ model: "m", max_tokens: 100, messages: MESSAGES }),
        (error) => {
          if (anthropicStatus === undefined)
            return !(error instanceof Anthropic.APIError && error.status !== undefined);
          assert.ok(error instanceof Anthropic.APIError);
          assert.equal(error.status, anthropicStatus);
          return true;
        },
      );
    });
  }

  it("break streams of both lanes where they are told to", async () => {
    for (const fault of ["truncated", "reset-mid-stream", "unfinished", "error-event", "broken-body"] as const) {
      const spec = { fault, afterTokens: 6 };
      await using clients = await openClients({ script: [spec, spec] });
      for (const { finish, error } of [await streamed(clients, "m"), await messageStreamed(clients, "m")]) {
        assert.deepEqual([finish, error === undefined], [null, fault === "unfinished"], fault);
      }
      clients.simulator.configure({ script: [spec, spec] });
      for (const path of ["/v1/chat/completions", "/v1/messages"]) {
        const events = await received(clients, path, {});
        const text = textOf(events);
        const isWhole = fault === "broken-body";
        // A reset may take with it what the other side has not read.
        const least = fault === "reset-mid-stream" ? 0 : 20;
        assert.ok(isWhole ? text.length > 60 : text.length >= least && text.length < 60, `${fault}: ${text}`);
        assert.equal(events.includes("{not json"), isWhole);
        assert.equal(/"(overloaded_error|server_is_overloaded)"/.test(events), fault === "error-event");
      }
    }
  });

  it("let a connection wait as long as they say", async () => {
    for (const [fault, silentMs] of [
      ["slow", 20_000],
      ["slow-first-token", 20_000],
      ["stall", 30_000],
      ["silent-body", 500],
    ] as const) {
      const spec = fault === "silent-body" ? { fault, delayMs: 500 } : { fault };
      await using clients = await timed({ script: [spec] });
      const { clock } = clients;
      let isOver = false;
      const outcome = streamed(clients, "m").finally(() => (isOver = true));
      await until(() => clients.simulator.stats().requests === 1);
      await clock.advance(silentMs - 1);
      assert.equal(isOver, false, fault);
      const { error } = await moving(clock, outcome, 1);
      assert.equal(error === undefined, fault.startsWith("slow"));
    }
  });

  it("ask for a wait in every form that there is", async () => {
    const wait = { fault: "rate-limit", retryAfterSeconds: 7 } as const;
    await using clients = await timed({
      script: [
        { ...wait, retryAfterForm: "seconds" },
        { ...wait, retryAfterForm: "date" },
        { ...wait, retryAfterForm: "milliseconds" },
      ],
    });
    const told: unknown[] = [];
    for (let index = 0; index < 3; index++) {
      const { error } = await streamed(clients, "m");
      told.push([error?.headers?.get("retry-after"), error?.headers?.get("retry-after-ms")]);
    }
    assert.deepEqual(told, [
      ["7", null],
      ["Sat, 28 Nov 2026 00:00:07 GMT", null],
      ["7", "7000"],
    ]);
  });

  it("come by turn, share, time, model, route and header", async () => {
    await using clients = await timed({
      rules: [
        { fault: "overloaded", model: "flaky-*", every: 3 },
        { fault: "server-error", model: "down", fromMs: 1_000, untilMs: 2_000 },
        { fault: "timeout", route: "/v1/messages", first: 1 },
        { fault: "forbidden", model: "share", share: 0.5 },
      ],
    });
    const { clock } = clients;
    const statusOf = async (model: string): Promise<number> => (await streamed(clients, model)).error?.status ?? 200;
    const turns: number[] = [];
    for (let index = 0; index < 6; index++) turns.push(await statusOf("flaky-model"));
    assert.deepEqual(turns, [200, 200, 503, 200, 200, 503]);
    const times = [await statusOf("down")];
    await clock.advance(1_000);
    times.push(await statusOf("down"));
    await clock.advance(1_000);
    times.push(await statusOf("down"));
    assert.deepEqual(times, [200, 500, 200]);
    assert.deepEqual(
      [(await messageStreamed(clients, "m")).error?.status, (await messageStreamed(clients, "m")).error],
      [504, undefined],
    );
    let failed = 0;
    for (let index = 0; index < 40; index++) if ((await statusOf("share")) === 403) failed += 1;
    assert.ok(failed > 8 && failed < 32, `${failed} of 40`);
    const headers = { "x-simulator-fault": "rate-limit; retry-after=3" };
    await assert.rejects(
      clients.openai.chat.completions.create({ model: "m", messages: MESSAGES }, { headers }),
      (error) => {
        assert.ok(error instanceof OpenAI.RateLimitError);
        assert.equal(error.headers.get("retry-after"), "3");
        return true;
      },
    );
  });

  it("put the date and the reset times off", async () => {
    await using clients = await timed({ script: ["clock-skew"], limits: { requests: 60 } });
    const headersOf = async (): Promise<(string | null)[]> => {
      const { headers } = await clients.anthropic.messages
        .create({ model: "m", max_tokens: 99, messages: MESSAGES })
        .asResponse();
      return [headers.get("date"), headers.get("anthropic-ratelimit-requests-reset")];
    };
    assert.deepEqual(await headersOf(), ["Fri, 27 Nov 2026 23:00:00 GMT", "2026-11-27T23:00:01Z"]);
    assert.deepEqual(await headersOf(), ["Sat, 28 Nov 2026 00:00:00 GMT", "2026-11-28T00:00:02Z"]);
    clients.simulator.configure({ skewMs: 60_000 });
    assert.equal((await headersOf())[0], "Sat, 28 Nov 2026 00:01:00 GMT");
  });

  it("of content let Anthropic's model refuse, and OpenAI's answer with an error", async () => {
    await using clients = await openClients({ rules: [{ fault: "content-policy" }] });
    const message = await clients.anthropic.messages.create({ model: "m", max_tokens: 100, messages: MESSAGES });
    assert.equal(message.stop_reason, "refusal");
    assert.equal((await streamed(clients, "m")).error?.code, "content_policy_violation");
  });
});

describe("the pace of an answer", () => {
  it("is that of its tokens, streamed or whole", async () => {
    await using clients = await timed({ latencyMs: 200, tokensPerSecond: 50 });
    const { clock } = clients;
    const started = clock.monotonic();
    const { text } = await moving(clock, streamed(clients, "m"), 1);
    const tokens = Math.ceil(text.length / 4);
    const took = clock.monotonic() - started;
    assert.ok(took >= 200 + tokens * 20 - 1 && took < 200 + tokens * 20 + 50, `${took} ms for ${tokens} tokens`);
    const whole = clients.anthropic.messages.create({ model: "m", max_tokens: 200, messages: MESSAGES });
    const before = clock.monotonic();
    const { usage } = await moving(clock, Promise.resolve(whole), 1);
    assert.ok(clock.monotonic() - before >= 200 + usage.output_tokens * 20);
  });
});
