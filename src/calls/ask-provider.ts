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
import { createPaceRecorder, type Pace, type PaceRecorder } from "./pace.ts";
import type { Ask, CallContext, Question, Sink } from "./pipeline.ts";
import type { Routes } from "./routes.ts";
import { fitCall } from "./fit-call.ts";
import { isForOthers, readWhole, type WholeAnswer } from "./whole-answer.ts";

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
      const model = await models.open(question.model);
      const headers: Record<string, string> =
        ids !== undefined && question.model.kind === "openai" ? { "x-client-request-id": ids.next() } : {};
      const result = await send(model, toModelCall(question, headers, context), question, context);
      const degraded = result.damaged === 0 ? null : `${result.damaged} parts of the answer could not be read.`;
      const { pace } = result;
      const story = { model: name, source: "provider", degraded, similar: null, origin: null } as const;
      const reply = pace === undefined ? story : { ...story, pace };
      if (question.whole === undefined) return { ...reply, text: wholeText(result, question.maxOutputTokens) };
      const { damaged: _damaged, pace: _pace, ...answer } = result;
      // Nobody but the cache wants it as text.
      const text = question.keep === undefined ? "" : JSON.stringify(answer);
      return { ...reply, text, whole: answer, isForNow: !isForOthers(answer) };
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

  async function send(
    model: OpenedModel,
    options: ModelCall,
    { model: { name }, whole, isHeld = false }: Question,
    context: CallContext,
  ): Promise<Whole> {
    const { tally, sink } = context;
    const read = async (): Promise<Whole> => {
      const result = await readAnswer(model, options, {
        name,
        whole,
        sink,
        isHeld,
        recorder: createPaceRecorder(clock),
      });
      const tokens = toTokens(result.usage);
      tally.used(tokens, model.priceOf(tokens));
      return result;
    };
    try {
      return await countRequest(read, context, clock);
    } finally {
      routes.get(name).observe(model.model.limits());
    }
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

/** A whole answer, however it came. */
export type Whole = WholeAnswer &
  Pick<ModelResult, "structuredOutputText"> & {
    /** Events that could not be read. */
    readonly damaged: number;
    /** When its content came; undefined for one that was not streamed. */
    readonly pace?: Pace | undefined;
  };

interface Reading {
  readonly name: string;
  readonly whole: Question["whole"];
  readonly sink: Sink | undefined;
  readonly isHeld: boolean;
  readonly recorder: PaceRecorder;
}

async function readAnswer(
  model: OpenedModel,
  call: ModelCall,
  { name, whole, sink, isHeld, recorder }: Reading,
): Promise<Whole> {
  if (whole !== undefined) {
    const { answer, damaged } = await readWhole(model, call, { name, isStreamed: whole.isStreamed, sink, recorder });
    return { ...answer, damaged, pace: recorder.pace() };
  }
  if (sink === undefined && !isHeld) return await generate(model, call);
  return { ...(await readStream(model, call, { sink, recorder })), pace: recorder.pace() };
}

async function generate({ model }: OpenedModel, call: ModelCall): Promise<Whole> {
  return { ...(await model.generate(call)), damaged: 0 };
}

async function readStream(
  { model }: OpenedModel,
  call: ModelCall,
  { sink, recorder }: Pick<Reading, "sink" | "recorder">,
): Promise<Whole> {
  let text = "";
  for await (const part of model.stream(call)) {
    if (part.type === "text-delta" && part.delta !== "") {
      text += part.delta;
      recorder.came(part.delta.length);
      await sink?.write(part.delta);
    } else if (part.type === "finish") {
      const { finishReason, usage } = part;
      return { content: [{ type: "text", text }], finishReason, usage, damaged: damagedEvents(part) };
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
export function wholeText(result: Whole, maxOutputTokens: number): string {
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
