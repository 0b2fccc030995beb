import { readFileSync } from "node:fs";
import { type Behaviour, createSimulator, FAILOVER_MODELS, type Fault, START_TIER } from "../../simulator/index.ts";
import { MillraceError } from "../core/errors.ts";
import { out, outJson } from "./output.ts";
import { aborted, watchSignals } from "./signals.ts";

export interface DemoFlags {
  readonly port: number;
  /** In milliseconds. */
  readonly latency?: number;
  readonly tokensPerSecond?: number;
  readonly faultRate?: number;
  readonly fault?: readonly string[];
  readonly tier: "none" | "start";
  /** In milliseconds. */
  readonly batchTime?: number;
  readonly timings?: "full" | "fast";
  readonly model?: readonly string[];
  readonly key?: string;
  readonly keyless?: boolean;
  readonly instant?: boolean;
  readonly config?: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** Serves the provider simulator until a signal comes. Throws INPUT_INVALID for what makes no sense, ADDRESS_IN_USE. */
export async function demoProvider(flags: DemoFlags): Promise<void> {
  const stop = watchSignals();
  const { port, seed, key, keyless, instant, model } = flags;
  await using simulator = createSimulator({
    port,
    seed,
    models: model ?? ["simulated-fast", "simulated-smart", ...FAILOVER_MODELS],
    isKeyless: keyless === true,
    isInstant: instant === true,
    ...(key === undefined ? {} : { apiKey: key }),
  });
  simulator.configure(behaviourOf(flags));
  const url = await simulator.start();
  if (flags.json === true) outJson({ url });
  else out(toInstructions(url));
  await aborted(stop.signal);
}

/** What the file says, overridden by what the command line says. The simulator checks both. */
function behaviourOf({ config, latency, tokensPerSecond, faultRate, fault, tier, batchTime, timings }: DemoFlags) {
  const said: Partial<Behaviour> = {
    ...(latency === undefined ? {} : { latencyMs: latency }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(faultRate === undefined ? {} : { faultRate }),
    ...(fault === undefined ? {} : { faults: fault as readonly Fault[] }),
    ...(tier === "none" ? {} : { limits: START_TIER }),
    ...(batchTime === undefined ? {} : { batchMs: batchTime }),
    ...(timings === undefined ? {} : { failoverTimings: timings }),
  };
  return { ...(config === undefined ? {} : readConfig(config)), ...said };
}

function readConfig(file: string): Partial<Behaviour> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw unreadable(file, error);
  }
  throw unreadable(file, undefined);
}

function unreadable(file: string, cause: unknown): MillraceError {
  return new MillraceError("INPUT_INVALID", `--config ${file} cannot be read as a JSON object.`, {
    cause,
    advice: "docs/guide/simulator.md shows what may stand in it.",
  });
}

function toInstructions(url: string): string {
  return `The provider simulator is at ${url}; it speaks as Anthropic and as OpenAI do. Stop it with Ctrl+C.
In another terminal paste one of these, then start Millrace:

  export ANTHROPIC_BASE_URL=${url}
  export OPENAI_BASE_URL=${url}/v1

What it was asked: ${url}/_simulator/stats
What it charged:   ${url}/_simulator/ledger`;
}
