import { createSimulator } from "../../simulator/index.ts";
import { out, outJson } from "./output.ts";
import { aborted, watchSignals } from "./signals.ts";

export interface DemoFlags {
  readonly port: number;
  /** In milliseconds. */
  readonly latency: number;
  readonly faultRate: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Serves the provider simulator until a signal comes. */
export async function demoProvider(flags: DemoFlags): Promise<void> {
  const stop = watchSignals();
  const { port, faultRate, seed } = flags;
  await using simulator = createSimulator({ port, faultRate, seed, latencyMs: flags.latency });
  const url = await simulator.start();
  if (flags.json === true) outJson({ url });
  else out(toInstructions(url));
  await aborted(stop.signal);
}

function toInstructions(url: string): string {
  return `The provider simulator is at ${url}; it speaks as Anthropic and as OpenAI do. Stop it with Ctrl+C.
In another terminal paste one of these, then start Millrace:

  export ANTHROPIC_BASE_URL=${url}
  export OPENAI_BASE_URL=${url}/v1

What it was asked: ${url}/_simulator/stats`;
}
