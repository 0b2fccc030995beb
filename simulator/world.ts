import { type Clock, MillraceError } from "millrace";
import { createLedger, type Ledger } from "./account/ledger.ts";
import { createLimits, type LimitKeeper } from "./account/limits.ts";
import { createPromptCache, type PromptCache } from "./account/prompt-cache.ts";
import { createMessageBatches, type MessageBatches } from "./anthropic/message-batches.ts";
import { messages } from "./anthropic/messages.ts";
import { fingerprint } from "./chance.ts";
import { createFaultPlan, type FaultPlan } from "./faults/plan.ts";
import type { Dialect } from "./lane.ts";
import { createChat } from "./openai/chat.ts";
import { createFiles, type Files } from "./openai/files.ts";
import { createFileBatches, type FileBatches } from "./openai/file-batches.ts";
import { createResponses } from "./openai/responses.ts";
import { createResponseStore, type ResponseStore } from "./openai/response-store.ts";
import { type Behaviour, type SimulatorOptions, toBehaviour } from "./options.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { createStats, type StatsRecorder } from "./stats.ts";

/** What all requests share. */
export interface World {
  readonly clock: Clock;
  readonly seed: number;
  readonly options: SimulatorOptions;
  readonly models: readonly string[];
  readonly contextWindow: number;
  readonly stats: StatsRecorder;
  readonly log: RequestLog;
  readonly ledger: Ledger;
  readonly promptCache: PromptCache;
  readonly dialects: { readonly messages: Dialect; readonly chat: Dialect; readonly responses: Dialect };
  readonly responses: ResponseStore;
  readonly files: Files;
  readonly fileBatches: FileBatches;
  readonly messageBatches: MessageBatches;
  behaviour(): Behaviour;
  limits(): LimitKeeper;
  faults(): FaultPlan;
  configure(change: Partial<Readonly<Record<keyof Behaviour, unknown>>>): void;
  /** Milliseconds since the start or the last reset. */
  elapsedMs(): number;
  /** A name that is never given twice. */
  nextId(): string;
  /** Forgets everything that was measured, stored or used up; the behaviour stays. */
  reset(): void;
}

/** What `GET /v1/models` lists unless told otherwise. */
const DEFAULT_MODELS = ["simulated-fast", "simulated-smart"];
const DEFAULT_WINDOW = 1_000_000;
const DEFAULT_CACHE_MINIMUM = 1_024;

export function createWorld(options: SimulatorOptions, clock: Clock): World {
  const { seed = 1, structuredOutputs = true, cacheMinimumTokens = DEFAULT_CACHE_MINIMUM } = options;
  let behaviour = toBehaviour(options);
  let faults = createFaultPlan(behaviour, seed);
  let limits = createLimits(behaviour.limits);
  let startedAt = clock.monotonic();
  let ids = 0;
  const responses = createResponseStore();
  const files = createFiles();
  const stored = { files, responses, fileBatches: createFileBatches(), messageBatches: createMessageBatches() };
  const counted = {
    stats: createStats(),
    log: createRequestLog(),
    ledger: createLedger(options.prices ?? {}),
    promptCache: createPromptCache({ minimumTokens: cacheMinimumTokens }),
  };
  return {
    clock,
    seed,
    options,
    models: options.models ?? DEFAULT_MODELS,
    contextWindow: options.contextWindow ?? DEFAULT_WINDOW,
    ...counted,
    ...stored,
    dialects: {
      messages,
      chat: createChat({ structuredOutputs }),
      responses: createResponses(responses),
    },
    behaviour: () => behaviour,
    limits: () => limits,
    faults: () => faults,
    configure(change) {
      const known = Object.keys(behaviour);
      const unknown = Object.keys(change).find((name) => !known.includes(name));
      if (unknown !== undefined) {
        const advice = `Give some of: ${known.join(", ")}.`;
        throw new MillraceError("INPUT_INVALID", `There is no "${unknown}" to set.`, { advice });
      }
      const before = behaviour.limits;
      behaviour = toBehaviour({ ...behaviour, script: faults.script(), ...change });
      // Rules count anew when anything is set: what they have seen belongs to the old behaviour.
      faults = createFaultPlan(behaviour, seed);
      if (behaviour.limits !== before) limits = createLimits(behaviour.limits);
    },
    elapsedMs: () => clock.monotonic() - startedAt,
    nextId: () => fingerprint([seed, (ids += 1)]).slice(0, 24),
    reset() {
      startedAt = clock.monotonic();
      limits = createLimits(behaviour.limits);
      faults.reset();
      for (const part of [...Object.values(counted), ...Object.values(stored)]) part.reset();
    },
  };
}
