import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "millrace/testing";
import OpenAI from "openai";
import { type SimulatorOptions, START_TIER } from "../index.ts";
import { type Clients, openClients } from "../test-clients.ts";
import { createBucket } from "./bucket.ts";
import { familyOf } from "./family.ts";
import { goDuration } from "./limits.ts";

const START = Date.UTC(2026, 10, 28);

function ask({ anthropic }: Clients, content = "hello", model = "m"): Promise<Response> {
  return anthropic.messages.create({ model, max_tokens: 200, messages: [{ role: "user", content }] }).asResponse();
}
function askOpenAi({ openai }: Clients, maxTokens = 100, model = "m"): Promise<Response> {
  const messages = [{ role: "user" as const, content: "hello" }];
  return openai.chat.completions.create({ model, messages, max_completion_tokens: maxTokens }).asResponse();
}
/** The status of what a client throws, with the headers that came with it. */
async function refusalOf(call: Promise<unknown>): Promise<{ status: number; headers: Headers; code: unknown }> {
  try {
    await call;
  } catch (error) {
    const {
      status,
      headers,
      error: body,
      code,
    } = error as { status: number; headers: Headers; error: unknown; code: unknown };
    const details = (body as { error?: { details?: { error_code?: string } } }).error?.details;
    return { status, headers, code: details?.error_code ?? code ?? null };
  }
  throw new assert.AssertionError({ message: "It was answered." });
}
const timed = (
  options: SimulatorOptions,
): { clock: ReturnType<typeof createManualClock>; options: SimulatorOptions } => {
  const clock = createManualClock(START);
  return { clock, options: { clock, ...options } };
};

describe("limits", () => {
  it("of requests refuse one too many, tell when to come back, and refill all the time", async () => {
    const { clock, options } = timed({ limits: { requests: 3 } });
    await using clients = await openClients(options);
    const remaining: (string | null)[] = [];
    for (let index = 0; index < 3; index++) {
      remaining.push((await ask(clients)).headers.get("anthropic-ratelimit-requests-remaining"));
    }
    assert.deepEqual(remaining, ["2", "1", "0"]);
    const refused = await refusalOf(ask(clients));
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "20"]);
    assert.equal(refused.headers.get("anthropic-ratelimit-requests-reset"), "2026-11-28T00:01:00Z");
    await clock.advance(19_000);
    assert.equal((await refusalOf(ask(clients))).headers.get("retry-after"), "1");
    await clock.advance(1_000);
    assert.equal((await ask(clients)).status, 200);
  });

  it("are kept apart by organisation, family and lane", async () => {
    const organizations = { k: "one", other: "one" };
    const { options } = timed({
      limits: { requests: 1, families: { "claude-opus-5": { requests: 2 } } },
      organizations,
    });
    await using clients = await openClients(options);
    await ask(clients);
    assert.equal((await refusalOf(ask(clients))).status, 429);
    assert.equal((await askOpenAi(clients)).status, 200);
    assert.equal((await ask(clients, "hello", "another")).status, 200);
    await ask(clients, "hello", "claude-opus-5");
    await ask(clients, "hello", "claude-opus-5-5");
    assert.equal((await refusalOf(ask(clients, "hello", "claude-opus-5-5-20261001"))).status, 429);
    const askAs = async (key: string): Promise<number> =>
      (
        await clients.get("/v1/messages", {
          method: "POST",
          headers: { "x-api-key": key, "anthropic-version": "2023-06-01" },
          body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "x" }] }),
        })
      ).status;
    assert.deepEqual([await askAs("other"), await askAs("third")], [429, 200]);
    assert.deepEqual(
      [familyOf("claude-sonnet-4-6-20260101"), familyOf("gpt-5.4-2026-03-17")],
      ["claude-sonnet-4", "gpt-5.4"],
    );
  });

  it("of Anthropic's tokens charge input on arrival and output as it is written, whatever max_tokens says", async () => {
    const { clock, options } = timed({ limits: { inputTokens: 4_000, outputTokens: 200 } });
    await using clients = await openClients(options);
    const params = { model: "m", max_tokens: 50_000, stream: true as const };
    const first = await clients.anthropic.messages.create({
      ...params,
      messages: [{ role: "user", content: "word ".repeat(1_600) }],
    });
    for await (const event of first) void event;
    const { headers } = await ask(clients, "hello lamp");
    assert.equal(headers.get("anthropic-ratelimit-input-tokens-remaining"), "2000");
    assert.equal(headers.get("anthropic-ratelimit-tokens-limit"), "4200");
    // What was written emptied the bucket of the output: the next question waits until it holds something again.
    const spent = clients.simulator.ledger()[0]?.outputTokens ?? 0;
    for (let tokens = spent; tokens < 200;) {
      await ask(clients, `more ${tokens}`);
      tokens = clients.simulator.ledger()[0]?.outputTokens ?? 0;
    }
    assert.equal((await refusalOf(ask(clients))).status, 429);
    await clock.advance(60_000);
    assert.equal((await refusalOf(ask(clients, "x".repeat(16_100)))).status, 429);
    assert.equal((await ask(clients)).status, 200);
  });

  it("of OpenAI's tokens charge the larger of prompt and max_tokens, and count what they refuse", async () => {
    const { clock, options } = timed({ limits: { requests: 10, tokens: 1_000 } });
    await using clients = await openClients(options);
    const { headers } = await askOpenAi(clients, 600);
    assert.equal(headers.get("x-ratelimit-remaining-tokens"), "400");
    assert.equal(headers.get("x-ratelimit-reset-tokens"), "36s");
    assert.equal(headers.get("x-ratelimit-reset-requests"), "6s");
    const refused = await refusalOf(askOpenAi(clients, 500));
    assert.deepEqual([refused.status, refused.code], [429, "rate_limit_exceeded"]);
    assert.equal(refused.headers.get("retry-after-ms"), "6000");
    assert.equal(refused.headers.get("x-ratelimit-remaining-requests"), "8");
    await clock.advance(6_000);
    assert.equal((await askOpenAi(clients, 500)).status, 200);
    assert.deepEqual([59.94, 1_000, 360_000].map(goDuration), ["59.9ms", "1s", "6m0s"]);
  });

  it("of concurrency, growth and spending have errors of their own", async () => {
    const { clock, options } = timed({ latencyMs: 1_000, limits: { concurrent: 1 } });
    await using clients = await openClients(options);
    const first = ask(clients);
    while (clients.simulator.stats().perPrompt.distinct < 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await refusalOf(ask(clients, "second"))).status, 429);
    await clock.advance(1_000);
    await first;
    clients.simulator.configure({ latencyMs: 0, limits: { rampTokens: 1_000 } });
    await ask(clients, "x".repeat(4_000));
    const grown = await refusalOf(ask(clients, "x".repeat(40)));
    assert.deepEqual([grown.status, grown.code], [429, "ramp_limit_exceeded"]);
    await clock.advance(60_000);
    await ask(clients, "x".repeat(6_000));
    assert.equal((await refusalOf(ask(clients))).code, "ramp_limit_exceeded");
    assert.equal(
      (
        await refusalOf(
          askOpenAi(clients).then(() =>
            clients.openai.chat.completions.create({
              model: "m",
              messages: [{ role: "user", content: "x".repeat(9_000) }],
            }),
          ),
        )
      ).code,
      "slow_down",
    );
    clients.simulator.configure({ limits: { spendUsd: 0.000001 } });
    const spent = await refusalOf(ask(clients));
    assert.deepEqual(
      [spent.status, spent.code, spent.headers.get("retry-after")],
      [429, "enforced_spend_limit_reached", null],
    );
    assert.equal((await refusalOf(askOpenAi(clients))).code, "organization_spend_limit_exceeded");
  });

  it("of a start tier are there by name, and no limit sends no header", async () => {
    await using limited = await openClients({ limits: START_TIER });
    assert.equal((await ask(limited)).headers.get("anthropic-ratelimit-tokens-limit"), "2400000");
    await using unlimited = await openClients();
    const names = [...(await ask(unlimited)).headers.keys(), ...(await askOpenAi(unlimited)).headers.keys()];
    assert.deepEqual(
      names.filter((name) => name.includes("ratelimit")),
      [],
    );
  });

  it("never let through more than a bucket holds and gains, in whatever order time and questions come", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 50 }))), (steps) => {
        const bucket = createBucket(60, 0);
        let now = 0;
        let taken = 0;
        for (const [ms, amount] of steps) {
          now += ms;
          if (bucket.waitMs(amount, now) > 0) continue;
          bucket.take(amount, now);
          taken += amount;
        }
        assert.ok(taken <= 60 + now / 1_000 + 1e-6);
      }),
    );
  });
});

describe("prompt caches", () => {
  const long = "A long text about lamps. ".repeat(400);
  const longTokens = Math.ceil(long.length / 4);

  async function usageOf({ anthropic }: Clients, ttl: "5m" | "1h", text = long) {
    const { usage } = await anthropic.messages.create({
      model: "m",
      max_tokens: 50,
      system: [{ type: "text", text, cache_control: { type: "ephemeral", ttl } }],
      messages: [{ role: "user", content: "hello" }],
    });
    return [usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.input_tokens];
  }

  it("of Anthropic write at a breakpoint, read while it lives, and are refreshed by reading", async () => {
    const { clock, options } = timed({});
    await using clients = await openClients(options);
    const rest = Math.ceil((long.length + 6) / 4) - longTokens;
    assert.deepEqual(await usageOf(clients, "5m"), [longTokens, 0, rest]);
    await clock.advance(200_000);
    assert.deepEqual(await usageOf(clients, "5m"), [0, longTokens, rest]);
    await clock.advance(200_000);
    assert.deepEqual(await usageOf(clients, "5m"), [0, longTokens, rest]);
    await clock.advance(300_000);
    assert.deepEqual(await usageOf(clients, "1h"), [longTokens, 0, rest]);
    await clock.advance(3_000_000);
    assert.deepEqual(await usageOf(clients, "1h"), [0, longTokens, rest]);
    assert.deepEqual((await usageOf(clients, "5m", "short"))[0], 0);
    const [entry] = clients.simulator.ledger();
    assert.ok(entry !== undefined);
    const input = entry.inputTokens + entry.cacheReadTokens * 0.1 + longTokens * 1.25 + longTokens * 2;
    assert.ok(Math.abs(entry.usd - (input + entry.outputTokens * 5) / 1e6) < 1e-12);
  });

  it("of Anthropic know only prefixes that are the same to the last letter, and give nothing to questions side by side", async () => {
    const { clock, options } = timed({ latencyMs: 1_000 });
    await using clients = await openClients(options);
    const both = [usageOf(clients, "5m"), usageOf(clients, "5m")];
    while (clients.simulator.stats().perPrompt.repeats < 1) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
    for (const [written] of await Promise.all(both)) assert.equal(written, longTokens);
    clients.simulator.configure({ latencyMs: 0 });
    assert.equal((await usageOf(clients, "5m", `B${long}`))[1], 0);
    assert.equal((await usageOf(clients, "5m"))[1], longTokens);
  });

  it("of Anthropic refuse a fifth breakpoint, and a longer life after a shorter one", async () => {
    await using clients = await openClients();
    const block = (ttl: "5m" | "1h") => ({
      type: "text" as const,
      text: long,
      cache_control: { type: "ephemeral" as const, ttl },
    });
    for (const system of [Array.from({ length: 5 }, () => block("5m")), [block("5m"), block("1h")]]) {
      const params = { model: "m", max_tokens: 9, system, messages: [{ role: "user" as const, content: "x" }] };
      await assert.rejects(clients.anthropic.messages.create(params), { status: 400, message: /cache_control/ });
    }
  });

  it("of OpenAI count whole steps of 128 from 1,024 tokens on", async () => {
    const { clock, options } = timed({});
    await using clients = await openClients(options);
    const cached = async (content: string): Promise<number | undefined> => {
      const { usage } = await clients.openai.chat.completions.create({
        model: "m",
        messages: [{ role: "user", content }],
      });
      return usage?.prompt_tokens_details?.cached_tokens;
    };
    assert.deepEqual(
      [await cached(long), await cached(long)],
      [0, Math.floor((long.length / 4 - 1_024) / 128) * 128 + 1_024],
    );
    assert.equal(await cached(`${long.slice(0, 4 * 1_024 + 300)}another end`), 1_024);
    assert.deepEqual([await cached("short"), await cached("short")], [0, 0]);
    await clock.advance(600_001);
    assert.equal(await cached(long), 0);
  });
});

describe("the ledger", () => {
  it("charges what a client does not wait for, whole or in the middle of its stream", async () => {
    const { clock, options } = timed({ latencyMs: 5_000 });
    await using clients = await openClients(options);
    const leaving = new AbortController();
    const messages = [{ role: "user" as const, content: "hello" }];
    const call = clients.openai.chat.completions.create({ model: "m", messages }, { signal: leaving.signal });
    while (clients.simulator.stats().perPrompt.distinct < 1) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    await assert.rejects(call, OpenAI.APIUserAbortError);
    while ((clients.simulator.ledger()[0]?.aborted ?? 0) < 1) await new Promise((resolve) => setImmediate(resolve));
    const whole = clients.simulator.ledger()[0]?.outputTokens ?? 0;
    assert.ok(whole > 10);
    clients.simulator.configure({ latencyMs: 0, tokensPerSecond: 10 });
    const stream = await clients.openai.chat.completions.create({ model: "m", messages, stream: true });
    await clock.advance(500);
    stream.controller.abort();
    while ((clients.simulator.ledger()[0]?.aborted ?? 0) < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      [clients.simulator.ledger()[0]?.outputTokens, clients.simulator.log().map(({ outcome }) => outcome)],
      [whole * 2, ["left", "left"]],
    );
  });

  it("charges what the provider breaks off only as far as it came, and errors nothing", async () => {
    await using clients = await openClients({
      failoverTimings: "fast",
      script: ["server-error", "reset", "unauthorized", { fault: "truncated", afterTokens: 6 }],
    });
    for (let index = 0; index < 3; index++) await assert.rejects(askOpenAi(clients));
    assert.deepEqual(clients.simulator.ledger(), []);
    const params = { model: "m", max_tokens: 200, messages: [{ role: "user" as const, content: "Tell about lamps" }] };
    await assert.rejects(clients.anthropic.messages.stream(params).finalMessage());
    const [entry] = clients.simulator.ledger();
    assert.deepEqual([entry?.calls, entry?.cut], [1, 1]);
    assert.ok(entry !== undefined && entry.outputTokens >= 6 && entry.outputTokens < 15);
  });

  it("knows prices by model, and tiers", async () => {
    await using clients = await openClients({ prices: { m: { input: 10, output: 0 } } });
    const messages = [{ role: "user" as const, content: "x".repeat(400) }];
    for (const tier of ["auto", "flex", "priority"] as const) {
      const { service_tier: said } = await clients.openai.chat.completions.create({
        model: "m",
        messages,
        service_tier: tier,
      });
      assert.equal(said, tier === "auto" ? "default" : tier);
    }
    assert.ok(Math.abs((clients.simulator.ledger()[0]?.usd ?? 0) - (100 * 10 * 3.5) / 1e6) < 1e-12);
    const read = (await (await clients.get("/_simulator/ledger")).json()) as { entries: unknown };
    assert.deepEqual(read.entries, clients.simulator.ledger());
  });
});
