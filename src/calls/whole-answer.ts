import { PartCollector, isContentPart } from "../model/collect-parts.ts";
import { ModelFailure } from "../model/failure.ts";
import { damagedEvents, type ModelCall, type ModelPart, type ModelResult } from "../model/model.ts";
import type { OpenedModel } from "./models.ts";
import { createMeter, type PaceRecorder } from "./pace.ts";
import type { Sink } from "./pipeline.ts";

/** All that a model said, in the words of the AI SDK's specification: texts, reasoning, calls of tools. It is JSON, so it may be kept. */
export type WholeAnswer = Pick<ModelResult, "content" | "finishReason" | "usage" | "providerMetadata">;

/** One line of what a sink takes of a whole answer: first who answers, then part by part, `finish` the last of all. */
export type AnswerLine = { readonly type: "answering"; readonly model: string } | ModelPart;

/** An answer as it was read, and how many of its events could not be. */
export interface ReadAnswer {
  readonly answer: WholeAnswer;
  readonly damaged: number;
}

export interface StreamReading {
  /** `provider/model`, told to the sink. */
  readonly name: string;
  /** Hears of the parts once the first one of content is there: until then another model may answer instead. */
  readonly sink: Sink | undefined;
  /** Hears when the content of a stream comes. */
  readonly recorder: Pick<PaceRecorder, "came">;
}

/** Reads the stream of an answer to its end. Throws ModelFailure for one that the model did not end itself. */
export async function readStream(
  { model }: OpenedModel,
  call: ModelCall,
  { name, sink, recorder }: StreamReading,
): Promise<ReadAnswer> {
  const collector = new PartCollector();
  const sizeOf = createMeter();
  let lines: AnswerLine[] = [{ type: "answering", model: name }];
  let hasContent = false;
  for await (const part of model.stream(call)) {
    if (!PASSED_ON.has(part.type)) continue;
    collector.add(part);
    recorder.came(sizeOf(part));
    if (part.type === "finish") {
      const answer = ended({ ...part, content: collector.content() });
      if (sink !== undefined) await passOn(sink, [...lines, part]);
      return { answer, damaged: damagedEvents(part) };
    }
    if (sink === undefined) continue;
    hasContent ||= isContentPart(part);
    if (part.type !== "ping" || hasContent) lines.push(part);
    if (!hasContent) continue;
    const written = passOn(sink, lines);
    lines = [];
    if (written !== undefined) await written;
  }
  throw new ModelFailure("interrupted");
}

const PASSED_ON: ReadonlySet<ModelPart["type"]> = new Set([
  "text-start",
  "text-delta",
  "text-end",
  "reasoning-start",
  "reasoning-delta",
  "reasoning-end",
  "tool-input-start",
  "tool-input-delta",
  "tool-input-end",
  "tool-call",
  "custom",
  "ping",
  "finish",
]);

function passOn(sink: Sink, lines: readonly AnswerLine[]): Promise<void> | undefined {
  return sink.take === undefined ? sink.write(toText(lines)) : sink.take(lines);
}

function toText(lines: readonly AnswerLine[]): string {
  let text = "";
  for (const line of lines) text += `${JSON.stringify(line)}\n`;
  return text;
}

/** Reads the lines that a sink took, in any pieces that end with a line. */
export function readLines(text: string): AnswerLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AnswerLine);
}

/** An answer without what the provider says of itself. Throws ModelFailure for one that the model did not end itself. */
export function ended({ content, finishReason, usage, providerMetadata }: WholeAnswer): WholeAnswer {
  const { unified, raw } = finishReason;
  if (unified === "interrupted" || unified === "error") throw new ModelFailure("interrupted", { detail: raw });
  const said = content.filter((part) => KEPT.has(part.type));
  return providerMetadata === undefined
    ? { content: said, finishReason, usage }
    : { content: said, finishReason, usage, providerMetadata };
}

const KEPT: ReadonlySet<string> = new Set(["text", "reasoning", "tool-call", "custom"]);

/** Whether an answer may serve others: one that was cut, filtered or empty is only for who asked. */
export function isForOthers({ content, finishReason: { unified } }: WholeAnswer): boolean {
  return (unified === "stop" || unified === "tool-calls") && content.length > 0;
}
