import type { CacheOptions } from "../cache/cache.ts";
import type { Clock } from "../core/clock.ts";
import { type ErrorCode, MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import { canonicalJson } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import type { ModelsConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import type { ModelCall } from "../model/model.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import type { EmbedCaller } from "./embed-texts.ts";
import { askPanel } from "./ask-panel.ts";
import { mostUsd } from "./spend-budget.ts";
import { streamAnswer } from "./stream-answer.ts";
import type {
  Ai,
  Answer,
  CallOptions,
  Embedded,
  EmbedOptions,
  LaterAnswer,
  LaterOptions,
  ObjectOptions,
} from "./ai.ts";
import type { AskLaterCall } from "./batch/ask-later.ts";
import type { AnswerShelf } from "./answer-shelf.ts";
import { answerKeys } from "./answer-key.ts";
import { outOfTime } from "./ask-provider.ts";
import { toCallError } from "./call-error.ts";
import type { CallLedger } from "./ledger.ts";
import { createTellCall, type ToldCall } from "./tell-call.ts";
import type { ModelRef, Models } from "./models.ts";
import { toPrompt } from "./to-prompt.ts";
import type { WholeAnswer } from "./whole-answer.ts";
import { type Judged, objectFormat } from "./object-format.ts";
import type { Ask, CallContext, Question, Reply, Sink } from "./pipeline.ts";
import { createTally, type Spent, type Tally } from "./tally.ts";
import { createTrail, type Trail } from "./trail.ts";

/** For whom an `ai` asks. */
export interface AiRun {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Whose run it is; budgets and the ledger go by it. */
  readonly automation?: string;
  /** Whose answers its calls get and leave, where a call does not say. Default: everybody's. */
  readonly tenant?: string;
}

export interface CallsOptions {
  readonly ask: Ask;
  readonly later: (options: LaterOptions, call: AskLaterCall) => Promise<LaterAnswer>;
  readonly embed: (options: EmbedOptions, caller: EmbedCaller) => Promise<Embedded>;
  readonly config: ModelsConfig;
  readonly models: Models;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly shelf: Pick<AnswerShelf, "peek"> | undefined;
  readonly ledger: Pick<CallLedger, "record"> | undefined;
  readonly redact: (text: string) => string;
  /** Ends all calls. */
  readonly closing: AbortSignal;
}

/** A call as a client of the gateway wrote it, in the words of the AI SDK's specification. */
export interface WholeOptions extends Pick<
  CallOptions,
  "model" | "timeoutMs" | "signal" | "cache" | "tags" | "tenant"
> {
  readonly call: ModelCall;
  /** Whether the provider is asked for a stream, which shows early that an answer stalls. */
  readonly isStreamed: boolean;
  /** `kept`: only what is kept, else NOT_KEPT; `made`: asked anew, and kept. Default: whichever there is. */
  readonly only?: "kept" | "made";
}

/** Makes calls: from a question and its options to an answer, whichever source gives it. */
export interface Calls {
  forRun(run: AiRun): Ai;
  /** All that the model said. A sink takes its lines as they come. Throws as `text` does. */
  whole(run: AiRun, options: WholeOptions, sink?: Sink): Promise<Answer<WholeAnswer>>;
  /** Resolves when the work that nobody waits for has ended. */
  settled(): Promise<void>;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 1_024;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_POLICY = "answers";

type Options<T> = CallOptions & {
  readonly rules?: () => T;
  readonly whole?: Question["whole"];
  readonly only?: WholeOptions["only"];
  readonly isHeld?: boolean;
};

/** What is wanted: a text, or an object of a schema. */
interface Form<T> {
  readonly object: Question["object"];
  readonly read: (reply: Pick<Reply, "text" | "whole">) => Promise<Judged<T>>;
}

const TEXT: Form<string> = {
  object: undefined,
  read: ({ text }) => Promise.resolve({ ok: true, value: text, json: text }),
};

const WHOLE: Form<WholeAnswer> = {
  object: undefined,
  read: ({ text, whole }) =>
    Promise.resolve({ ok: true, value: whole ?? (JSON.parse(text) as WholeAnswer), json: text }),
};

export function createCalls(shared: CallsOptions): Calls {
  const { ask, embed, later, shelf, config, models, clock, log, redact, closing } = shared;
  const behind = new Set<Promise<void>>();

  const tell = createTellCall(shared);

  function contextOf(
    run: AiRun,
    deadline: Deadline,
    { tally = createTally(), sink, trail }: Optional = {},
  ): CallContext {
    const runId = run.id;
    return {
      runId,
      automation: run.automation,
      ...(sink === undefined ? {} : { sink }),
      ...(trail === undefined ? {} : { trail }),
      deadline,
      tally,
      isForced: false,
      report({ model, keep, tenant }, spent) {
        if (isNothing(spent)) return;
        tell({
          runId,
          automation: run.automation,
          tenant,
          model: model.name,
          source: "provider",
          spent,
          reply: undefined,
          key: keep?.keyOf(model.name),
          ms: 0,
          isBackground: true,
        });
      },
      behind(question, work) {
        const done = workBehind(run, question, work);
        behind.add(done);
        void done.finally(() => behind.delete(done));
      },
    };
  }

  async function workBehind(
    run: AiRun,
    question: Question,
    work: (context: CallContext) => Promise<void>,
  ): Promise<void> {
    using deadline = startDeadline({ clock, ms: DEFAULT_TIMEOUT_MS, signals: [closing] });
    const context = contextOf(run, deadline);
    try {
      await work(context);
    } catch (error) {
      log.debug({ error, model: question.model.name }, "work behind an answer failed");
    } finally {
      context.report(question, context.tally.take());
    }
  }

  /** The answer that the pipeline gives, read. One that was kept and does not fit any longer is asked for anew. */
  async function answer<T>(question: Question, form: Form<T>, context: CallContext): Promise<Read<T>> {
    const reply = await ask(question, context);
    const read = await form.read(reply);
    if (read.ok) return { reply, value: read.value };
    const fresh = reply.origin === null ? undefined : await ask(question, { ...context, isForced: true });
    const again = fresh === undefined ? read : await form.read(fresh);
    if (again.ok && fresh !== undefined) return { reply: fresh, value: again.value };
    throw new MillraceError("CALL_FAILED", `${question.model.name} gave an answer that does not fit the schema.`, {
      facts: { model: question.model.name, mistakes: again.ok ? [] : again.mistakes },
      isRetryable: true,
    });
  }

  async function call<T>(run: AiRun, options: Options<T>, form: Form<T>, sink?: Sink): Promise<Answer<T>> {
    const caller = [run.signal, closing, ...(options.signal === undefined ? [] : [options.signal])];
    const tally = createTally();
    const trail = createTrail(clock);
    const startedAt = clock.monotonic();
    let asked = options.model ?? Object.keys(config.providers)[0] ?? "the model";
    requireBounds(options);

    const who = {
      runId: run.id,
      automation: run.automation,
      tenant: options.tenant ?? run.tenant,
      isBackground: false,
    } as const;

    function end(): { readonly ms: number; readonly spent: Spent } {
      return { ms: Math.round(clock.monotonic() - startedAt), spent: tally.take() };
    }

    function finish(value: T, reply: FinalReply): Answer<T> {
      const { ms, spent } = end();
      const { model, source, degraded, similar, origin, key } = reply;
      tell({ ...who, model, source, spent, reply, key, ms, trail: trail.steps() });
      return {
        value,
        source,
        model,
        usage: spent.usage,
        usd: spent.usd,
        savedUsd: origin === null ? 0 : origin.usd,
        ms,
        requests: spent.requests,
        ageMs: origin === null ? null : Math.max(0, clock.now() - origin.at),
        similar,
        degraded,
      };
    }

    throwIfAborted(caller);
    const hot = peek(run, options, form);
    const read = hot && (await form.read(hot.reply));
    if (hot !== undefined && read?.ok === true) return finish(read.value, hot.reply);
    using deadline = startDeadline({ clock, ms: timeoutOf(options), signals: caller });

    try {
      const model = await findModel(options, deadline);
      asked = model.name;
      const question = toQuestion(run, model, options, form.object);
      const { reply, value } = await answer(question, form, {
        ...contextOf(run, deadline, { tally, sink, trail }),
        isForced: options.only === "made",
      });
      return finish(value, { ...reply, key: question.keep?.keyOf(model.name) });
    } catch (error) {
      const isAborted = caller.some((signal) => signal.aborted);
      if (isAborted && tally.total().requests > 0) {
        const told = {
          model: asked,
          source: "failed",
          error: "CALL_ABORTED",
          reply: undefined,
          key: undefined,
        } as const;
        tell({ ...who, ...told, ...end(), trail: trail.steps() });
      }
      throwIfAborted(caller);
      const failure = toCallError(asked, deadline.isOver() ? outOfTime(timeoutOf(options)) : error, redact);
      if (failure === undefined) throw error;
      // What was passed on cannot be taken back.
      if (options.rules === undefined || sink?.hasPassedOn() === true) {
        const told = {
          ...who,
          model: asked,
          source: "failed",
          error: failure.code,
          reply: undefined,
          key: undefined,
        } as const;
        tell({ ...told, ...end(), trail: trail.steps() });
        throw failure;
      }
      const fields = { runId: run.id, code: failure.code };
      if (failure.code === "PROVIDER_MISSING") log.debug(fields, failure.message);
      else log.warn(fields, `answered by rules: ${failure.message}`);
      return finish(options.rules(), { ...RULES, degraded: failure.message });
    }
  }

  /** What memory holds: such a call needs no deadline, no model and nobody's turn. */
  function peek<T>(run: AiRun, options: Options<T>, form: Form<T>): { readonly reply: KeptReply } | undefined {
    if (shelf === undefined || options.cache === false || options.only === "made") return undefined;
    const model = models.known(options.model);
    if (model === undefined) return undefined;
    const question = toQuestion(run, model, options, form.object);
    const reply = shelf.peek(question);
    return reply && { reply: { ...reply, key: question.keep?.keyOf(model.name) } };
  }

  async function findModel(options: CallOptions, deadline: Deadline): Promise<ModelRef> {
    try {
      return await models.find(options.model, deadline.signal);
    } catch (error) {
      if (error instanceof MillraceError || error instanceof ModelFailure) throw error;
      throw toModelFailure(error, clock.now());
    }
  }

  async function callLater(run: AiRun, options: LaterOptions): Promise<LaterAnswer> {
    const caller = [run.signal, closing, ...(options.signal === undefined ? [] : [options.signal])];
    const signal = AbortSignal.any(caller);
    const deadline = { signal, isOver: () => false, leftMs: () => Infinity, [Symbol.dispose]: () => undefined };
    try {
      throwIfAborted(caller);
      return await later(options, {
        run,
        signal,
        tell,
        context: contextOf(run, deadline),
        text: (question) => call(run, question, TEXT),
        toQuestion: (model, question) => toQuestion(run, model, question, undefined),
      });
    } catch (error) {
      throwIfAborted(caller);
      throw toCallError(options.model ?? "the model", error, redact) ?? error;
    }
  }

  async function callEmbed(run: AiRun, options: EmbedOptions): Promise<Embedded> {
    const { signal, automation } = run;
    const tenant = options.tenant ?? run.tenant;
    const tally = createTally();
    const startedAt = clock.monotonic();
    const told = (model: string, source: ToldCall["source"], error?: ErrorCode): ToldCall => ({
      runId: run.id,
      automation,
      tenant,
      model,
      source,
      ...(error === undefined ? {} : { error }),
      spent: tally.take(),
      reply: undefined,
      key: undefined,
      ms: Math.round(clock.monotonic() - startedAt),
      isBackground: false,
    });
    try {
      const embedded = await embed(options, { signal, automation, tenant, tally });
      if (embedded.reused < embedded.vectors.length) tell(told(embedded.model, "provider"));
      return embedded;
    } catch (error) {
      if (error instanceof MillraceError && error.code !== "INPUT_INVALID")
        tell(told(options.model, "failed", error.code));
      throw error;
    }
  }

  async function estimateUsd(run: AiRun, options: CallOptions): Promise<number> {
    requireBounds(options);
    using deadline = startDeadline({ clock, ms: timeoutOf(options), signals: [run.signal, closing] });
    const model = await findModel(options, deadline);
    return mostUsd(toQuestion(run, model, options, undefined), models) ?? 0;
  }

  return {
    forRun: (run) => ({
      text: (options) => call(run, options, TEXT),
      async object<T>(options: ObjectOptions<T>) {
        const object = objectFormat(options.schema, options.name);
        return await call(run, options, { object, read: ({ text }) => object.judge(text) });
      },
      stream: (options) =>
        streamAnswer(options, (sink) => call(run, { ...options, isHeld: sink === undefined }, TEXT, sink)),
      panel: (options) =>
        askPanel(options, {
          clock,
          text: (question) => call(run, question, TEXT),
          estimateUsd: (each) => estimateUsd(run, each),
        }),
      embed: (options) => callEmbed(run, options),
      later: (options) => callLater(run, options),
    }),
    whole(run, { call: asked, isStreamed, ...options }, sink) {
      const { maxOutputTokens } = asked;
      const size = maxOutputTokens === undefined ? {} : { maxOutputTokens };
      return call(run, { ...options, ...size, prompt: "", whole: { call: asked, isStreamed } }, WHOLE, sink);
    },
    async settled() {
      await Promise.all(behind);
    },
  };
}

interface Optional {
  readonly tally?: Tally;
  readonly trail?: Trail;
  readonly sink?: Sink | undefined;
}

interface Read<T> {
  readonly reply: Reply;
  readonly value: T;
}

type KeptReply = Reply & { readonly key: string | undefined };
type FinalReply = Omit<KeptReply, "text">;

const RULES = { model: "rules", source: "rules", similar: null, origin: null, key: undefined } as const;

function isNothing({ requests, known }: Spent): boolean {
  return requests === 0 && known.inputTokens === 0 && known.outputTokens === 0;
}

function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions): number {
  return timeoutMs;
}

function requireBounds(options: CallOptions): void {
  const { maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS } = options;
  const timeoutMs = timeoutOf(options);
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs))) {
    throw new MillraceError("INPUT_INVALID", `timeoutMs must be a positive number, got ${timeoutMs}.`);
  }
  if (!(Number.isInteger(maxOutputTokens) && maxOutputTokens > 0)) {
    throw new MillraceError(
      "INPUT_INVALID",
      `maxOutputTokens must be a positive whole number, got ${maxOutputTokens}.`,
    );
  }
}

function throwIfAborted(signals: readonly AbortSignal[]): void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined)
    throw new MillraceError("CALL_ABORTED", "The call was aborted.", { cause: aborted.reason });
}

function toQuestion(run: AiRun, model: ModelRef, options: Options<unknown>, object: Question["object"]): Question {
  const { system, maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, similar = false, whole, only, isHeld = false } = options;
  const tenant = options.tenant ?? run.tenant;
  const prompt = whole?.call.prompt ?? toPrompt(options, object);
  const keeping = toCacheOptions(options);
  // What is written here has its fields in one order; what a client wrote may have them in any.
  const shape = (): string =>
    whole === undefined
      ? JSON.stringify([tenant, prompt, maxOutputTokens, object?.name, object?.wire])
      : canonicalJson({ tenant, call: whole.call });
  const about = { prompt: options.prompt, system, turns: 1 + (options.history?.length ?? 0) };
  return {
    model,
    alias: options.model ?? "fast",
    prompt,
    maxOutputTokens,
    tenant,
    priority: options.priority ?? 0,
    ...(object === undefined ? {} : { object }),
    ...(whole === undefined ? {} : { whole }),
    ...(isHeld ? { isHeld } : {}),
    ...(keeping === undefined
      ? {}
      : { keep: { keyOf: answerKeys(shape()), options: keeping, isOnly: only === "kept" } }),
    ...(similar === false ? {} : { similar: { reuse: similar === true ? {} : similar, ...about } }),
  };
}

function toCacheOptions({ cache = true, tags }: CallOptions): CacheOptions | undefined {
  if (cache === false) return undefined;
  const given = cache === true ? {} : cache;
  return { policy: DEFAULT_POLICY, ...given, ...(tags === undefined ? {} : { tags }) };
}
