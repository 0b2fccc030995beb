import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { createSimulator, type Simulator, type SimulatorOptions } from "../../simulator/index.ts";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import { type ErrorCode, MillraceError } from "../core/errors.ts";
import { createEvents, type EventMap } from "../core/events.ts";
import { createLog } from "../core/log.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import type { ModelsConfig } from "../model/config.ts";
import type { WireProviderConfig } from "../model/list-models.ts";
import type { Ai } from "./ai.ts";
import { type AiFactory, createAiFactory } from "./create-ai.ts";

const KEY = "a-key-that-nobody-may-see";
const Suggestion = z.object({
  title: z.string().min(3).max(80),
  category: z.enum(["comfort", "energy", "security"]),
  confidence: z.number().min(0).max(1),
  tags: z.array(z.string()).min(1).max(3),
});

interface World extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly factory: AiFactory;
  readonly ai: Ai;
  readonly run: AbortController;
  readonly ends: EventMap["call-end"][];
  readonly failures: EventMap["call-failed"][];
  readonly logged: string[];
}

interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly kinds?: readonly WireProviderConfig["kind"][];
  readonly clock?: Clock;
  readonly models?: ModelsConfig["models"];
  readonly prices?: ModelsConfig["prices"];
}

const ALL = ["anthropic", "openai", "openai-compatible"] as const;

async function openWorld({
  simulator: options,
  kinds = ["anthropic"],
  clock = systemClock,
  models = {},
  prices = {},
}: WorldOptions = {}): Promise<World> {
  const simulator = createSimulator({ apiKey: KEY, ...options });
  const url = await simulator.start();
  const events = createEvents();
  const ends: EventMap["call-end"][] = [];
  const failures: EventMap["call-failed"][] = [];
  const logged: string[] = [];
  events.on("call-end", (event) => ends.push(event));
  events.on("call-failed", (event) => failures.push(event));
  const factory = createAiFactory({
    config: {
      providers: Object.fromEntries(kinds.map((kind) => [kind, { kind, apiKey: KEY, baseUrl: `${url}/v1` }])),
      models,
      prices,
    },
    clock,
    random: createSeededRandom(1),
    events,
    log: createLog({ level: "debug", destination: { write: (line) => void logged.push(line) } }),
  });
  const run = new AbortController();
  return {
    simulator,
    factory,
    ai: factory.forRun({ id: "run-1", signal: run.signal }),
    run,
    ends,
    failures,
    logged,
    async [Symbol.asyncDispose]() {
      await factory.close();
      await simulator.stop();
    },
  };
}

/** Resolves when the simulator has been asked so often. Its requests arrive over real sockets, so this looks again and again. */
async function asked(simulator: Simulator, requests: number): Promise<void> {
  while (simulator.stats().requests < requests) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when so many requests have failed on our side. */
async function failed(world: World, requests: number): Promise<void> {
  while (world.failures.length < requests) await new Promise((resolve) => setImmediate(resolve));
}

async function errorOf(promise: Promise<unknown>): Promise<MillraceError> {
  return promise.then(
    () => assert.fail("an error was expected"),
    (error: unknown) => (error instanceof MillraceError ? error : assert.fail(String(error))),
  );
}

async function assertCode(promise: Promise<unknown>, code: ErrorCode): Promise<MillraceError> {
  const error = await errorOf(promise);
  assert.equal(error.code, code, error.message);
  return error;
}

describe("preload", () => {
  it("connects to nothing, and a call afterwards works", async () => {
    await using world = await openWorld();
    await world.factory.preload();
    assert.deepEqual([world.simulator.stats().requests, world.simulator.stats().connections], [0, 0]);
    assert.equal((await world.ai.text({ prompt: "hello" })).source, "provider");
  });

  it("is content without a provider", async () => {
    await using world = await openWorld({ kinds: [] });
    await world.factory.preload();
    assert.deepEqual(world.factory.providers, []);
  });
});

describe("ai.text and ai.object", () => {
  for (const kind of ALL) {
    it(`asks ${kind} for a text and for an object, and says what they cost`, async () => {
      const prices = { "openai-compatible/local": { input: 1, output: 1, asOf: "2026-11-01" } };
      await using world = await openWorld({ kinds: [kind], prices });
      const model = {
        anthropic: "anthropic/claude-haiku-4-5",
        openai: "openai/gpt-5.4-mini",
        "openai-compatible": "openai-compatible/local",
      }[kind];
      const text = await world.ai.text({ model, prompt: "What does light.kitchen do in the evening?" });
      assert.match(text.value, /light\.kitchen/);
      const object = await world.ai.object({
        model,
        system: "Be brief.",
        prompt: "Suggest for light.kitchen",
        schema: Suggestion,
      });
      assert.ok(Suggestion.safeParse(object.value).success);
      for (const answer of [text, object]) {
        assert.deepEqual([answer.source, answer.model, answer.requests, answer.degraded], ["provider", model, 1, null]);
        assert.ok(answer.usd !== null && answer.usd > 0);
        assert.ok((answer.usage.inputTokens ?? 0) > 0 && (answer.usage.outputTokens ?? 0) > 0);
      }
      const { promptTokens, completionTokens, requests } = world.simulator.stats();
      assert.equal(requests, 2);
      assert.equal((text.usage.inputTokens ?? 0) + (object.usage.inputTokens ?? 0), promptTokens);
      assert.equal((text.usage.outputTokens ?? 0) + (object.usage.outputTokens ?? 0), completionTokens);
      assert.deepEqual(
        world.ends.map(({ runId, source }) => [runId, source]),
        [
          ["run-1", "provider"],
          ["run-1", "provider"],
        ],
      );
    });

    it(`sends an object of ${kind} that does not fit back once, with its mistakes`, async () => {
      await using world = await openWorld({ kinds: [kind], simulator: { script: ["schema"] } });
      const answer = await world.ai.object({ prompt: "Suggest for lamp.hall", schema: Suggestion });
      assert.ok(Suggestion.safeParse(answer.value).success);
      assert.equal(answer.requests, 2);
      assert.equal(answer.source, "provider");
    });
  }

  it("sends broken JSON back once too, and counts the tokens of both", async () => {
    await using world = await openWorld({ simulator: { script: ["malformed"] } });
    const answer = await world.ai.object({ prompt: "Suggest for lamp.hall", schema: Suggestion });
    assert.equal(answer.requests, 2);
    assert.equal(answer.usage.inputTokens, world.simulator.stats().promptTokens);
  });

  it("tells the schema in words to a local server that takes none, and remembers it", async () => {
    await using world = await openWorld({ kinds: ["openai-compatible"], simulator: { structuredOutputs: false } });
    const first = await world.ai.object({ prompt: "Suggest for lamp.hall", system: "Be brief.", schema: Suggestion });
    assert.ok(Suggestion.safeParse(first.value).success);
    assert.equal(first.requests, 2);
    const second = await world.ai.object({ prompt: "Suggest for lamp.attic", schema: Suggestion });
    assert.equal(second.requests, 1);
  });

  it("uses the first model that a local server lists when no alias is set, and asks for the list once", async () => {
    await using world = await openWorld({ kinds: ["openai-compatible"], simulator: { models: ["qwen3:8b", "other"] } });
    assert.equal((await world.ai.text({ prompt: "one" })).model, "openai-compatible/qwen3:8b");
    assert.equal((await world.ai.text({ prompt: "two" })).model, "openai-compatible/qwen3:8b");
    assert.equal(world.simulator.stats().byRoute["GET /v1/models"], 1);
  });

  it("has five calls under way at once on five sockets, and uses them again", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ simulator: { latencyMs: 100, clock } });
    const round = async (name: string): Promise<void> => {
      const before = world.simulator.stats().requests;
      const calls = Array.from({ length: 5 }, (_, index) => world.ai.text({ prompt: `${name} ${index}` }));
      await asked(world.simulator, before + 5);
      while (world.simulator.stats().perPrompt.distinct < before + 5)
        await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(100);
      await Promise.all(calls);
    };
    await round("first");
    assert.equal(world.simulator.stats().maxInFlight, 5);
    assert.equal(world.simulator.stats().connections, 5);
    await round("second");
    assert.ok(world.simulator.stats().connections < 8);
  });
});

describe("a call that meets failures", () => {
  for (const fault of ["server-error", "overloaded", "rate-limit-bare", "reset", "truncated", "broken-body"] as const) {
    for (const kind of ALL) {
      it(`gets over ${fault} from ${kind}`, async () => {
        const clock = createManualClock();
        await using world = await openWorld({ kinds: [kind], clock, simulator: { script: [fault] } });
        const call = world.ai.text({ prompt: "hello", timeoutMs: 20_000 });
        await failed(world, 1);
        await clock.advance(4_000);
        const answer = await call;
        assert.deepEqual([answer.source, answer.requests], ["provider", 2]);
        assert.equal(world.failures[0]?.runId, "run-1");
        const mayBeBilled = fault === "truncated" || fault === "broken-body";
        assert.equal(answer.usage.inputTokens === null, mayBeBilled);
      });
    }
  }

  it("waits at least as long as the provider asks", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ clock, simulator: { script: ["rate-limit"], retryAfterSeconds: 7 } });
    const call = world.ai.text({ prompt: "hello" });
    await failed(world, 1);
    await clock.advance(6_999);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(world.simulator.stats().requests, 1);
    // A part of the backoff comes on top, so that many who were told the same do not come back together.
    await clock.advance(1_001);
    assert.equal((await call).requests, 2);
  });

  it("does not begin a wait that would pass its deadline", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ clock, simulator: { script: ["rate-limit"], retryAfterSeconds: 30 } });
    const error = await assertCode(world.ai.text({ prompt: "hello", timeoutMs: 20_000 }), "CALL_FAILED");
    assert.match(error.message, /rate limited \(429\)/);
    assert.equal(world.simulator.stats().requests, 1);
    assert.equal(clock.monotonic(), 0);
  });

  it("asks three times and no more, then lets the rules answer and says why", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ clock, simulator: { faultRate: 1, faults: ["overloaded"] } });
    const call = world.ai.text({ prompt: "hello", rules: () => "by rule" });
    await failed(world, 1);
    await clock.advance(4_000);
    await failed(world, 2);
    await clock.advance(8_000);
    const answer = await call;
    assert.deepEqual([answer.value, answer.source, answer.model], ["by rule", "rules", "rules"]);
    assert.deepEqual([answer.requests, answer.usd], [3, 0]);
    assert.match(answer.degraded ?? "", /^anthropic\/claude-haiku-4-5 is overloaded \(529\): Overloaded\.$/);
    assert.equal(world.simulator.stats().requests, 3);
    assert.deepEqual(
      world.ends.map(({ source }) => source),
      ["rules"],
    );
  });

  for (const [fault, says] of [
    ["unauthorized", /does not accept the key \(401\)/],
    ["quota", /money or spend limit is used up/],
    ["refusal", /refused to answer/],
  ] as const) {
    for (const kind of ALL) {
      it(`does not ask ${kind} again after ${fault}`, async () => {
        await using world = await openWorld({ kinds: [kind], simulator: { faultRate: 1, faults: [fault] } });
        const error = await assertCode(world.ai.text({ prompt: "hello" }), "CALL_FAILED");
        assert.match(error.message, says);
        assert.equal(world.simulator.stats().requests, 1);
        assert.equal(world.failures.length, 1);
      });
    }
  }

  it("gives up a silent route at its deadline without asking it again", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ clock, simulator: { faultRate: 1, faults: ["silent"] } });
    const call = world.ai.text({ prompt: "hello", timeoutMs: 5_000, rules: () => "by rule" });
    await asked(world.simulator, 1);
    await clock.advance(5_000);
    const answer = await call;
    assert.match(answer.degraded ?? "", /gave no answer in time/);
    assert.deepEqual([answer.requests, answer.usd], [1, null]);
  });

  it("takes an answer that was cut off for none", async () => {
    await using world = await openWorld();
    const error = await assertCode(world.ai.text({ prompt: "hello there", maxOutputTokens: 3 }), "CALL_FAILED");
    assert.match(error.message, /cut off .*raise maxOutputTokens above 3/);
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("gives up an object that does not fit after its repair either", async () => {
    await using world = await openWorld();
    const impossible = Suggestion.refine(() => false, "never right");
    const error = await assertCode(world.ai.object({ prompt: "hello", schema: impossible }), "CALL_FAILED");
    assert.match(error.message, /never right/);
    assert.equal(world.simulator.stats().requests, 2);
  });

  it("shows no key in errors, events or the log, even when the provider repeats it", async () => {
    await using world = await openWorld({ simulator: { apiKey: "another" } });
    const error = await errorOf(world.ai.text({ prompt: `my key is ${KEY}` }));
    const answer = await world.ai.text({ prompt: KEY, rules: () => "by rule" });
    const told = JSON.stringify([error, error.message, error.cause, world.failures, answer, world.logged]);
    assert.match(told, /does not accept the key/);
    assert.doesNotMatch(told, new RegExp(KEY));
  });
});

describe("a call that is called off", () => {
  for (const who of ["run", "caller", "factory"] as const) {
    it(`throws CALL_ABORTED instead of a rule's answer when the ${who} ends it`, async () => {
      await using world = await openWorld({ simulator: { faultRate: 1, faults: ["silent"] } });
      const caller = new AbortController();
      const call = world.ai.text({ prompt: "hello", rules: () => "by rule", signal: caller.signal });
      const code = assertCode(call, "CALL_ABORTED");
      await asked(world.simulator, 1);
      if (who === "run") world.run.abort();
      else if (who === "caller") caller.abort();
      else await world.factory.close();
      await code;
      assert.deepEqual([world.ends.length, world.failures.length], [0, 0]);
    });
  }

  it("throws CALL_ABORTED from within the wait before another attempt", async () => {
    const clock = createManualClock();
    await using world = await openWorld({ clock, simulator: { faultRate: 1, faults: ["server-error"] } });
    const code = assertCode(world.ai.text({ prompt: "hello", rules: () => "by rule" }), "CALL_ABORTED");
    await failed(world, 1);
    world.run.abort();
    await code;
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("sends nothing when the run has ended before", async () => {
    await using world = await openWorld();
    world.run.abort();
    await assertCode(world.ai.text({ prompt: "hello", rules: () => "by rule" }), "CALL_ABORTED");
    assert.equal(world.simulator.stats().requests, 0);
  });
});

describe("names of models", () => {
  it("follows aliases, and takes the rest of a name as the model's id", async () => {
    await using world = await openWorld({
      kinds: ["openai-compatible"],
      models: { smart: "openai-compatible/qwen/qwen3-32b" },
    });
    assert.equal((await world.ai.text({ model: "smart", prompt: "hello" })).model, "openai-compatible/qwen/qwen3-32b");
  });

  it("lists what would do for a name that is not known", async () => {
    await using world = await openWorld({ models: { smart: "anthropic/claude-opus-5" } });
    const error = await assertCode(world.ai.text({ model: "smrt", prompt: "hello" }), "MODEL_UNKNOWN");
    assert.match(error.message, /"smrt" is not a model\. Aliases: fast, smart\. Providers: anthropic\./);
  });

  it("lets the rules answer at once, for nothing, when no provider is configured", async () => {
    await using world = await openWorld({ kinds: [] });
    const answer = await world.ai.object({
      prompt: "hello",
      schema: z.object({ a: z.string() }),
      rules: () => ({ a: "b" }),
    });
    assert.deepEqual(
      [answer.value, answer.source, answer.requests, answer.usd, answer.degraded],
      [{ a: "b" }, "rules", 0, 0, "No model provider is configured."],
    );
    await assertCode(world.ai.text({ prompt: "hello" }), "PROVIDER_MISSING");
  });

  it("names what is wrong with the caller's own options, whatever the rules say", async () => {
    await using world = await openWorld();
    await assertCode(world.ai.text({ prompt: "x", timeoutMs: 0, rules: () => "" }), "INPUT_INVALID");
    await assertCode(world.ai.text({ prompt: "x", maxOutputTokens: 1.5, rules: () => "" }), "INPUT_INVALID");
    const dates = z.object({ at: z.date() });
    await assertCode(
      world.ai.object({ prompt: "x", schema: dates, rules: () => ({ at: new Date(0) }) }),
      "INPUT_INVALID",
    );
  });
});

describe("probe", () => {
  it("says which providers can be reached, and shows no key", async () => {
    await using world = await openWorld({ kinds: ALL });
    const probes = await world.factory.probe();
    assert.deepEqual(
      probes.map(({ provider, ok }) => [provider, ok]),
      ALL.map((kind) => [kind, true]),
    );
    await using locked = await openWorld({ kinds: ALL, simulator: { apiKey: "another" } });
    const refused = await locked.factory.probe();
    for (const { ok, detail } of refused) assert.deepEqual([ok, detail], [false, "does not accept the key (401)"]);
    await locked.simulator.stop();
    for (const { ok, detail } of await locked.factory.probe()) {
      assert.equal(ok, false);
      assert.match(detail, /cannot be reached/);
    }
    assert.doesNotMatch(JSON.stringify([probes, refused]), new RegExp(KEY));
  });
});
