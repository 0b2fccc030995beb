import type { Clock } from "../core/clock.ts";
import { MillraceError, toErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import { ModelFailure } from "../model/failure.ts";
import { damagedEvents, type ModelCall, type ModelResult } from "../model/model.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { toTokens } from "../model/usage.ts";
import { toProviderError } from "./call-error.ts";
import { countRequest } from "./count-request.ts";
import type { Models, OpenedModel } from "./models.ts";
import { createPaceRecorder, type Pace } from "./pace.ts";
import type { Ask, CallContext, Question, Reply } from "./pipeline.ts";
import type { Routes } from "./routes.ts";
import { fitCall } from "./fit-call.ts";
import { ended, isForOthers, readStream, type StreamReading, type WholeAnswer } from "./whole-answer.ts";

export interface AskProviderOptions {
  readonly models: Models;
  /** Hear what the provider says of its limits. */
  readonly routes: Routes;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: (text: string) => string;
  /** Names requests for OpenAI's support, as `X-Client-Request-Id`. Undefined: they bear no name. */
  readonly ids: Ids | undefined;
}

/** Sends one request and gives the whole text of its answer. Throws ModelFailure for everything that is not a whole answer. */
export function askProvider({ models, routes, clock, events, redact, ids }: AskProviderOptions): Ask {
  return async (question, context) => {
    const { name } = question.model;
    try {
      const opening = models.open(question.model);
      const model = opening instanceof Promise ? await opening : opening;
      const headers: Record<string, string> =
        ids !== undefined && question.model.kind === "openai" ? { "x-client-request-id": ids.next() } : {};
      const call = toModelCall(question, headers, context);
      try {
        return toReply(question, await countRequest(() => read(model, call, question, context), context, clock));
      } finally {
        routes.get(name).observe(model.model.limits());
      }
    } catch (error) {
      const failure = toFailure(error, context);
      if (failure instanceof ModelFailure && (context.deadline.isOver() || !context.deadline.signal.aborted)) {
        const record = toErrorRecord(toProviderError(name, failure, redact));
        const run = context.runId === undefined ? {} : { runId: context.runId };
        events.emit("call-failed", { ...run, model: name, error: record, at: clock.now() });
      }
      throw failure;
    }
  };

  /** Reads an answer, and tells what it used. */
  async function read(model: OpenedModel, call: ModelCall, question: Question, context: CallContext): Promise<Read> {
    const { sink, tally } = context;
    const { whole, isHeld = false } = question;
    let result: Read;
    if (sink === undefined && !isHeld && whole?.isStreamed !== true) {
      const answer = await model.model.generate(call);
      result = { answer: whole === undefined ? answer : ended(answer), damaged: 0, pace: undefined };
    } else {
      const recorder = createPaceRecorder(clock);
      const reading = { name: question.model.name, sink, recorder };
      const streamed = await (whole === undefined ? readText : readStream)(model, call, reading);
      result = { ...streamed, pace: recorder.pace() };
    }
    const tokens = toTokens(result.answer.usage);
    tally.used(tokens, model.priceOf(tokens));
    return result;
  }

  function toFailure(error: unknown, { deadline }: CallContext): unknown {
    if (deadline.isOver()) return outOfTime();
    if (error instanceof ModelFailure || error instanceof MillraceError) return error;
    return toModelFailure(error, clock.now());
  }
}

/** The failure of a call whose time, in milliseconds, is up. */
export function outOfTime(ms?: number): ModelFailure {
  const time = ms === undefined ? "" : `, ${ms / 1_000} s,`;
  return new ModelFailure("silent", { detail: `the time for the whole call${time} is up` });
}

/** What a whole answer is read from. */
type ReadAnswer = WholeAnswer & Pick<ModelResult, "structuredOutputText">;

interface Read {
  readonly answer: ReadAnswer;
  /** Events that could not be read. */
  readonly damaged: number;
  /** When its content came; undefined for one that was not streamed. */
  readonly pace: Pace | undefined;
}

function toReply({ model: { name }, keep, whole, maxOutputTokens }: Question, { answer, damaged, pace }: Read): Reply {
  const reply: Reply = {
    // Of a whole answer nobody but the cache wants the text.
    text: whole === undefined ? wholeText(answer, maxOutputTokens) : keep === undefined ? "" : JSON.stringify(answer),
    model: name,
    source: "provider",
    degraded: damaged === 0 ? null : `${damaged} parts of the answer could not be read.`,
    similar: null,
    origin: null,
    ...(pace === undefined ? undefined : { pace }),
  };
  return whole === undefined ? reply : { ...reply, whole: answer, isForNow: !isForOthers(answer) };
}

async function readText(
  { model }: OpenedModel,
  call: ModelCall,
  { sink, recorder }: StreamReading,
): Promise<Pick<Read, "answer" | "damaged">> {
  let text = "";
  for await (const part of model.stream(call)) {
    if (part.type === "text-delta" && part.delta !== "") {
      text += part.delta;
      recorder.came(part.delta.length);
      await sink?.write(part.delta);
    } else if (part.type === "finish") {
      const { finishReason, usage } = part;
      return { answer: { content: [{ type: "text", text }], finishReason, usage }, damaged: damagedEvents(part) };
    }
  }
  throw new ModelFailure("interrupted");
}

function toModelCall(
  { model, prompt, maxOutputTokens, schema, firstByteMs, whole }: Question,
  headers: Record<string, string>,
  { deadline }: CallContext,
): ModelCall {
  const timeouts = firstByteMs === undefined ? {} : { timeouts: { firstByteMs, betweenBytesMs: firstByteMs } };
  if (whole !== undefined) {
    return { ...fitCall(whole.call, model.kind), headers, abortSignal: deadline.signal, ...timeouts };
  }
  const base = { prompt, maxOutputTokens, headers, abortSignal: deadline.signal, ...timeouts };
  if (schema === undefined) return base;
  const strict = { strictJsonSchema: schema.wire.isStrict };
  return {
    ...base,
    responseFormat: { type: "json", schema: schema.wire.json, name: schema.name },
    providerOptions: { openai: strict, openaiCompatible: strict },
  };
}

/** Only an answer that the model itself ended counts. */
export function wholeText(result: ReadAnswer, maxOutputTokens: number): string {
  const { content, finishReason, structuredOutputText } = result;
  const text = structuredOutputText ?? content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  switch (finishReason.unified) {
    case "stop":
      if (text.trim() === "") throw new ModelFailure("unusable", { detail: "the answer is empty" });
      return text;
    case "length":
      throw new ModelFailure("cut", { detail: `raise maxOutputTokens above ${maxOutputTokens}, or ask for less` });
    case "content-filter":
      throw new ModelFailure("refused", { detail: text });
    case "interrupted":
    case "error":
      throw new ModelFailure("interrupted", { detail: finishReason.raw });
    case "tool-calls":
    case "other":
      throw new ModelFailure("unusable", { detail: `it ended with ${finishReason.raw ?? finishReason.unified}` });
  }
}
