import type { LanguageModelV4, LanguageModelV4Middleware, ProviderV4 } from "@ai-sdk/provider";
import type { z } from "zod";
import type { OpenCache } from "./cache/create-cache.ts";
import { createGivenModels, createMiddleware } from "./calls/ai-sdk/middleware.ts";
import { createGuard } from "./calls/ai-sdk/guard.ts";
import { createProvider } from "./calls/ai-sdk/provider.ts";
import type { AnswerCaching } from "./calls/ai.ts";
import type { CallsConfig } from "./calls/config.ts";
import { createEmbedTexts } from "./calls/embed-texts.ts";
import { createTally } from "./calls/tally.ts";
import type { CallRecord } from "./calls/ledger.ts";
import { createModels } from "./calls/models.ts";
import { createRoutes, type RouteState } from "./calls/routes.ts";
import { createRedactor } from "./calls/secrets.ts";
import { loadConfig, type UserConfig } from "./config.ts";
import { UserConfigSchema } from "./config-schema.ts";
import { systemClock } from "./core/clock.ts";
import { type Duration, toMs } from "./core/duration.ts";
import { MillraceError } from "./core/errors.ts";
import { systemRandom } from "./core/random.ts";
import type { ModelPrice } from "./model/config.ts";
import { createTransport } from "./model/transport.ts";
import { exponentialBackoff } from "./resilience/backoff.ts";
import { createStandalone, type Standalone } from "./standalone.ts";

export type { MillraceCallOptions } from "./calls/ai-sdk/call-options.ts";

/** Where answers are kept, and for how long. */
export interface KeepOptions {
  /** Folder whose database keeps answers for the next start and for other processes. Default: they are kept in memory alone. */
  readonly data?: string;
  /** A cache of `millrace/cache`, for Redis for example, which stays open; or false: nothing is kept or shared. Default: one by `data`. */
  readonly cache?: OpenCache | false;
  /** How answers are kept where a call does not say. Default: fresh for a day, a week longer when no model answers. */
  readonly caching?: AnswerCaching;
  /** Longest time of a call, retries and stand-ins included. Default 10m. */
  readonly timeout?: Duration;
  /** Hears of every call: where its answer came from, tokens, price, times. */
  readonly onCall?: (call: CallRecord) => void;
}

/** Bounds of the wrapped models, as under `calls` in the configuration; `perModel` goes by `provider/modelId` of the models. */
export interface MillraceMiddlewareOptions extends KeepOptions, Omit<CallsConfig, "fallback" | "keep"> {
  /** Who stand in, in this order, for a model that cannot answer. Default: nobody. */
  readonly fallback?: readonly LanguageModelV4[];
  /** By `provider/modelId`; these win over the list that Millrace brings. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
}

export interface CreateMillraceOptions extends KeepOptions {
  /** Default: `millrace.config.ts` of the working folder, and the environment's keys and settings, as everywhere. */
  readonly config?: UserConfig;
}

/** What is open behind a middleware or a provider. */
export interface Opened extends AsyncDisposable {
  /** The cache, to invalidate or look into; undefined with `cache: false`. Opens it when no call has. */
  cache(): Promise<OpenCache | undefined>;
  /** How the models that were asked stand: limits, parallelism, breakers. */
  routes(): readonly RouteState[];
  /** Ends calls in flight and writes what is kept. Later calls end at once. */
  close(): Promise<void>;
}

export type MillraceMiddleware = LanguageModelV4Middleware & Opened;

/** An AI SDK provider; a call of it gives a language model. */
export interface MillraceProvider extends ProviderV4, Opened {
  (modelId: string): LanguageModelV4;
}

/**
 * Makes an AI SDK middleware that answers equal calls once, keeps answers, and has every model it wraps called within limits, with retries, a
 * breaker and stand-ins. One for all models of a process, so that they share the cache. Throws CONFIG_INVALID or INPUT_INVALID for an option
 * that will not do.
 */
export function millraceMiddleware(options: MillraceMiddlewareOptions = {}): MillraceMiddleware {
  const { data, cache, caching, timeout, onCall, fallback = [], prices = {}, ...bounds } = options;
  const keep = { data, cache, caching, timeout, onCall };
  requireOptions({ calls: bounds, prices }, keep);
  const clock = systemClock;
  const random = systemRandom;
  const models = createGivenModels({ fallback, prices, clock });
  const routes = createRoutes({ config: bounds, clock, random, namesOf: () => [] });
  const standalone = createStandalone(keep, async ({ cache, ledger, budgets, closing }) =>
    createGuard({
      config: bounds,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      models,
      candidatesOf: ({ model }) => models.standIns.filter((name) => name !== model.name),
      routes,
      cache,
      ledger,
      budgets,
      ...settingsOf(options),
      clock,
      random,
      redact: createRedactor({ providers: {}, models: {}, prices }),
      closing,
    }),
  );
  return Object.assign(
    createMiddleware(models, () => standalone.open()),
    openedOf(standalone, () => routes.states()),
  );
}

/**
 * Makes an AI SDK provider of the models of a Millrace configuration: aliases and `provider/model`, for text and for embeddings, each called
 * as `ai.text` calls it. The configuration is read with the first call, which rejects with CONFIG_INVALID when it has mistakes.
 */
export function createMillrace(options: CreateMillraceOptions = {}): MillraceProvider {
  const { data, cache, caching, timeout, onCall } = options;
  const keep = { data, cache, caching, timeout, onCall };
  requireOptions({}, keep);
  const clock = systemClock;
  const random = systemRandom;
  let states: () => readonly RouteState[] = () => [];

  const standalone = createStandalone(
    { ...keep, config: () => loadConfig(options.config && { content: options.config }) },
    async ({ config, cache, ledger, budgets, closing, resources }) => {
      const { calls } = config;
      const transport = createTransport({ clock });
      resources.add("providers", () => transport.close());
      const models = createModels(config, { transport, clock });
      const namesOf = (model: string): readonly string[] =>
        Object.keys(config.models).filter((alias) => config.models[alias] === model);
      const routes = createRoutes({ config: calls, clock, random, namesOf });
      states = () => routes.states();
      const redact = createRedactor(config);
      const { fallback = {} } = calls;
      const guard = createGuard({
        config: calls,
        timezone: config.timezone,
        models,
        candidatesOf: ({ alias, model }) => fallback[alias] ?? fallback[model.name] ?? [],
        routes,
        cache,
        ledger,
        budgets,
        ...settingsOf(options),
        clock,
        random,
        redact,
        closing,
      });
      const embed = createEmbedTexts({
        models,
        routes,
        backoff: exponentialBackoff({ random }),
        clock,
        redact,
        cache,
        closing,
      });
      return {
        guard,
        models,
        embed: (texts: Parameters<typeof embed>[0]) =>
          embed(texts, { signal: closing, automation: undefined, tenant: undefined, tally: createTally() }),
      };
    },
  );
  const provider = createProvider(() => standalone.open());
  return Object.assign(
    (modelId: string) => provider.languageModel(modelId),
    provider,
    openedOf(standalone, () => states()),
  );
}

function settingsOf({ caching = {}, timeout = "10m" }: KeepOptions): { caching: AnswerCaching; timeout: Duration } {
  return { caching, timeout };
}

function openedOf<T>(standalone: Standalone<T>, routes: () => readonly RouteState[]): Opened {
  return {
    cache: () => standalone.cache(),
    routes,
    close: () => standalone.close(),
    [Symbol.asyncDispose]: () => standalone.close(),
  };
}

type Given = { readonly [Key in keyof KeepOptions]: KeepOptions[Key] | undefined };

/** Checks what was given as the configuration's own fields are checked. */
function requireOptions(given: object, { data, cache, timeout, caching = {} }: Given): void {
  const checked = UserConfigSchema.safeParse({ ...given, data });
  const mistakes = checked.success ? [] : checked.error.issues.flatMap(linesOf);
  const { policy: _policy, ...times } = caching;
  for (const time of [timeout, ...Object.values(times)]) if (time !== undefined) toMs(time);
  if (timeout !== undefined && toMs(timeout) === 0) mistakes.push("timeout: must be longer than nothing.");
  if (cache !== undefined && cache !== false && data !== undefined)
    mistakes.push("data: goes with no cache of your own, which has levels of its own.");
  if (mistakes.length === 0) return;
  throw new MillraceError("CONFIG_INVALID", `The options have mistakes: ${mistakes.join(" ")}`, {
    facts: { mistakes },
  });
}

/** The place of a mistake as it was written here, and what is wrong there; a line for each key that is no option. */
function linesOf(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.filter((key) => key !== "calls").map(String);
  if (issue.code !== "unrecognized_keys") return [`${path.join(".")}: ${issue.message}`];
  const hints = issue.message.split("\n");
  return issue.keys.map((key, index) => `${[...path, key].join(".")}: ${hints[index]}`);
}
