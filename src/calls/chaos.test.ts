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
import type { Transport } from "../model/transport.ts";
import { createTestClock } from "../resilience/test-clock.ts";
import { createAiFactory } from "./create-ai.ts";
import { createModels } from "./models.ts";
import { createScriptedTransport, type ScriptedReply } from "./test-transport.ts";

/** More are tried by MILLRACE_CHAOS_SEEDS. */
const SEEDS = Number(process.env["MILLRACE_CHAOS_SEEDS"] ?? 12);
const CALLS = 200;
const PARALLEL = 5;
const PER_MINUTE = 120;

const error = (status: number, fields: object, headers = {}): Fault => ({
  status,
  headers,
  body: JSON.stringify({ error: { message: "no", ...fields } }),
});

type Fault = Pick<ScriptedReply, "status" | "headers" | "body" | "isCut">;

/** As OpenAI words them. */
const FAULTS: readonly Fault[] = [
  error(429, { type: "requests", code: "rate_limit_exceeded" }, { "retry-after": "3" }),
  error(503, { type: "service_unavailable_error", code: "server_is_overloaded" }),
  error(500, { type: "server_error" }),
  { status: undefined },
  { status: 200, body: answerBody("cut"), isCut: true },
  error(400, { code: "content_policy_violation" }),
  error(401, { code: "invalid_api_key" }),
  error(429, { type: "insufficient_quota", code: "insufficient_quota" }),
  { status: 200, body: "{}" },
  { status: 200, body: "no JSON" },
  error(400, { code: "context_length_exceeded" }),
];

function answerBody(content: string): string {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
  return JSON.stringify({ id: "c", object: "chat.completion", created: 1, model: "m", choices, usage });
}

interface Provider {
  readonly transport: Transport;
  /** By model and prompt: answers that were written whole, and paid for. */
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
  const count = (name: string, by: number): void => {
    const running = (inFlight.get(name) ?? 0) + by;
    inFlight.set(name, running);
    most = Math.max(most, running);
  };
  const transport = createScriptedTransport({
    clock,
    reply() {
      const fault = random.next() < faultRate ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined;
      const isSilent = random.next() < faultRate / 10;
      const waitMs = isSilent ? 1e9 : 50 + Math.floor(random.next() * 1_500);
      return { status: 200, body: answerBody("yes"), ...fault, waitMs, writeMs: Math.floor(random.next() * 500) };
    },
    began({ origin }) {
      count(origin, 1);
      sentAt.set(origin, [...(sentAt.get(origin) ?? []), clock.monotonic()]);
    },
    delivered({ origin, body }, reply) {
      if (reply.status !== 200 || reply.body !== answerBody("yes")) return;
      const key = `${origin} ${body}`;
      written.set(key, (written.get(key) ?? 0) + 1);
    },
    ended: ({ origin }) => count(origin, -1),
  });
  return {
    transport,
    written,
    sentAt,
    maxInFlight: () => most,
    inFlight: () => [...inFlight.values()].reduce((sum, running) => sum + running, 0),
  };
}

async function runOnce(seed: number): Promise<void> {
  const clock = createTestClock();
  const random = createSeededRandom(seed);
  const provider = openProvider(clock, random, [0.05, 0.3, 0.8][seed % 3] ?? 0);
  const events = createEvents();
  const log = createLog({ level: "silent" });
  const cache = createCache({ memory: createMemoryLevel(), clock, random, events });
  const config = {
    providers: {
      one: { kind: "openai", apiKey: "k", baseUrl: "http://one/v1" },
      two: { kind: "openai", apiKey: "k", baseUrl: "http://two/v1" },
    },
    models: { fast: "one/m" },
    prices: {},
  } as const;
  const factory = createAiFactory({
    config: {
      ...config,
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
    models: createModels(config, { transport: provider.transport, clock }),
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
  if (seed % 3 === 0) assert.ok(provider.written.size > 30, `only ${provider.written.size} answers were written`);
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
