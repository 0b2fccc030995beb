import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { createCache } from "../cache/create-cache.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { createPolicies } from "../cache/policies.ts";
import { createEvents } from "../core/events.ts";
import { createLog } from "../core/log.ts";
import type { ManualClock } from "../core/manual-clock.ts";
import { MillraceError } from "../core/errors.ts";
import { createSeededRandom, type Random } from "../core/random.ts";
import { type FailureKind, ModelFailure } from "../model/failure.ts";
import type { Model, ModelCall, ModelResult } from "../model/model.ts";
import { createTestClock } from "../resilience/test-clock.ts";
import { createAiFactory } from "./create-ai.ts";
import type { ModelRef, Models } from "./models.ts";

const SEEDS = 30;
const CALLS = 200;
const PARALLEL = 5;
const PER_MINUTE = 120;
const FAULTS: readonly FailureKind[] = [
  "rate-limited",
  "overloaded",
  "server-error",
  "reset",
  "interrupted",
  "refused",
  "key-refused",
  "out-of-money",
  "unusable",
  "prompt-too-long",
];

interface Provider {
  readonly models: Models;
  /** By model and prompt: answers that were written, and paid for. */
  readonly written: Map<string, number>;
  readonly sentAt: Map<string, number[]>;
  maxInFlight(): number;
  inFlight(): number;
}

/** Two models that fail at random, are silent, slow, or answer, on the clock of the test. */
function openProvider(clock: ManualClock, random: Random, faultRate: number): Provider {
  const written = new Map<string, number>();
  const sentAt = new Map<string, number[]>();
  const inFlight = new Map<string, number>();
  let most = 0;

  async function generate(name: string, { prompt, abortSignal }: ModelCall): Promise<ModelResult> {
    const running = (inFlight.get(name) ?? 0) + 1;
    inFlight.set(name, running);
    most = Math.max(most, running);
    sentAt.set(name, [...(sentAt.get(name) ?? []), clock.monotonic()]);
    const fault = random.next() < faultRate ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined;
    const isSilent = random.next() < faultRate / 10;
    try {
      await clock.sleep(isSilent ? 1e9 : 50 + random.next() * 2_000, abortSignal);
      if (fault !== undefined) throw new ModelFailure(fault, { notBeforeMs: fault === "rate-limited" ? 3_000 : 0 });
      const key = `${name} ${JSON.stringify(prompt)}`;
      written.set(key, (written.get(key) ?? 0) + 1);
      return {
        content: [{ type: "text", text: `answer of ${name}` }],
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 10, text: 10, reasoning: 0 },
        },
        warnings: [],
      };
    } finally {
      inFlight.set(name, (inFlight.get(name) ?? 0) - 1);
    }
  }

  function modelOf({ name, model, provider }: ModelRef): Model {
    return {
      name: model,
      provider,
      generate: (call) => generate(name, call),
      stream: () => assert.fail("not asked for"),
      limits: () => undefined,
    };
  }
  const models: Models = {
    known: () => undefined,
    find: async (name = "one/m") => {
      const [provider = "", model = ""] = (name === "fast" ? "one/m" : name).split("/");
      return { name: `${provider}/${model}`, provider, model, kind: "openai" };
    },
    open: async (ref) => ({ model: modelOf(ref), priceOf: () => 0.001 }),
    priceOf: () => () => 0.001,
    openEmbedder: () => assert.fail("not asked for"),
    preload: async () => undefined,
  };
  return {
    models,
    written,
    sentAt,
    maxInFlight: () => most,
    inFlight: () => [...inFlight.values()].reduce((sum, count) => sum + count, 0),
  };
}

async function runOnce(seed: number): Promise<void> {
  const clock = createTestClock();
  const random = createSeededRandom(seed);
  const provider = openProvider(clock, random, [0.05, 0.3, 0.8][seed % 3] ?? 0);
  const events = createEvents();
  const log = createLog({ level: "silent" });
  const cache = createCache({ memory: createMemoryLevel(), clock, random, events });
  const factory = createAiFactory({
    config: {
      providers: {},
      models: {},
      prices: {},
      calls: {
        parallel: PARALLEL,
        requestsPerMinute: PER_MINUTE,
        fallback: { fast: ["two/m"] },
        hedge: seed % 5 === 0,
      },
    },
    clock,
    random,
    events,
    log,
    models: provider.models,
    answers: { cache, policies: createPolicies({}), similar: () => assert.fail("not asked for") },
  });
  const run = new AbortController();
  const ai = factory.forRun({ id: "run", signal: run.signal });
  const baseline = clock.waits;
  const state = { ended: 0 };

  const calls = Array.from({ length: CALLS }, async (_, index) => {
    await clock.sleep(random.next() * 60_000);
    const startedAt = clock.monotonic();
    const timeoutMs = 1_000 + Math.floor(random.next() * 30_000);
    const caller = new AbortController();
    const leaver = random.next() < 0.1 ? clock.after(random.next() * timeoutMs, () => caller.abort()) : undefined;
    const rules = random.next() < 0.5 ? { rules: () => "by rule" } : {};
    try {
      const answer = await ai.text({ prompt: `question ${index % 60}`, timeoutMs, signal: caller.signal, ...rules });
      if (answer.source === "rules" || answer.source === "fallback") assert.ok(answer.degraded !== null);
      if (answer.source === "memory" || answer.source === "joined")
        assert.deepEqual([answer.requests, answer.usd], [0, 0]);
    } catch (error) {
      assert.ok(error instanceof MillraceError, String(error));
    } finally {
      leaver?.cancel();
      state.ended++;
    }
    assert.ok(clock.monotonic() - startedAt <= timeoutMs, "ended after its deadline");
  });
  const all = Promise.all(calls);
  all.catch(() => undefined);
  for (let guard = 0; state.ended < CALLS && guard < 400; guard++) await clock.advance(500);
  await all;
  assert.equal(state.ended, CALLS);
  await clock.advance(5_000);
  assert.ok(provider.maxInFlight() <= PARALLEL, `${provider.maxInFlight()} in flight`);
  for (const times of provider.sentAt.values()) {
    for (const [index, at] of times.entries()) {
      const inMinute = times.slice(index).filter((other) => other - at <= 60_000).length;
      assert.ok(inMinute <= 2 * PER_MINUTE, `${inMinute} requests in a minute`);
    }
  }
  // A hedge is a second request on purpose.
  if (seed % 5 !== 0)
    for (const [what, times] of provider.written) assert.equal(times, 1, `paid ${times} times: ${what}`);
  assert.deepEqual([provider.inFlight(), clock.waits, getEventListeners(run.signal, "abort").length], [0, baseline, 0]);
  await factory.close();
  await cache.close();
}

describe("calls under random faults", () => {
  it("end by their deadline, pay for no answer twice, keep every bound, and leave nothing behind", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await runOnce(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
    }
  });
});
