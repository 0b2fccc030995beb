import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type Ask,
  fallbacksFor,
  type Judged,
  meet,
  meetFlap,
  SCENARIOS,
  type Verdict,
} from "../../bench/failover/scenarios.ts";
import { FAILOVER_ANSWER } from "../../simulator/faults/failover.ts";
import { MillraceError } from "../core/errors.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { type CallsWorld, openCallsWorld } from "./test-world.ts";

/** What was sent over a socket of this process has come some turns of the event loop later; only then time passes. */
const QUIET_TURNS = 12;
const STEP_MS = 100;

const asking =
  (world: CallsWorld, mode: "held" | "live", now: () => number): Ask =>
  async (model) => {
    const startedAt = now();
    const stream = world.ai.stream({ model: `openai/${model}`, prompt: "How?", cache: false, mode });
    let text = "";
    try {
      for await (const piece of stream) text += piece;
      const { value, model: by, usage } = await stream.answer;
      const ms = now() - startedAt;
      if (text !== value) return { kind: "truncated", text, ms };
      return { kind: "answer", text, model: by, hasUsage: usage.outputTokens !== null, ms };
    } catch (error) {
      const ms = now() - startedAt;
      await assert.rejects(stream.answer);
      return {
        kind: "error",
        message: error instanceof MillraceError ? error.message : `unknown: ${String(error)}`,
        ms,
      };
    }
  };

async function meetAll(mode: "held" | "live"): Promise<ReadonlyMap<string, Judged>> {
  const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  await using world = await openCallsWorld({
    clock,
    simulator: { clock, failoverTimings: "fast" },
    calls: {
      fallback: fallbacksFor("openai"),
      firstByte: "2s",
      retry: { base: "500ms", max: "1s" },
      breaker: { open: "1s" },
      parallel: 50,
    },
  });
  const ask = asking(world, mode, () => clock.monotonic());
  const options = { ask, log: () => world.simulator.log(), answer: FAILOVER_ANSWER };
  const over = new AbortController();
  const passing = pass();
  async function pass(): Promise<void> {
    while (!over.signal.aborted) {
      for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(STEP_MS);
    }
  }
  try {
    // What is loaded with the first call takes time that no clock here knows.
    await ask("fb-ok");
    world.simulator.reset();
    const judged = await Promise.all([
      meetFlap({ ...options, wait: (ms) => clock.sleep(ms) }),
      ...SCENARIOS.map((scenario) => meet(scenario, options)),
    ]);
    return new Map(judged.map((each) => [each.id, each]));
  } finally {
    over.abort();
    await passing;
  }
}

/** What was passed on cannot be taken back: a stream that breaks after that ends in an error. */
const LIVE: Readonly<Record<string, Verdict>> = { S08: "safe", S09: "safe", S14: "safe" };

describe("ai.stream", () => {
  for (const [mode, expected] of [
    ["held", {}],
    ["live", LIVE],
  ] as const satisfies readonly (readonly [string, Readonly<Record<string, Verdict>>])[]) {
    describe(`${mode}, when a provider fails`, () => {
      let judged: ReadonlyMap<string, Judged>;
      before(async () => void (judged = await meetAll(mode)));
      for (const id of [...SCENARIOS.map((each) => each.id), "S15"]) {
        const verdict = (expected as Readonly<Record<string, Verdict>>)[id] ?? "pass";
        it(`${id}: ${SCENARIOS.find((each) => each.id === id)?.fault ?? "an outage that ends"}: ${verdict}`, () => {
          const { verdict: found, why } = judged.get(id) ?? { verdict: "fail", why: "it did not end" };
          assert.equal(found, verdict, why);
        });
      }
    });
  }
});
