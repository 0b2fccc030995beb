import type { Clock } from "../core/clock.ts";
import { type ErrorCode, MillraceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ModelsConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import type { ModelPart } from "../model/model.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import type { Answer, CallOptions } from "./ai.ts";
import type { AiRun } from "./ai-run.ts";
import type { AnswerForm } from "./answer-form.ts";
import type { AnswerShelf } from "./answer-shelf.ts";
import { outOfTime } from "./ask-provider.ts";
import type { CallContexts } from "./call-context.ts";
import { toCallError } from "./call-error.ts";
import { checkCall } from "./check-call.ts";
import { signalsOf, throwIfAborted } from "./call-signals.ts";
import type { ModelRef, Models } from "./models.ts";
import { atPace, type Pace } from "./pace.ts";
import type { Ask, CallContext, Question, Reply, Sink } from "./pipeline.ts";
import { createTally, type Spent } from "./tally.ts";
import type { ToldCall } from "./tell-call.ts";
import { type AskOptions, timeoutOf, toQuestion } from "./to-question.ts";
import { createTrail } from "./trail.ts";

export interface CallParams {
  readonly ask: Ask;
  readonly config: Pick<ModelsConfig, "providers">;
  readonly models: Models;
  readonly contexts: Pick<CallContexts, "create">;
  readonly shelf: Pick<AnswerShelf, "peek"> | undefined;
  readonly tell: (call: ToldCall) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
  /** Ends all calls. */
  readonly closing: AbortSignal;
}

/** An answer, and how to pass it on. */
export interface Answered<T> {
  readonly answer: Answer<T>;
  /**
   * Gives the parts of the answer when they came as it was made; rejects with CALL_ABORTED, and waits for nothing past the deadline of the
   * call. Undefined: it is to be passed on at once.
   */
  readonly replay?: (parts: readonly ModelPart[]) => AsyncIterable<readonly ModelPart[]>;
}

/** Makes one call: from a question and its options to an answer, whichever source gives it. */
export interface Caller {
  /** A sink takes what is made for this call as it comes. Throws as `ai.text` does. */
  ask<T>(run: AiRun, options: AskOptions<T>, form: AnswerForm<T>, sink?: Sink): Promise<Answered<T>>;
  /** Finds the model that a call names. Rejects with MillraceError or ModelFailure. */
  findModel(options: CallOptions, deadline: Pick<Deadline, "signal">): Promise<ModelRef>;
}

export function createCaller(params: CallParams): Caller {
  const { ask, config, models, contexts, shelf, tell, clock, log, redact, closing } = params;

  /** The answer that the pipeline gives, read. One that was kept and does not fit any longer is asked for anew. */
  async function answer<T>(question: Question, form: AnswerForm<T>, context: CallContext): Promise<Read<T>> {
    const reply = await ask(question, context);
    const reading = form.read(reply);
    const read = reading instanceof Promise ? await reading : reading;
    if (read.ok) return { reply, value: read.value };
    const fresh = reply.origin === null ? undefined : await ask(question, { ...context, isForced: true });
    const again = fresh === undefined ? read : await form.read(fresh);
    if (again.ok && fresh !== undefined) return { reply: fresh, value: again.value };
    throw new MillraceError("CALL_FAILED", `${question.model.name} gave an answer that does not fit the schema.`, {
      facts: { model: question.model.name, mistakes: again.ok ? [] : again.mistakes },
      isRetryable: true,
    });
  }

  async function call<T>(run: AiRun, options: AskOptions<T>, form: AnswerForm<T>, sink?: Sink): Promise<Answered<T>> {
    const caller = signalsOf(run, options, closing);
    const tally = createTally();
    const trail = createTrail(clock);
    const startedAt = clock.monotonic();
    let asked = options.model ?? Object.keys(config.providers)[0] ?? "the model";
    checkCall(options);

    const who = {
      runId: run.id,
      automation: run.automation,
      tenant: options.tenant ?? run.tenant,
      isBackground: false,
    } as const;

    function end(): { readonly ms: number; readonly spent: Spent } {
      return { ms: Math.round(clock.monotonic() - startedAt), spent: tally.take() };
    }

    function finish(value: T, reply: FinalReply): Answered<T> {
      const { ms, spent } = end();
      const { model, source, degraded, similar, origin, key } = reply;
      tell({ ...who, model, source, spent, reply, key, ms, trail: trail.steps() });
      const answer: Answer<T> = {
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
      return reply.pace === undefined || options.replay !== "pace"
        ? { answer }
        : { answer, replay: (parts) => replayed(parts, reply.pace ?? []) };
    }

    async function* replayed(parts: readonly ModelPart[], pace: Pace): AsyncGenerator<readonly ModelPart[]> {
      const until = startedAt + timeoutOf(options);
      try {
        yield* atPace(parts, pace, { clock, signal: AbortSignal.any([...caller]), until });
      } catch (error) {
        throwIfAborted(caller);
        throw error;
      }
    }

    function tellFailed(error: ErrorCode): void {
      const told = { model: asked, source: "failed", error, reply: undefined, key: undefined } as const;
      tell({ ...who, ...told, ...end(), trail: trail.steps() });
    }

    throwIfAborted(caller);
    const hot = peek(run, options, form);
    const read = hot?.reply && (await form.read(hot.reply));
    if (hot?.reply !== undefined && read?.ok === true) return finish(read.value, hot.reply);
    using deadline = startDeadline({ clock, ms: timeoutOf(options), signals: caller });

    try {
      const model = models.known(options.model) ?? (await findModel(options, deadline));
      asked = model.name;
      const question = hot?.question ?? toQuestion(run, model, options, form.object);
      const isForced = options.only === "made";
      const context = contexts.create(run, deadline, { tally, sink, trail, isForced });
      const { reply, value } = await answer(question, form, context);
      return finish(value, { ...reply, key: question.keep?.keyOf(model.name) });
    } catch (error) {
      const isAborted = caller.some((signal) => signal.aborted);
      if (isAborted && tally.total().requests > 0) tellFailed("CALL_ABORTED");
      throwIfAborted(caller);
      const failure = toCallError(asked, deadline.isOver() ? outOfTime(timeoutOf(options)) : error, redact);
      if (failure === undefined) throw error;
      // What was passed on cannot be taken back.
      if (options.rules === undefined || sink?.hasPassedOn() === true) {
        tellFailed(failure.code);
        throw failure;
      }
      const fields = { runId: run.id, code: failure.code };
      if (failure.code === "PROVIDER_MISSING") log.debug(fields, failure.message);
      else log.warn(fields, `answered by rules: ${failure.message}`);
      return finish(options.rules(), { ...RULES, degraded: failure.message });
    }
  }

  /** What memory holds: such a call needs no deadline, no model and nobody's turn. */
  function peek<T>(run: AiRun, options: AskOptions<T>, form: AnswerForm<T>): Peeked | undefined {
    if (shelf === undefined || options.cache === false || options.only === "made") return undefined;
    const model = models.known(options.model);
    if (model === undefined) return undefined;
    const question = toQuestion(run, model, options, form.object);
    const reply = shelf.peek(question);
    return { question, reply: reply && { ...reply, key: question.keep?.keyOf(model.name) } };
  }

  async function findModel(options: CallOptions, deadline: Deadline): Promise<ModelRef> {
    try {
      return await models.find(options.model, deadline.signal);
    } catch (error) {
      if (error instanceof MillraceError || error instanceof ModelFailure) throw error;
      throw toModelFailure(error, clock.now());
    }
  }

  return { ask: call, findModel };
}

interface Peeked {
  readonly question: Question;
  readonly reply: KeptReply | undefined;
}

interface Read<T> {
  readonly reply: Reply;
  readonly value: T;
}

type KeptReply = Reply & { readonly key: string | undefined };
type FinalReply = Omit<KeptReply, "text">;

const RULES = { model: "rules", source: "rules", similar: null, origin: null, key: undefined } as const;
