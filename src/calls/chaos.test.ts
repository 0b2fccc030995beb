import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { z } from "zod";
import { createCache } from "../cache/create-cache.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { createPolicies } from "../cache/policies.ts";
import { createEvents } from "../core/events.ts";
import { createLog } from "../core/log.ts";
import type { ManualClock } from "../core/manual-clock.ts";
import { MillraceError } from "../core/errors.ts";
import { createSeededRandom, type Random } from "../core/random.ts";
import type { HttpRequest, Transport } from "../model/transport.ts";
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

const Verdict = z.object({ verdict: z.string() });
const yes = { verdict: "yes" };

/** The questions of a request that asks for objects: more than one for a pack. Empty: it asks for a text. */
function questionsIn({ body }: Pick<HttpRequest, "body">): readonly string[] {
  const { messages, response_format: format } = JSON.parse(String(body)) as {
    readonly messages: readonly { readonly content: string }[];
    readonly response_format?: object;
  };
  if (format === undefined) return [];
  const last = messages.at(-1)?.content ?? "";
  const lines = last.split("\n").filter((line) => line.startsWith('{"id"'));
  return lines.length === 0 ? [last] : lines.map((line) => (JSON.parse(line) as { question: string }).question);
}

function goodAnswer(request: HttpRequest): string {
  const questions = questionsIn(request);
  const items = questions.map((_, index) => ({ id: String(index + 1), answer: yes }));
  if (questions.length === 0) return answerBody("yes");
  return answerBody(JSON.stringify(questions.length === 1 ? yes : { items }));
}

interface Provider {
  readonly transport: Transport;
  /** By model and request for a text, or by model and question for an object: answers that were written whole, and paid for. */
  readonly written: Map<string, number>;
  /** Packs that were answered. */
  packs(): number;
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
  let packs = 0;
  const count = (name: string, by: number): void => {
    const running = (inFlight.get(name) ?? 0) + by;
    inFlight.set(name, running);
    most = Math.max(most, running);
  };
  const transport = createScriptedTransport({
    clock,
    reply(request) {
      const fault = random.next() < faultRate ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined;
      const isSilent = random.next() < faultRate / 10;
      const waitMs = isSilent ? 1e9 : 50 + Math.floor(random.next() * 1_500);
      return { status: 200, body: goodAnswer(request), ...fault, waitMs, writeMs: Math.floor(random.next() * 500) };
    },
    began({ origin }) {
      count(origin, 1);
      sentAt.set(origin, [...(sentAt.get(origin) ?? []), clock.monotonic()]);
    },
    delivered(request, reply) {
      if (reply.status !== 200 || reply.body !== goodAnswer(request)) return;
      const questions = questionsIn(request);
      if (questions.length > 1) packs++;
      for (const what of questions.length === 0 ? [String(request.body)] : questions) {
        const key = `${request.origin} ${what}`;
        written.set(key, (written.get(key) ?? 0) + 1);
      }
    },
    ended: ({ origin }) => count(origin, -1),
  });
  return {
    transport,
    written,
    packs: () => packs,
    sentAt,
    maxInFlight: () => most,
    inFlight: () => [...inFlight.values()].reduce((sum, running) => sum + running, 0),
  };
}

/** Gives how many packs were answered. */
async function runOnce(seed: number): Promise<number> {
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
  /** By question for an object: calls that went without its answer, perhaps while a pack went on for others. */
  const without = new Map<string, number>();

  const calls = Array.from({ length: CALLS }, async (_, index) => {
    await clock.sleep(random.next() * 60_000);
    const startedAt = clock.monotonic();
    const timeoutMs = 1_000 + Math.floor(random.next() * 30_000);
    const caller = new AbortController();
    const leaver = random.next() < 0.1 ? clock.after(random.next() * timeoutMs, () => caller.abort()) : undefined;
    const rules = random.next() < 0.5 ? { rules: () => "by rule" } : {};
    const prompt = `question ${index % 60}`;
    const options = { prompt, timeoutMs, signal: caller.signal };
    const goWithout = (): unknown => without.set(prompt, (without.get(prompt) ?? 0) + 1);
    try {
      const answer =
        index % 3 > 0
          ? await ai.text({ ...options, ...rules })
          : await ai.object({
              ...options,
              schema: Verdict,
              pack: { most: 5, waitMs: 2_000 },
              ...("rules" in rules ? { rules: () => yes } : {}),
            });
      if (answer.source === "rules") goWithout();
      if (answer.source === "rules" || answer.source === "fallback") assert.ok(answer.degraded !== null);
      if (answer.source === "memory" || answer.source === "joined")
        assert.deepEqual([answer.requests, answer.usd], [0, 0]);
    } catch (error) {
      assert.ok(error instanceof MillraceError, String(error));
      goWithout();
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
  if (seed % 5 !== 0) {
    for (const [what, times] of provider.written) {
      // What a stand-in answered to a pack is not kept.
      if (what.startsWith("http://two question")) continue;
      const most = 1 + (without.get(what.slice(what.indexOf(" ") + 1)) ?? 0);
      assert.ok(times <= most, `paid ${times} times: ${what}`);
    }
  }
  assert.deepEqual([provider.inFlight(), clock.waits, getEventListeners(run.signal, "abort").length], [0, baseline, 0]);
  await factory.close();
  await cache.close();
  return provider.packs();
}

describe("calls under random faults", () => {
  it("end by their deadline, pay for no answer twice, keep every bound, and leave nothing behind", async () => {
    let packs = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      packs += await runOnce(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
    }
    assert.ok(packs > SEEDS, `only ${packs} packs were answered`);
  });
});
