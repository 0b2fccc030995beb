import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { createAskChat } from "../../bench/failover/ask-chat.ts";
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
import type { CallsConfig } from "../../src/calls/config.ts";
import { MillraceError } from "../../src/core/errors.ts";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { type GatewayWorld, openGatewayWorld } from "./world.ts";

const CALLS: CallsConfig = {
  fallback: { ...fallbacksFor("openai"), ...fallbacksFor("anthropic") },
  firstByte: "2s",
  retry: { base: "500ms", max: "1s" },
  breaker: { open: "1s" },
  parallel: 50,
};
const QUIET_TURNS = 20;
const STEP_MS = 50;
const ALL = [...SCENARIOS.map(({ id }) => id), "S15"];

/**
 * Meets all faults at once, in a world of its own, whose time passes when nothing else happens: everything is in this process, so what was
 * sent over a socket has come some turns of the event loop later.
 */
async function meetAll(askOf: (world: GatewayWorld, now: () => number) => Ask): Promise<ReadonlyMap<string, Judged>> {
  const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  const over = new AbortController();
  const passing = pass();
  async function pass(): Promise<void> {
    while (!over.signal.aborted) {
      for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(STEP_MS);
    }
  }
  try {
    await using world = await openGatewayWorld({
      clock,
      simulator: { failoverTimings: "fast" },
      config: { calls: CALLS },
    });
    const options = {
      ask: askOf(world, () => clock.monotonic()),
      log: () => world.simulator.log(),
      answer: FAILOVER_ANSWER,
    };
    // What is loaded with the first call takes time that no clock here knows.
    await options.ask("fb-ok");
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

const askLibrary = ({ host }: GatewayWorld, now: () => number): Ask => {
  const ai = host.ai.forRun({ id: "run", signal: new AbortController().signal });
  return async (model) => {
    const startedAt = now();
    const ms = (): number => now() - startedAt;
    try {
      const { value, model: by, usage } = await ai.text({ model: `openai/${model}`, prompt: "How?", cache: false });
      return { kind: "answer", text: value, model: by, hasUsage: usage.outputTokens !== null, ms: ms() };
    } catch (error) {
      return {
        kind: "error",
        message: error instanceof MillraceError ? error.message : `unknown: ${String(error)}`,
        ms: ms(),
      };
    }
  };
};
const askGateway =
  (mode: "held" | "live", prefix: string) =>
  ({ url }: GatewayWorld, now: () => number): Ask =>
    createAskChat({
      baseUrl: `${url}/v1`,
      prefix,
      now,
      headers: { "x-millrace-mode": mode, "x-millrace-cache": "no-store" },
    });

/** What was passed on cannot be taken back: a stream that breaks ends in an error. */
const LIVE: Readonly<Record<string, Verdict>> = { S08: "safe", S09: "safe", S14: "safe" };
const SIDES = {
  "the library": [askLibrary, {}],
  "the gateway, held": [askGateway("held", "openai/"), {}],
  "the gateway, held, before Anthropic": [askGateway("held", "anthropic/"), {}],
  "the gateway, live": [askGateway("live", "openai/"), LIVE],
} as const satisfies Record<
  string,
  readonly [(world: GatewayWorld, now: () => number) => Ask, Readonly<Record<string, Verdict>>]
>;

describe("faults of providers", () => {
  for (const [name, [askOf, expected]] of Object.entries(SIDES)) {
    describe(name, () => {
      let judged: ReadonlyMap<string, Judged>;
      before(async () => void (judged = await meetAll(askOf)));
      for (const id of ALL) {
        const verdict = (expected as Readonly<Record<string, Verdict>>)[id] ?? "pass";
        it(`${id}: ${SCENARIOS.find((each) => each.id === id)?.fault ?? "an outage that ends"}: ${verdict}`, () => {
          const { verdict: found, why } = judged.get(id) ?? { verdict: "fail", why: "it did not end" };
          assert.equal(found, verdict, why);
        });
      }
    });
  }
});
