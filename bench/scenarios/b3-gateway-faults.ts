import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig, openHost } from "millrace";
import { createLog } from "millrace/testing";
import type { LogRecord } from "millrace/simulator";
import { createAskChat } from "../failover/ask-chat.ts";
import { type Ask, fallbacksFor, type Judged, meet, meetFlap, SCENARIOS, type Verdict } from "../failover/scenarios.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import { startFaulty, startMillrace } from "../sides/gateways.ts";

const FAULTS = SCENARIOS.length + 1;
const VERDICTS = ["pass", "partial", "safe", "fail"] as const satisfies readonly Verdict[];
/** As the fast timings are to the 30 s and 15 s of failoverbench's settings. */
const FIRST_BYTE_MS = 2_000;

/** How a gateway meets the faults of failoverbench. */
export const gatewayFaults: Scenario = {
  id: "B3-gateway-faults",
  title: "sixteen faults",
  description: `The faults of failoverbench (methodology 0.1), restated, at its fast timings: one model of the simulator fails, another stands in, nothing is kept, three tries. The library is \`ai.text\`; the gateway's answers are streamed: \`held\` passes an answer on once it is whole, \`live\` as it comes. Pass: the whole answer and clean conduct. Partial: rescued with a lesser fault. Safe: not rescued, a clean error in bounded time. Fail: anything else. Portkey is no side here: its build on npm answers every stream with 500. All faults are met at once, each by a client that reads to the end.`,
  target: "the library and held 16 of 16; live fails none",
  async run({ directory, say }) {
    const judged: Record<string, readonly Judged[]> = {};
    say("library");
    judged["library"] = await meetByLibrary(directory);
    for (const mode of ["held", "live"]) {
      say(mode);
      await using faulty = await startFaulty();
      await using millrace = await startMillrace(directory, { sim: faulty.port }, CALLS);
      const headers = { "x-millrace-mode": mode, "x-millrace-cache": "no-store" };
      const ask = createAskChat({ baseUrl: `http://127.0.0.1:${millrace.port}/v1`, prefix: "sim/", headers });
      judged[`millrace, ${mode}`] = await meetAll(ask, faulty.port);
    }
    for (const [side, list] of Object.entries(judged)) {
      for (const { id, verdict, why } of list) if (verdict !== "pass") say(`${side}, ${id}: ${verdict}, ${why}`);
    }
    const rows = Object.entries(judged).flatMap(([side, list]) =>
      VERDICTS.map((verdict): Row => {
        const value = list.filter((each) => each.verdict === verdict).length;
        return { side: `${side}: ${verdict}`, value, unit: "faults", spread: [value, value] };
      }),
    );
    const count = (side: string): number => rows.find((row) => row.side === side)?.value ?? Number.NaN;
    const ratios = {
      "passed, library": count("library: pass"),
      "passed, held": count("millrace, held: pass"),
      "passed, live": count("millrace, live: pass"),
      "failed, live": count("millrace, live: fail"),
    };
    return {
      rows,
      ratios,
      met: ratios["passed, library"] === FAULTS && ratios["passed, held"] === FAULTS && ratios["failed, live"] === 0,
    };
  },
};

async function meetByLibrary(directory: string): Promise<readonly Judged[]> {
  await using faulty = await startFaulty();
  const file = join(directory, "library.config.ts");
  const providers = { sim: { kind: "openai-compatible", apiKey: "x", baseUrl: `http://127.0.0.1:${faulty.port}/v1` } };
  writeFileSync(file, `export default ${JSON.stringify({ providers, calls: CALLS })};\n`);
  const flags = { config: file, data: join(directory, "library") };
  const host = await openHost({
    config: await loadConfig({ environment: {}, flags }),
    log: createLog({ level: "silent" }),
  });
  const ai = host.ai.forRun({ id: "bench", signal: new AbortController().signal });
  try {
    return await meetAll(async (model) => {
      const startedAt = performance.now();
      const ms = (): number => performance.now() - startedAt;
      try {
        const answer = await ai.text({
          model: `sim/${model}`,
          prompt: "How should a careful client fail?",
          cache: false,
        });
        const { value: text, model: by, usage } = answer;
        return { kind: "answer", text, model: by, hasUsage: usage.outputTokens !== null, ms: ms() };
      } catch (error) {
        return { kind: "error", message: error instanceof Error ? error.message : String(error), ms: ms() };
      }
    }, faulty.port);
  } finally {
    await host.close();
  }
}

const CALLS = {
  fallback: fallbacksFor("sim"),
  firstByte: FIRST_BYTE_MS,
  retry: { base: 500, max: 1_000 },
  breaker: { open: 1_000 },
  parallel: 50,
};

/** Sixteen at once, against a simulator that was just reset: its outage begins then. */
async function meetAll(ask: Ask, port: number): Promise<readonly Judged[]> {
  const control = `http://127.0.0.1:${port}/_simulator`;
  const healthy = await ask("fb-ok");
  if (healthy.kind !== "answer") throw new Error(`without a fault there is no answer: ${JSON.stringify(healthy)}`);
  await fetch(`${control}/reset`, { method: "POST" });
  async function log(): Promise<readonly LogRecord[]> {
    const read = (await (await fetch(`${control}/log`)).json()) as { readonly requests: readonly LogRecord[] };
    return read.requests;
  }
  const options = { ask, log, answer: healthy.text };
  return await Promise.all([
    ...SCENARIOS.map((scenario) => meet(scenario, options)),
    meetFlap({ ...options, wait: (ms) => delay(ms) }),
  ]);
}
