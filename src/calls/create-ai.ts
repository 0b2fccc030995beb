import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Clock } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { ModelsConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { createTransport } from "../model/transport.ts";
import { type Backoff, exponentialBackoff } from "../resilience/backoff.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import { retry } from "../resilience/retry.ts";
import type { Ai, Answer, CallOptions } from "./ai.ts";
import { askObject } from "./ask-object.ts";
import { toCallError, toProviderError } from "./call-error.ts";
import { createModels, type Models, type OpenedModel } from "./models.ts";
import { probeProviders, type ProviderProbe } from "./probe.ts";
import { type ModelRequest, sendRequest } from "./request.ts";
import { createRedactor } from "./secrets.ts";
import { createTally, type Tally } from "./tally.ts";

/** Makes the `ai` of runs; holds the connections to the providers. */
export interface AiFactory {
  /** Names of the configured providers; the first is the default. */
  readonly providers: readonly string[];
  /** The `ai` of one run: its events carry the run's id, and its calls end when the run's signal fires. */
  forRun(run: { readonly id: string; readonly signal: AbortSignal }): Ai;
  /** Loads what the first call would have to wait for: the default provider's package and the HTTP client. Connects to nothing. */
  preload(): Promise<void>;
  /** Asks each provider for its models, within 5 s. Never rejects because of a provider, and tells no key. */
  probe(signal?: AbortSignal): Promise<readonly ProviderProbe[]>;
  /** Ends calls in flight with CALL_ABORTED, and probes, and drops the connections. Later calls end the same way. */
  close(): Promise<void>;
}

export interface AiFactoryOptions {
  readonly config: ModelsConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  /** Names requests for OpenAI's support, as `X-Client-Request-Id`. Default: they bear no name. */
  readonly ids?: Ids;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 1_024;
const DEFAULT_TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;

/** Creates the factory. Nothing is loaded before `preload` or the first call, nothing connected before the latter. */
export function createAiFactory({ config, clock, random, events, log, ids }: AiFactoryOptions): AiFactory {
  const transport = createTransport();
  const models = createModels(config, transport);
  const redact = createRedactor(config);
  const closing = new AbortController();
  const shared: Shared = {
    config,
    clock,
    events,
    log,
    ids,
    models,
    redact,
    backoff: exponentialBackoff({ random }),
    withoutSchema: new Set(),
  };

  return {
    providers: Object.keys(config.providers),
    forRun: (run) => createAi(shared, { id: run.id, signal: AbortSignal.any([run.signal, closing.signal]) }),
    async preload() {
      if (Object.keys(config.providers).length > 0) await Promise.all([models.preload(), transport.preload()]);
    },
    probe: (signal) => {
      const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
      return probeProviders({ config, transport, clock, redact, signals });
    },
    async close() {
      closing.abort(new DOMException("Millrace is closing", "AbortError"));
      await transport.close();
    },
  };
}

interface Shared {
  readonly config: ModelsConfig;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly ids: Ids | undefined;
  readonly models: Models;
  readonly redact: (text: string) => string;
  readonly backoff: Backoff;
  /** Names of models that were found not to take a schema; as many as are configured or asked for by name. */
  readonly withoutSchema: Set<string>;
}

interface Run {
  readonly id: string;
  readonly signal: AbortSignal;
}

/** What one call has at hand while a model is asked. */
interface Call {
  readonly model: OpenedModel;
  readonly prompt: LanguageModelV4Prompt;
  readonly send: (prompt: LanguageModelV4Prompt, schema?: ModelRequest["schema"]) => Promise<string>;
}

function createAi(shared: Shared, run: Run): Ai {
  return {
    text: (options) => call(shared, run, options, ({ prompt, send }) => send(prompt)),
    object: (options) =>
      call(shared, run, options, (open) => askObject(options, { ...open, withoutSchema: shared.withoutSchema })),
  };
}

type Options<T> = CallOptions & { readonly rules?: () => T };

/** One call from its question to its answer, whichever source gives it. */
async function call<T>(
  shared: Shared,
  run: Run,
  options: Options<T>,
  ask: (call: Call) => Promise<T>,
): Promise<Answer<T>> {
  const { clock, events, log } = shared;
  const caller = options.signal === undefined ? [run.signal] : [run.signal, options.signal];
  const tally = createTally();
  const startedAt = clock.monotonic();
  let asked = options.model ?? Object.keys(shared.config.providers)[0] ?? "the model";
  using deadline = openDeadline(shared, options, caller);

  function finish(value: T, model: string, degraded: string | null): Answer<T> {
    const { requests, usage, usd } = tally.total();
    const ms = Math.round(clock.monotonic() - startedAt);
    const source = degraded === null ? "provider" : "rules";
    const price = usd === null ? {} : { usd };
    events.emit("call-end", { runId: run.id, model, source, ...tally.known(), ...price, ms, at: clock.now() });
    return { value, source, model, usage, usd, ms, requests, degraded };
  }

  try {
    throwIfAborted(caller);
    const model = await openModel(shared, options, deadline);
    asked = model.name;
    const send = sender(shared, run, { options, model, tally, deadline });
    const value = await ask({ model, prompt: toPrompt(options), send });
    return finish(value, model.name, null);
  } catch (error) {
    throwIfAborted(caller);
    const failure = toCallError(asked, error, shared.redact);
    if (failure === undefined) throw error;
    if (options.rules === undefined) throw failure;
    const fields = { runId: run.id, code: failure.code };
    if (failure.code === "PROVIDER_MISSING") log.debug(fields, failure.message);
    else log.warn(fields, `answered by rules: ${failure.message}`);
    return finish(options.rules(), "rules", failure.message);
  }
}

function openDeadline({ clock }: Shared, options: CallOptions, signals: readonly AbortSignal[]): Deadline {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS } = options;
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs))) {
    throw new MillraceError("INPUT_INVALID", `timeoutMs must be a positive number, got ${timeoutMs}.`);
  }
  if (!(Number.isInteger(maxOutputTokens) && maxOutputTokens > 0)) {
    throw new MillraceError(
      "INPUT_INVALID",
      `maxOutputTokens must be a positive whole number, got ${maxOutputTokens}.`,
    );
  }
  return startDeadline({ clock, ms: timeoutMs, signals });
}

function throwIfAborted(signals: readonly AbortSignal[]): void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined)
    throw new MillraceError("CALL_ABORTED", "The call was aborted.", { cause: aborted.reason });
}

async function openModel({ models, clock }: Shared, options: CallOptions, deadline: Deadline): Promise<OpenedModel> {
  try {
    return await models.open(options.model, deadline.signal);
  } catch (error) {
    if (error instanceof MillraceError || error instanceof ModelFailure) throw error;
    throw deadline.isOver() ? outOfTime(options) : toModelFailure(error, clock.now());
  }
}

function outOfTime({ timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions): ModelFailure {
  return new ModelFailure("silent", { detail: `the time for the whole call, ${timeoutMs / 1_000} s, is up` });
}

function toPrompt({ system, prompt }: CallOptions): LanguageModelV4Prompt {
  const user = { role: "user" as const, content: [{ type: "text" as const, text: prompt }] };
  return system === undefined ? [user] : [{ role: "system", content: system }, user];
}

interface SenderParams {
  readonly options: CallOptions;
  readonly model: OpenedModel;
  readonly tally: Tally;
  readonly deadline: Deadline;
}

/** Sends requests of one call: each with its own attempts, all within one deadline. */
function sender(shared: Shared, run: Run, { options, model, tally, deadline }: SenderParams): Call["send"] {
  const { clock, backoff, events, redact, ids } = shared;
  const maxOutputTokens = options.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
  const now = (): number => clock.now();

  async function attempt(request: ModelRequest): Promise<string> {
    try {
      return await sendRequest(model, request, { tally, signal: deadline.signal, now });
    } catch (error) {
      const failure = deadline.isOver() ? outOfTime(options) : error;
      if (failure instanceof ModelFailure && (deadline.isOver() || !deadline.signal.aborted)) {
        const record = toErrorRecord(toProviderError(model.name, failure, redact));
        events.emit("call-failed", { runId: run.id, model: model.name, error: record, at: now() });
      }
      throw failure;
    }
  }

  return (prompt, schema) => {
    const headers = ids !== undefined && model.kind === "openai" ? { "x-client-request-id": ids.next() } : {};
    const request: ModelRequest = { prompt, maxOutputTokens, headers, ...(schema === undefined ? {} : { schema }) };
    return retry(() => attempt(request), {
      clock,
      backoff,
      deadline,
      attempts: ATTEMPTS,
      judge: (error) =>
        error instanceof ModelFailure && error.isRetryable
          ? { again: true, notBeforeMs: error.notBeforeMs }
          : { again: false },
    });
  };
}
