import type { OpenCache } from "../cache/create-cache.ts";
import type { Policies } from "../cache/policies.ts";
import type { Similar } from "../cache/semantic/similar.ts";
import type { Clock } from "../core/clock.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { ModelsConfig } from "../model/config.ts";
import type { ModelCall } from "../model/model.ts";
import { createTransport } from "../model/transport.ts";
import type { BudgetStore } from "../resilience/budget-store.ts";
import type { Ai } from "./ai.ts";
import { askProvider } from "./ask-provider.ts";
import type { AiRun } from "./ai-run.ts";
import { type Calls, createCalls } from "./create-calls.ts";
import { toCallError } from "./call-error.ts";
import { callStages } from "./call-stages.ts";
import { fitObject } from "./fit-object.ts";
import { createAnswerShelf } from "./answer-shelf.ts";
import { MOST_RESULT_BYTES } from "./batch/batch-api.ts";
import { type BatchStore, createMemoryBatchStore } from "./batch/batch-store.ts";
import type { CallsConfig } from "./config.ts";
import type { CountedTokens } from "./count-tokens.ts";
import type { CallLedger } from "./ledger.ts";
import { late } from "./late.ts";
import { listAllModels, type ProviderModels } from "./list-all-models.ts";
import { createModels, type Models } from "./models.ts";
import type { LimitSharing } from "../resilience/shared/limit-sharing.ts";
import { createRoutes, type RouteState } from "./routes.ts";
import { toBackoff } from "./to-backoff.ts";
import { toBudget } from "./to-budget.ts";
import { packQuestions } from "./pack-questions.ts";
import { pipeline, type Question } from "./pipeline.ts";
import { probeProviders, type ProviderProbe } from "./probe.ts";
import { reuseSimilar } from "./reuse-similar.ts";
import { createRedactor } from "./secrets.ts";

/** Makes the `ai` of runs; holds the connections to the providers. */
export interface AiFactory {
  /** Names of the configured providers; the first is the default. */
  readonly providers: readonly string[];
  /** The `ai` of one run: its events carry the run's id, and its calls end when the run's signal fires. */
  forRun(run: AiRun): Ai;
  /** A call as a client of the gateway wrote it. */
  readonly whole: Calls["whole"];
  /** How long the input of a call is: as the provider counts, or an estimate from above. Rejects for a model that is not known. */
  countTokens(name: string, call: ModelCall, signal: AbortSignal): Promise<CountedTokens>;
  /** How the models that were asked stand: limits, parallelism, breakers. */
  routes(): readonly RouteState[];
  /** Loads what the first call would have to wait for: the default provider's package and the HTTP client. Connects to nothing. */
  preload(): Promise<void>;
  /** Asks each provider for its models, within 5 s. Never rejects because of a provider, and tells no key. */
  probe(signal?: AbortSignal): Promise<readonly ProviderProbe[]>;
  /** The models that the providers list, asked for at most 5 s. */
  list(signal?: AbortSignal): Promise<readonly ProviderModels[]>;
  /** Ends calls in flight with CALL_ABORTED, and probes, and drops the connections. Later calls end the same way. */
  close(): Promise<void>;
}

/** Where answers are kept. */
export interface AnswerStore {
  readonly cache: OpenCache;
  /** Those of the cache. */
  readonly policies: Policies;
  /** Opens the finder of similar questions, with the first call that opts in. */
  readonly similar: () => Promise<Similar>;
}

export interface AiFactoryOptions {
  readonly config: ModelsConfig & { readonly calls?: CallsConfig; readonly timezone?: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  /** Names requests for OpenAI's support, as `X-Client-Request-Id`. Default: they bear no name. */
  readonly ids?: Ids;
  /** Default: those of the configuration, asked over HTTP. */
  readonly models?: Models;
  /** Default: every question is asked anew, by itself. */
  readonly answers?: AnswerStore;
  /** Hears of all calls. Default: nobody does. */
  readonly ledger?: Pick<CallLedger, "record">;
  /** Where it is kept what was spent of `calls.budgets`. Default: in this process, so they begin anew with it. */
  readonly budgets?: BudgetStore;
  /** Takes no more of the limits of `calls` than they allow together with other processes. Default: each process has them for itself. */
  readonly sharing?: LimitSharing | undefined;
  /** Remembers batches for after a crash. Default: as long as the process lives. */
  readonly batches?: BatchStore;
}

/** Creates the factory. Nothing is loaded before `preload` or the first call, nothing connected before the latter. */
export function createAiFactory(options: AiFactoryOptions): AiFactory {
  const { config, clock, random, events, log, ids, answers } = options;
  const transport = createTransport({ clock });
  // Files of results may be larger than any answer.
  const batchTransport = createTransport({ clock, connections: 8, maxReplyBytes: MOST_RESULT_BYTES });
  const models = options.models ?? createModels(config, { transport, clock });
  const redact = createRedactor(config);
  const closing = new AbortController();
  const shelf = answers && createAnswerShelf({ ...answers, clock });
  const bounds = config.calls ?? {};
  const { fallback = {} } = bounds;
  const routes = createRoutes({
    config: bounds,
    clock,
    random,
    namesOf: (model) => aliasesOf(model, config.models),
    sharing: options.sharing,
  });
  const budget = toBudget(bounds.budgets, {
    clock,
    timezone: config.timezone ?? "UTC",
    store: options.budgets,
  });
  const backoff = toBackoff(bounds.retry, random);
  const stages = callStages({
    config: bounds,
    models,
    candidatesOf: ({ alias, model }) => fallback[alias] ?? fallback[model.name] ?? [],
    routes,
    backoff,
    cache: answers?.cache,
    shelf,
    budget,
    clock,
    whyNot,
    similar: answers && reuseSimilar({ ...answers, clock, log }),
    pack: packQuestions({ clock }),
    fit: fitObject(),
  });
  const ask = pipeline(stages, askProvider({ models, routes, clock, events, redact, ids }));
  const embed = late(async () => {
    const { createEmbedTexts } = await import("./embed-texts.ts");
    return createEmbedTexts({
      models,
      routes,
      backoff,
      clock,
      redact,
      cache: answers?.cache,
      budget,
      closing: closing.signal,
    });
  });
  const later = late(async () => {
    const { createAskLater } = await import("./batch/ask-later.ts");
    return createAskLater({
      models,
      config,
      transport: batchTransport,
      store: options.batches ?? createMemoryBatchStore(),
      budget,
      shelf,
      clock,
      log,
    });
  });
  const count = late(async () => {
    const { createCountTokens } = await import("./count-tokens.ts");
    return createCountTokens({ config, transport, clock });
  });
  const calls = createCalls({
    ask,
    embed,
    later,
    shelf,
    config,
    models,
    clock,
    events,
    log,
    ledger: options.ledger,
    redact,
    closing: closing.signal,
  });

  function whyNot({ model }: Question, failure: unknown): string {
    return toCallError(model.name, failure, redact)?.message ?? "It is past its time; a fresh one is being made.";
  }

  return {
    routes: () => routes.states(),
    providers: Object.keys(config.providers),
    forRun: (run) => calls.forRun(run),
    whole: (run, options, sink) => calls.whole(run, options, sink),
    countTokens: async (name, call, signal) =>
      await count(await models.find(name, signal), call, [closing.signal, signal]),
    async preload() {
      if (Object.keys(config.providers).length > 0) await Promise.all([models.preload(), transport.preload()]);
    },
    list: (signal) =>
      listAllModels({ config, transport, clock, signals: [closing.signal, ...(signal === undefined ? [] : [signal])] }),
    probe: (signal) => {
      const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
      return probeProviders({ config, transport, clock, redact, signals });
    },
    async close() {
      closing.abort(new DOMException("Millrace is closing", "AbortError"));
      await calls.settled();
      await Promise.all([transport.close(), batchTransport.close()]);
    },
  };
}

function aliasesOf(model: string, aliases: ModelsConfig["models"]): readonly string[] {
  return Object.keys(aliases).filter((alias) => aliases[alias] === model);
}
