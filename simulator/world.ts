import type { Clock } from "millrace";
import { chanceOf, drawFault, fingerprint } from "./chance.ts";
import type { Lane } from "./lane.ts";
import { createOpenAiLane } from "./openai.ts";
import { type Behaviour, type Fault, type SimulatorOptions, toBehaviour } from "./options.ts";
import type { StatsRecorder } from "./stats.ts";

/** What all requests share. */
export interface World {
  readonly clock: Clock;
  readonly stats: StatsRecorder;
  readonly seed: number;
  readonly apiKey: string | undefined;
  readonly models: readonly string[];
  readonly openai: Lane;
  behaviour(): Behaviour;
  configure(change: Partial<Readonly<Record<keyof Behaviour, unknown>>>): void;
  /** A name for the next request; never the same twice. */
  nextRequestId(): string;
  /** What goes wrong with the next request. */
  nextFault(question: string, repeat: number): Fault | undefined;
}

/** What `GET /v1/models` lists unless told otherwise. */
const DEFAULT_MODELS = ["simulated-fast", "simulated-smart"];

export function createWorld(options: SimulatorOptions, clock: Clock, stats: StatsRecorder): World {
  const { seed = 1, apiKey, models = DEFAULT_MODELS, structuredOutputs = true } = options;
  let behaviour = toBehaviour(options);
  let scripted = 0;
  let requestIds = 0;
  return {
    clock,
    stats,
    seed,
    apiKey,
    models,
    openai: createOpenAiLane({ structuredOutputs }),
    behaviour: () => behaviour,
    configure(change) {
      behaviour = toBehaviour({ ...behaviour, script: behaviour.script.slice(scripted), ...change });
      scripted = 0;
    },
    nextRequestId: () => `req_${fingerprint([seed, (requestIds += 1)]).slice(0, 24)}`,
    nextFault(question, repeat) {
      const planned = behaviour.script[scripted];
      if (planned === undefined) return drawFault(behaviour, chanceOf(seed, "fault", question, repeat));
      scripted += 1;
      return planned === "none" ? undefined : planned;
    },
  };
}
