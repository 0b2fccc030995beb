import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { OpenCache } from "../../cache/create-cache.ts";
import { createPolicies } from "../../cache/policies.ts";
import type { Clock } from "../../core/clock.ts";
import { type Duration, toMs } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors.ts";
import { createEvents } from "../../core/events.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Random } from "../../core/random.ts";
import { PartCollector } from "../../model/collect-parts.ts";
import type { BudgetStore } from "../../resilience/budget-store.ts";
import { startDeadline } from "../../resilience/deadline.ts";
import type { AnswerCaching } from "../ai.ts";
import { answerKeys } from "../answer-key.ts";
import { createAnswerShelf } from "../answer-shelf.ts";
import { outOfTime } from "../ask-provider.ts";
import { toCallError } from "../call-error.ts";
import { callStages } from "../call-stages.ts";
import type { CallsConfig } from "../config.ts";
import type { CallLedger } from "../ledger.ts";
import type { ModelRef, Models, OpenedModel } from "../models.ts";
import { type CallContext, pipeline, type Question, type Reply, type Sink } from "../pipeline.ts";
import type { Routes } from "../routes.ts";
import { createTally, type Spent } from "../tally.ts";
import { createTellCall } from "../tell-call.ts";
import { createTextBuffer, type TextBuffer } from "../text-buffer.ts";
import { toBackoff } from "../to-backoff.ts";
import { toBudget } from "../to-budget.ts";
import { createTrail, type TrailStep } from "../trail.ts";
import { type KeptResult, readParts, readResult, toParts } from "./answer-text.ts";
import { askLanguageModel } from "./ask-language-model.ts";
import { readCallOptions, type ReadCall, toCacheOptions } from "./call-options.ts";
import { shapeOf, wordsOf } from "./call-shape.ts";
import { toCallerError } from "./caller-error.ts";

/** A call as the AI SDK words it, and who is to answer. */
export interface GuardedCall {
  readonly params: LanguageModelV4CallOptions;
  /** What the model is called where limits and stand-ins are set. */
  readonly alias: string;
  readonly find: (signal: AbortSignal) => Promise<ModelRef>;
  /** The same at once, where nobody need be asked. */
  readonly known: () => ModelRef | undefined;
  readonly open: (ref: ModelRef) => OpenedModel | Promise<OpenedModel>;
}

/** Answers calls of the AI SDK from what is kept, or by a model, within bounds. */
export interface Guard {
  generate(call: GuardedCall): Promise<LanguageModelV4GenerateResult>;
  stream(call: GuardedCall): Promise<LanguageModelV4StreamResult>;
}

export interface GuardOptions {
  readonly config: CallsConfig;
  readonly timezone: string;
  readonly models: Pick<Models, "find" | "priceOf">;
  readonly candidatesOf: (question: Question) => readonly string[];
  readonly routes: Routes;
  /** Undefined: every question is asked anew. */
  readonly cache: OpenCache | undefined;
  /** Where it is kept what was spent of the budgets; undefined: in this process. */
  readonly budgets: BudgetStore | undefined;
  /** How answers are kept where a call does not say. */
  readonly caching: AnswerCaching;
  /** Longest time of a call, where it does not say. */
  readonly timeout: Duration;
  readonly clock: Clock;
  readonly random: Random;
  readonly redact: (text: string) => string;
  readonly ledger: Pick<CallLedger, "record"> | undefined;
  /** Ends all calls. */
  readonly closing: AbortSignal;
}

/** What an answer is taken to have where the call sets no bound: for estimates alone, nothing is cut. */
const USUAL_OUTPUT_TOKENS = 1_024;

export function createGuard(options: GuardOptions): Guard {
  const { config, timezone, routes, clock, redact, closing, ledger, cache } = options;
  const shelf = cache && createAnswerShelf({ cache, clock, policies: createPolicies({}) });
  // As `ai.text` goes it, but for similar questions and the repair of objects.
  const stages = callStages({
    ...options,
    shelf,
    budget: toBudget(config.budgets, { clock, timezone, store: options.budgets }),
    backoff: toBackoff(config.retry, options.random),
    whyNot: ({ model }, failure) =>
      toCallError(model.name, failure, redact)?.message ?? "It is past its time; a fresh one is being made.",
  });
  const tell = createTellCall({
    events: createEvents(),
    clock,
    // There is no run.
    ledger: ledger && { record: (call) => ledger.record({ ...call, runId: null }) },
  });

  async function answer(call: GuardedCall, { signals, sink }: Wanted): Promise<Answered> {
    const { params, own } = readCallOptions(call.params);
    const caller = [...signals, closing];
    const tally = createTally();
    const trail = createTrail(clock);
    const startedAt = clock.monotonic();
    const timeoutMs = toMs(own.timeout ?? options.timeout);

    function finish(reply: Reply, { keep, model }: Question): Answered {
      const { spent, ms, trail: steps } = end();
      const key = keep?.keyOf(model.name);
      tell({
        ...who,
        model: reply.model,
        source: reply.source,
        spent,
        reply,
        key,
        ms,
        trail: steps,
        isBackground: false,
      });
      const ageMs = reply.origin === null ? null : Math.max(0, clock.now() - reply.origin.at);
      return { reply, fresh: reply.origin === null ? fresh : undefined, story: storyOf(reply, spent, { ms, ageMs }) };
    }

    const who = { runId: "", automation: undefined, tenant: own.tenant } as const;
    let asked = call.alias;
    let fresh: LanguageModelV4GenerateResult | undefined;

    function end(): Ending {
      return { spent: tally.take(), ms: Math.round(clock.monotonic() - startedAt), trail: trail.steps() };
    }

    throwIfAborted(caller);
    const known = call.known();
    const early = known && toQuestion({ model: known, alias: call.alias, params, own });
    if (early !== undefined) {
      const hot = peek(early);
      if (hot !== undefined) return finish(hot, early);
    }
    using deadline = startDeadline({ clock, ms: timeoutMs, signals: caller });

    try {
      const model = known ?? (await call.find(deadline.signal));
      asked = model.name;
      const question = early ?? toQuestion({ model, alias: call.alias, params, own });
      const context: CallContext = {
        runId: undefined,
        automation: undefined,
        ...(sink === undefined ? {} : { sink }),
        deadline,
        tally,
        trail,
        isForced: false,
        report({ model: { name }, keep }, spent) {
          if (spent.requests === 0) return;
          tell({
            ...who,
            model: name,
            source: "provider",
            spent,
            reply: undefined,
            key: keep?.keyOf(name),
            ms: 0,
            isBackground: true,
          });
        },
        // No stage on this way does any.
        behind: () => undefined,
      };
      const heard = (result: LanguageModelV4GenerateResult): void => void (fresh = result);
      const ask = pipeline(stages, askLanguageModel({ ...call, params, routes, clock, heard }));
      return finish(await ask(question, context), question);
    } catch (error) {
      throwIfAborted(caller);
      const why = deadline.isOver() ? outOfTime(timeoutMs) : error;
      const failure = toCallerError(asked, why, redact);
      const code = toCallError(asked, why, redact)?.code ?? "INPUT_INVALID";
      tell({
        ...who,
        model: asked,
        source: "failed",
        error: code,
        reply: undefined,
        key: undefined,
        ...end(),
        isBackground: false,
      });
      throw failure;
    }
  }

  /** What memory holds, without waiting: the hot path. */
  function peek(question: Question): Reply | undefined {
    const { policy, isStrict = false } = question.keep?.options ?? {};
    // Only the cache itself knows what its own policies promise.
    return policy !== "answers" || isStrict ? undefined : shelf?.peek(question);
  }

  function toQuestion({ model, alias, params, own }: Asked): Question {
    const { tenant, priority = 0 } = own;
    const { maxOutputTokens = USUAL_OUTPUT_TOKENS } = params;
    const caching = isKeepable(params) ? toCacheOptions(own, options.caching) : undefined;
    let prompt: Question["prompt"] | undefined;
    return {
      model,
      alias,
      /** Read by estimates alone: what goes to the model are the call's own words. */
      get prompt() {
        prompt ??= [{ role: "user", content: [{ type: "text", text: wordsOf(params) }] }];
        return prompt;
      },
      maxOutputTokens,
      tenant,
      priority,
      ...(caching === undefined
        ? {}
        : { keep: { keyOf: answerKeys(canonicalJson({ tenant, call: shapeOf(params) })), options: caching } }),
    };
  }

  return {
    async generate(call) {
      const { reply, fresh, story } = await answer(call, { signals: signalsOf(call) });
      const { content, finishReason, ...kept } = readResult(reply.text);
      return {
        content,
        finishReason,
        ...kept,
        ...(fresh?.request === undefined ? {} : { request: fresh.request }),
        ...(fresh?.response === undefined ? {} : { response: fresh.response }),
        usage: usageNow(reply, kept),
        providerMetadata: { ...kept.providerMetadata, millrace: story },
      };
    },
    async stream(call) {
      const lines = createTextBuffer();
      const leaving = new AbortController();
      const answered = answer(call, { signals: [...signalsOf(call), leaving.signal], sink: lines });
      const ends = [...signalsOf(call), closing];
      const parts = readStream(lines, answered, () => ends.some(({ aborted }) => aborted));
      // An error before the first part is one of the call, not of its stream.
      const first = await parts.next();
      return { stream: toReadable(first, parts, () => leaving.abort(new DOMException("nobody reads", "AbortError"))) };
    },
  };
}

interface Ending {
  readonly spent: Spent;
  readonly ms: number;
  readonly trail: readonly TrailStep[];
}

interface Wanted {
  readonly signals: readonly AbortSignal[];
  readonly sink?: Sink;
}

interface Asked extends ReadCall {
  readonly model: ModelRef;
  readonly alias: string;
}

interface Answered {
  readonly reply: Reply;
  /** As the model gave it, for an answer made for this call. */
  readonly fresh: LanguageModelV4GenerateResult | undefined;
  readonly story: Story;
}

/** Where an answer came from and what it took; given as `providerMetadata.millrace`. */
type Story = Record<string, string | number | null>;

function storyOf({ model, source, degraded, origin }: Reply, { usd, requests }: Spent, times: Times): Story {
  return { source, model, degraded, usd, savedUsd: origin === null ? 0 : origin.usd, requests, ...times };
}

interface Times {
  readonly ms: number;
  /** Since the answer was made; null for a fresh one. */
  readonly ageMs: number | null;
}

function signalsOf({ params: { abortSignal } }: GuardedCall): readonly AbortSignal[] {
  return abortSignal === undefined ? [] : [abortSignal];
}

/** What a provider's own tools found is of the moment; raw chunks are not kept. */
function isKeepable({ tools = [], includeRawChunks = false }: LanguageModelV4CallOptions): boolean {
  return !includeRawChunks && !tools.some(({ type }) => type === "provider");
}

const NOTHING: LanguageModelV4Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** What was used now: nothing for an answer that was there, or that another call paid for. */
function usageNow({ origin }: Reply, { usage }: Pick<KeptResult, "usage">): LanguageModelV4Usage {
  return origin === null ? usage : NOTHING;
}

async function* readStream(
  lines: TextBuffer,
  answered: Promise<Answered>,
  isCalledOff: () => boolean,
): AsyncGenerator<LanguageModelV4StreamPart, void, undefined> {
  const passed = new PartCollector();
  let hasPassedOn = false;
  const told = answered.then(
    () => lines.end(),
    (error: unknown) => lines.end(error as Error),
  );
  try {
    for await (const some of lines) {
      for (const part of readParts(some)) {
        hasPassedOn = true;
        passed.add(part);
        yield part;
      }
    }
    await told;
    const { reply, story } = await answered;
    const result = readResult(reply.text);
    if (!hasPassedOn) yield* toParts(result);
    // Text was passed on, and then another answer had to stand in.
    else if (canonicalJson(passed.content()) !== canonicalJson(result.content)) throw brokenOff(reply);
    const { finishReason, providerMetadata } = result;
    yield {
      type: "finish",
      finishReason,
      usage: usageNow(reply, result),
      providerMetadata: { ...providerMetadata, millrace: story },
    };
  } catch (error) {
    // The AI SDK tells an abort from an error by how it comes.
    if (!hasPassedOn || isCalledOff()) throw error;
    yield { type: "error", error };
    yield { type: "finish", finishReason: { unified: "error", raw: undefined }, usage: UNKNOWN };
  }
}

const UNKNOWN: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

function toReadable(
  first: IteratorResult<LanguageModelV4StreamPart, void>,
  parts: AsyncGenerator<LanguageModelV4StreamPart, void, undefined>,
  leave: () => void,
): ReadableStream<LanguageModelV4StreamPart> {
  let next: Promise<IteratorResult<LanguageModelV4StreamPart, void>> | undefined = Promise.resolve(first);
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        const part = await (next ?? parts.next());
        next = undefined;
        if (part.done === true) controller.close();
        else controller.enqueue(part.value);
      },
      async cancel() {
        leave();
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
}

function brokenOff({ model, degraded }: Reply): MillraceError {
  return new MillraceError(
    "CALL_FAILED",
    `The answer broke off after a part of it was passed on. ${degraded ?? ""}`.trim(),
    {
      facts: { model },
      advice: "Ask again, or use generateText, for which another model may stand in to the end.",
      isRetryable: true,
    },
  );
}

/** The caller gets his own reason, as everywhere in the AI SDK. */
function throwIfAborted(signals: readonly AbortSignal[]): void {
  for (const signal of signals) signal.throwIfAborted();
}
