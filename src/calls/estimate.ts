import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { ModelCall } from "../model/model.ts";
import type { Question } from "./pipeline.ts";

/**
 * Estimates the tokens of a question from above: English has four characters to a token and code three, other scripts are counted by their
 * bytes, which is never too low.
 */
export function estimateInput({ prompt, schema, object, whole }: Asked): number {
  const wire = schema?.wire ?? object?.wire;
  return (
    estimateText(wire === undefined ? "" : JSON.stringify(wire.json)) +
    estimatePrompt(prompt) +
    estimateCall(whole?.call)
  );
}

type Asked = Pick<Question, "prompt" | "schema" | "object" | "whole">;

/** What goes along beside the prompt. */
export function estimateCall(call: ModelCall | undefined): number {
  if (call === undefined) return 0;
  const { tools, responseFormat } = call;
  if (tools === undefined && responseFormat === undefined) return 0;
  return estimateText(JSON.stringify([tools, responseFormat].filter((each) => each !== undefined)));
}

const PER_MESSAGE = 4;

export function estimatePrompt(prompt: LanguageModelV4Prompt): number {
  let tokens = 0;
  for (const { content } of prompt) {
    tokens += PER_MESSAGE;
    if (typeof content === "string") tokens += estimateText(content);
    else for (const part of content) if (part.type === "text") tokens += estimateText(part.text);
  }
  return tokens;
}

export function estimateText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}
