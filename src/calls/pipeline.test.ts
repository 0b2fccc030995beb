import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { CallsConfig } from "./config.ts";
import { type CallsWorld, openCallsWorld, until } from "./test-world.ts";

/** Calls that are bounded so, on a clock that stands still. */
async function openBounded(
  calls: CallsConfig,
  options: Parameters<typeof openCallsWorld>[0] = {},
): Promise<CallsWorld & { readonly clock: ManualClock }> {
  const clock = (options.clock as ManualClock | undefined) ?? createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  const world = await openCallsWorld({ ...options, clock, calls });
  return Object.assign(world, { clock });
}

const OPENAI = "openai/gpt-5.4-mini";

describe("a model that cannot answer", () => {
  it("is stood in for by the next one, whose answer bears its name, says why and is kept under it alone", async () => {
    await using world = await openBounded(
      { fallback: { fast: [OPENAI] } },
      { simulator: { script: ["unauthorized"] } },
    );
    const answer = await world.ai.text({ prompt: "Hello" });
    assert.deepEqual([answer.source, answer.model, answer.requests], ["fallback", OPENAI, 2]);
    assert.match(answer.degraded ?? "", /claude-haiku-4-5 does not accept the key/);
    assert.equal((await world.ai.text({ prompt: "Hello", model: OPENAI })).source, "memory");
    assert.equal((await world.ai.text({ prompt: "Hello" })).source, "provider", "the one that was asked answers again");
  });

  it("is not stood in for where nobody else would fare better", async () => {
    await using world = await openBounded({ fallback: { fast: [OPENAI] } }, { simulator: { script: ["refusal"] } });
    await assert.rejects(world.ai.text({ prompt: "Hello" }), /refused to answer/);
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("gives way to what its stand-in answered before, and in the end to rules that list what failed", async () => {
    const script = ["unauthorized", "unauthorized", "unauthorized"] as const;
    await using world = await openBounded(
      { fallback: { fast: [OPENAI] } },
      { simulator: { script: ["none", ...script] } },
    );
    await world.ai.text({ prompt: "Known", model: OPENAI });
    const known = await world.ai.text({ prompt: "Known" });
    assert.deepEqual([known.source, known.model, known.requests], ["fallback", OPENAI, 1]);
    assert.ok(known.ageMs !== null);
    const ruled = await world.ai.text({ prompt: "New", rules: () => "by rule" });
    assert.deepEqual([ruled.source, ruled.requests], ["rules", 2]);
    assert.match(ruled.degraded ?? "", /None of 2 candidates answered/);
  });

  it("is given up early when it is silent and another can be asked", async () => {
    await using world = await openBounded({ fallback: { fast: [OPENAI] } }, { simulator: { script: ["silent"] } });
    const call = world.ai.text({ prompt: "Hello" });
    await until(() => world.simulator.stats().inFlight === 1);
    await world.clock.advance(30_000);
    await until(() => world.simulator.stats().requests === 2);
    assert.equal((await call).source, "fallback");
    assert.ok(world.clock.monotonic() <= 31_000);
  });

  it("is left alone after five failures in a row, and asked again by a probe", async () => {
    await using world = await openBounded(
      { retry: { attempts: 1 } },
      { simulator: { script: Array.from({ length: 5 }, () => "server-error" as const) } },
    );
    const ask = (index: number) => world.ai.text({ prompt: `Hello ${index}` });
    for (let index = 0; index < 5; index++) await assert.rejects(ask(index), /failed on the provider's side/);
    await assert.rejects(ask(5), /failed too often and is left alone/);
    assert.equal(world.simulator.stats().requests, 5);
    assert.equal(world.factory.routes()[0]?.breaker.status, "open");
    await world.clock.advance(5_000);
    assert.equal((await ask(6)).source, "provider");
    assert.equal(world.factory.routes()[0]?.breaker.status, "closed");
  });
});

describe("the bounds of calls", () => {
  it("have five requests to a model under way at once and no more", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    await using world = await openBounded({}, { clock, simulator: { latencyMs: 100, clock } });
    const calls = Promise.all(Array.from({ length: 12 }, (_, index) => world.ai.text({ prompt: `Hello ${index}` })));
    for (const [sent, asked] of [
      [5, 5],
      [10, 10],
      [12, 12],
    ] as const) {
      await until(
        () => world.simulator.stats().requests === sent && world.simulator.stats().perPrompt.distinct === asked,
      );
      assert.deepEqual(world.factory.routes()[0]?.parallel, {
        running: sent === 12 ? 2 : 5,
        waiting: 12 - sent,
        limit: 5,
      });
      await clock.advance(100);
    }
    await calls;
    assert.equal(world.simulator.stats().maxInFlight, 5);
  });

  it("let sixty requests a minute pass where that is set, and refuse at once what would wait past its time", async () => {
    await using world = await openBounded({ requestsPerMinute: 60, parallel: 100 });
    const first = Array.from({ length: 60 }, (_, index) => world.ai.text({ prompt: `Hello ${index}` }));
    await Promise.all(first);
    const late = world.ai.text({ prompt: "One more" });
    const hasty = await world.ai.text({ prompt: "Two more", timeoutMs: 500 }).catch((error: unknown) => error);
    assert.ok(hasty instanceof MillraceError && hasty.code === "RATE_LIMITED", String(hasty));
    assert.equal(world.simulator.stats().requests, 60);
    await world.clock.advance(1_000);
    assert.equal((await late).source, "provider");
  });

  it("wait as long as the provider says before anybody asks it again", async () => {
    await using world = await openBounded(
      { retry: { attempts: 1 } },
      { simulator: { script: ["rate-limit"], retryAfterSeconds: 7 } },
    );
    await assert.rejects(world.ai.text({ prompt: "Hello" }), /rate limited/);
    const next = world.ai.text({ prompt: "Hello again" });
    await world.clock.advance(6_900);
    assert.equal(world.simulator.stats().requests, 1);
    await world.clock.advance(200);
    assert.equal((await next).source, "provider");
  });

  it("stop before a day's money is passed, and begin anew the next day", async () => {
    await using world = await openBounded({ budgets: { day: 0.02 } });
    const ask = (index: number) => world.ai.text({ prompt: `Hello ${index}` });
    let spent = 0;
    const spend = async (): Promise<void> => {
      for (let index = 0; index < 500; index++) spent += (await ask(index)).usd ?? 0;
    };
    const error = await spend().catch((thrown: unknown) => thrown);
    assert.ok(error instanceof MillraceError && error.code === "BUDGET_SPENT", String(error));
    assert.ok(spent > 0.01 && spent <= 0.02, `${spent}`);
    assert.equal((await world.ai.text({ prompt: "Hello 0" })).source, "memory", "what is kept costs nothing");
    world.clock.jump(86_400_000);
    assert.equal((await ask(1_000)).source, "provider");
  });
});

describe("ai.stream", () => {
  it("gives the text as it comes, once for all who ask the same, late ones the beginning too, and keeps it", async () => {
    await using world = await openBounded({});
    const first = world.ai.stream({ prompt: "Tell a story" });
    const pieces: string[] = [];
    const second = world.ai.stream({ prompt: "Tell a story" });
    for await (const piece of first) pieces.push(piece);
    const answer = await first.answer;
    assert.equal(pieces.join(""), answer.value);
    assert.ok(pieces.length > 1);
    assert.equal(await textOf(second), answer.value);
    assert.deepEqual([answer.source, (await second.answer).source], ["provider", "joined"]);
    const third = world.ai.stream({ prompt: "Tell a story" });
    assert.equal(await textOf(third), answer.value);
    assert.equal((await third.answer).source, "memory");
    assert.equal((await world.ai.text({ prompt: "Tell a story" })).source, "memory");
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("ends in an error when it breaks off after text was passed on, and keeps nothing", async () => {
    await using server = await openBreakingServer();
    await using world = await openBounded(
      { fallback: { fast: [OPENAI] } },
      { models: { fast: "breaking/m" }, providers: { breaking: { kind: "openai", apiKey: "k", baseUrl: server.url } } },
    );
    const stream = world.ai.stream({ prompt: "Tell a story", rules: () => "by rule" });
    let read = "";
    await assert.rejects(async () => {
      for await (const piece of stream) {
        read += piece;
        server.cut();
      }
    }, /broke off its answer/);
    assert.equal(read, "Once upon ");
    await assert.rejects(stream.answer, /broke off its answer/);
    assert.deepEqual([server.requests(), world.simulator.stats().requests], [1, 0]);
    assert.deepEqual(await world.cache.keys("answers:*"), []);
  });

  it("lets another model stand in when the answer is held", async () => {
    await using world = await openBounded(
      { fallback: { fast: [OPENAI] }, retry: { attempts: 1 } },
      { simulator: { script: ["truncated"] } },
    );
    const stream = world.ai.stream({ prompt: "Tell a story", mode: "held" });
    const text = await textOf(stream);
    const answer = await stream.answer;
    assert.deepEqual([answer.source, answer.value], ["fallback", text]);
  });
});

describe("ai.panel", () => {
  it("gives what came by its deadline, and says of each what became of it", async () => {
    await using world = await openBounded(
      { retry: { attempts: 1 } },
      { simulator: { script: ["unauthorized", "silent"] } },
    );
    const panel = world.ai.panel({
      prompt: "Is it safe?",
      deadlineMs: 10_000,
      members: [{ name: "bad key" }, { name: "silent", model: OPENAI }, { name: "good", system: "You are careful." }],
    });
    await until(() => world.simulator.stats().requests === 3);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    await world.clock.advance(10_000);
    const { members, answered, isComplete } = await panel;
    assert.deepEqual(members.map(({ status }) => status).toSorted(), ["answered", "failed", "late"]);
    assert.deepEqual([answered, isComplete], [1, false]);
  });

  it("calls the rest off when enough have answered, and asks nobody whose price is too high", async () => {
    await using world = await openBounded({});
    const members = ["a", "b", "c"].map((name) => ({ name, system: `You are ${name}.` }));
    const cheap = await world.ai.panel({ prompt: "Is it safe?", members, maxUsd: 0.011 });
    assert.deepEqual(
      cheap.members.map(({ status }) => status),
      ["answered", "answered", "skipped"],
    );
    assert.ok((cheap.usd ?? 0) > 0 && (cheap.usd ?? 1) < 0.011);
    world.simulator.configure({ script: ["none", "silent", "silent"] });
    const quick = await world.ai.panel({ prompt: "Is it still safe?", members, quorum: 1 });
    assert.equal(quick.isComplete, true);
    assert.equal(quick.members.filter(({ status }) => status === "skipped").length, 2);
    await assert.rejects(world.ai.panel({ prompt: "x", members: [{ name: "a" }, { name: "a" }] }), /name of its own/);
  });
});

/** A server that begins each answer and waits, until it is told to cut the line. */
async function openBreakingServer(): Promise<AsyncDisposable & { url: string; cut(): void; requests(): number }> {
  let requests = 0;
  let open: ServerResponse | undefined;
  const server = createServer((request, response) => {
    requests++;
    open = response;
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ index: 0, delta: { role: "assistant", content: "Once upon " }, finish_reason: null }];
    const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    cut: () => void open?.destroy(),
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(stream: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
}
