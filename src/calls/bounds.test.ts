import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SimulatorOptions } from "../../simulator/index.ts";
import { MillraceError } from "../core/errors.ts";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import type { Ai, Answer } from "./ai.ts";
import type { CallsConfig } from "./config.ts";
import { type CallsWorld, ended, openCallsWorld, until } from "./test-world.ts";

const OPENAI = "openai/gpt-5.4-mini";

type World = CallsWorld & { readonly clock: ManualClock };

/** Calls that are bounded so, on a clock that the provider shares. */
async function openBounded(calls: CallsConfig, simulator: SimulatorOptions = {}): Promise<World> {
  const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  return Object.assign(await openCallsWorld({ clock, calls, simulator: { clock, ...simulator } }), { clock });
}

function askMany(ai: Ai, from: number, count: number): Promise<readonly Answer<string>[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ai.text({ prompt: `Question ${from + index}` })));
}

describe("a request that is late", () => {
  it("is sent once more beside, the first answer is taken, the other called off, and both are on the bill", async () => {
    await using world = await openBounded({ hedge: true }, { latencyMs: 100 });
    await ended(world.clock, askMany(world.ai, 0, 20));
    assert.equal(world.simulator.stats().requests, 20, "nothing is late while nobody knows what late is");
    world.simulator.configure({ script: ["silent"] });
    const startedAt = world.clock.monotonic();
    const answer = await ended(world.clock, world.ai.text({ prompt: "A late one" }));
    assert.deepEqual([answer.source, answer.requests], ["provider", 2]);
    assert.equal(answer.usd, null, "what the one that was called off cost is not known");
    assert.ok(world.clock.monotonic() - startedAt < 1_000);
    await until(() => world.simulator.stats().inFlight === 0);
    assert.equal(world.simulator.stats().requests, 22);
    world.simulator.configure({ script: ["silent"] });
    const next = world.ai.text({ prompt: "Another late one", timeoutMs: 2_000 });
    await assert.rejects(ended(world.clock, next), /gave no answer in time/);
    assert.equal(world.simulator.stats().requests, 23, "at most one of twenty is doubled");
  });
});

describe("parallelism that adapts", () => {
  it("grows while all goes well, and shrinks when the provider is overloaded", async () => {
    await using world = await openBounded({ adaptive: true, parallel: 2, retry: { attempts: 1 } }, { latencyMs: 50 });
    const limit = (): number => world.factory.routes()[0]?.parallel.limit ?? 0;
    await ended(world.clock, askMany(world.ai, 0, 40));
    const grown = limit();
    assert.ok(grown > 2, `grown to ${grown}`);
    assert.ok(world.simulator.stats().maxInFlight > 2);
    world.simulator.configure({ script: ["overloaded"] });
    await assert.rejects(ended(world.clock, world.ai.text({ prompt: "Too much" })), /overloaded/);
    assert.ok(limit() < grown, `shrunk to ${limit()}`);
  });
});

describe("clients of the gateway", () => {
  it("have a hundred requests under way beside the five of automations, and share the bound that is set", async () => {
    for (const [calls, clients, all] of [
      [{}, 30, 35],
      [{ parallel: 8 }, 8, 8],
    ] as const) {
      await using world = await openBounded(calls, { latencyMs: 100 });
      const run = { id: "client", signal: new AbortController().signal };
      const asked = Array.from({ length: 30 }, (_, index) => {
        const content = [{ type: "text" as const, text: `Client's question ${index}` }];
        const call = { prompt: [{ role: "user" as const, content }], maxOutputTokens: 50 };
        return world.factory.whole(run, { call, isStreamed: false });
      });
      await until(() => world.simulator.stats().inFlight === clients);
      const own = askMany(world.ai, 0, 10);
      await until(() => world.simulator.stats().inFlight === all);
      await ended(world.clock, Promise.all([own, ...asked]));
      assert.equal(world.simulator.stats().maxInFlight, all);
    }
  });
});

describe("budgets", () => {
  for (const [whose, budgets, run] of [
    ["automation digest", { perAutomation: { digest: 0.006, "*": 1 } }, { automation: "digest" }],
    ["tenant acme", { perTenant: { "*": 0.006 } }, { tenant: "acme" }],
  ] as const) {
    it(`of ${whose} hold for it alone, over a restart, and until the day ends`, async () => {
      await using world = await openBounded({ budgets });
      const ai = (of: object): Ai => world.factory.forRun({ id: "run", signal: new AbortController().signal, ...of });
      let paid = 0;
      const spend = async (): Promise<void> => {
        for (let index = 0; index < 50; index++) paid += (await ai(run).text({ prompt: `Question ${index}` })).usd ?? 0;
      };
      const isSpent = (error: unknown): boolean =>
        error instanceof MillraceError && error.code === "BUDGET_SPENT" && error.message.includes(whose);
      await assert.rejects(spend(), isSpent);
      assert.ok(paid > 0.0005 && paid <= 0.006, `${paid}`);
      await world.restart();
      await assert.rejects(ai(run).text({ prompt: "After a restart" }), isSpent);
      const other = await ai({ automation: "another", tenant: "another" }).text({ prompt: "Of another" });
      assert.equal(other.source, "provider");
      world.clock.jump(86_400_000);
      assert.equal((await ai(run).text({ prompt: "On the next day" })).source, "provider");
    });
  }
});

describe("tokensPerMinute", () => {
  it("has under way only what fits, and gives back what was not used", async () => {
    await using world = await openBounded({ tokensPerMinute: 4_000, parallel: 100 }, { latencyMs: 200 });
    const calls = askMany(world.ai, 0, 12);
    // Of each, half of the longest answer is set aside, and some tokens for its question.
    await until(() => world.simulator.stats().inFlight === 7);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(world.simulator.stats().inFlight, 7);
    const startedAt = world.clock.monotonic();
    const answers = await ended(world.clock, calls);
    const used = answers.reduce((sum, { usage }) => sum + (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0), 0);
    const minutes = (world.clock.monotonic() - startedAt) / 60_000;
    assert.ok(used <= 4_000 * (1 + minutes), `${used} tokens in ${minutes} minutes`);
    assert.ok(minutes < 0.5, "nobody waited for what was given back");
  });
});

describe("what Anthropic's prompt cache holds", () => {
  it("is paid at a tenth from the second question on, and told with each answer", async () => {
    await using world = await openBounded({});
    const system = "The house rules say that doors are closed at night. ".repeat(400);
    const answers: Answer<string>[] = [];
    for (const prompt of ["Which doors?", "Which night?", "Who says so?"]) {
      answers.push(await ended(world.clock, world.ai.text({ system, prompt })));
    }
    const [first, second, third] = answers.map(({ usage }) => usage);
    const size = first?.cacheWriteTokens ?? 0;
    assert.ok(size > 1_024, `${size} tokens were written`);
    assert.deepEqual([first?.cacheReadTokens, second?.cacheWriteTokens], [0, 0]);
    assert.deepEqual([second?.cacheReadTokens, third?.cacheReadTokens], [size, size]);
    const [entry] = world.simulator.ledger();
    assert.deepEqual([entry?.cacheWrite5mTokens, entry?.cacheReadTokens], [size, 2 * size]);
    assert.ok((answers[1]?.usd ?? 1) < (answers[0]?.usd ?? 0) / 2);
    assert.deepEqual(
      world.ends.map(({ cacheReadTokens, cacheWriteTokens }) => [cacheReadTokens, cacheWriteTokens]),
      [
        [undefined, size],
        [size, undefined],
        [size, undefined],
      ],
    );
  });
});

describe("an old answer", () => {
  it("is given once the stand-ins have failed too, and not before", async () => {
    await using world = await openBounded({ fallback: { fast: [OPENAI] } });
    const ask = (): Promise<Answer<string>> =>
      ended(world.clock, world.ai.text({ prompt: "Hello", cache: { ttl: "1m", staleIfError: "1h" } }));
    const fresh = await ask();
    world.clock.jump(120_000);
    world.simulator.configure({ script: ["unauthorized"] });
    assert.equal((await ask()).source, "fallback");
    world.clock.jump(120_000);
    await world.cache.evict({ kind: "pattern", pattern: "answers:openai/**" });
    world.simulator.configure({ script: ["unauthorized", "unauthorized"] });
    const old = await ask();
    assert.deepEqual([old.source, old.value, old.model], ["stale", fresh.value, fresh.model]);
    assert.match(old.degraded ?? "", /None of 2 candidates answered/);
  });
});
