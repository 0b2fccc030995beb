import type { Clock } from "../core/clock.ts";
import { type ErrorCode, MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { ModelsConfig } from "../model/config.ts";
import type { ModelCall } from "../model/model.ts";
import { startDeadline } from "../resilience/deadline.ts";
import type {
  Ai,
  Answer,
  CallOptions,
  Embedded,
  EmbedOptions,
  LaterAnswer,
  LaterOptions,
  ObjectOptions,
  TextOptions,
} from "./ai.ts";
import type { AiRun } from "./ai-run.ts";
import { objectForm, TEXT, WHOLE } from "./answer-form.ts";
import type { AnswerShelf } from "./answer-shelf.ts";
import { askPanel } from "./ask-panel.ts";
import type { AskLaterCall } from "./batch/ask-later.ts";
import { type Answered, createCaller } from "./call.ts";
import { createCallContexts } from "./call-context.ts";
import { toCallError } from "./call-error.ts";
import { checkCall } from "./check-call.ts";
import { signalsOf, throwIfAborted } from "./call-signals.ts";
import type { EmbedCaller } from "./embed-texts.ts";
import type { CallLedger } from "./ledger.ts";
import type { Models } from "./models.ts";
import type { Ask, Sink } from "./pipeline.ts";
import { mostUsd } from "./spend-budget.ts";
import { streamAnswer } from "./stream-answer.ts";
import { createTally } from "./tally.ts";
import { createTellCall, type ToldCall } from "./tell-call.ts";
import { type AskOptions, timeoutOf, toQuestion } from "./to-question.ts";
import type { WholeAnswer } from "./whole-answer.ts";

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
  AskOptions<WholeAnswer>,
  "model" | "timeoutMs" | "signal" | "cache" | "tags" | "tenant" | "only" | "replay"
> {
  readonly call: ModelCall;
  /** Whether the provider is asked for a stream, which shows early that an answer stalls. */
  readonly isStreamed: boolean;
}

/** All that can be asked, for whichever run. */
export interface Calls {
  forRun(run: AiRun): Ai;
  /** All that the model said. A sink takes its lines as they come. Throws as `text` does. */
  whole(run: AiRun, options: WholeOptions, sink?: Sink): Promise<Answered<WholeAnswer>>;
  /** Resolves when the work that nobody waits for has ended. */
  settled(): Promise<void>;
}

export function createCalls(shared: CallsOptions): Calls {
  const { embed, later, models, clock, redact, closing } = shared;
  const tell = createTellCall(shared);
  const contexts = createCallContexts({ ...shared, tell });
  const caller = createCaller({ ...shared, contexts, tell });

  async function text(run: AiRun, options: TextOptions): Promise<Answer<string>> {
    return (await caller.ask(run, options, TEXT)).answer;
  }

  async function callLater(run: AiRun, options: LaterOptions): Promise<LaterAnswer> {
    const ending = signalsOf(run, options, closing);
    const signal = AbortSignal.any([...ending]);
    const deadline = { signal, isOver: () => false, leftMs: () => Infinity, [Symbol.dispose]: () => undefined };
    try {
      throwIfAborted(ending);
      return await later(options, {
        run,
        signal,
        tell,
        context: contexts.create(run, deadline),
        text: (question) => text(run, question),
        toQuestion: (model, question) => toQuestion(run, model, question, undefined),
      });
    } catch (error) {
      throwIfAborted(ending);
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
    checkCall(options);
    using deadline = startDeadline({ clock, ms: timeoutOf(options), signals: [run.signal, closing] });
    const model = await caller.findModel(options, deadline);
    return mostUsd(toQuestion(run, model, options, undefined), models) ?? 0;
  }

  return {
    forRun: (run) => ({
      text: (options) => text(run, options),
      async object<T>(options: ObjectOptions<T>) {
        return (await caller.ask(run, options, objectForm(options))).answer;
      },
      stream: (options) =>
        streamAnswer(options, (sink) => caller.ask(run, { ...options, isHeld: sink === undefined }, TEXT, sink)),
      panel: (options) =>
        askPanel(options, {
          clock,
          text: (question) => text(run, question),
          estimateUsd: (each) => estimateUsd(run, each),
        }),
      embed: (options) => callEmbed(run, options),
      later: (options) => callLater(run, options),
    }),
    whole(run, options, sink) {
      const { maxOutputTokens } = options.call;
      const asked = { ...options, prompt: "", whole: options };
      return caller.ask(run, maxOutputTokens === undefined ? asked : { ...asked, maxOutputTokens }, WHOLE, sink);
    },
    settled: () => contexts.settled(),
  };
}
