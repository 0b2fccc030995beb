import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { ModelResult } from "../../model.ts";
import type { DecodedReply } from "../codec.ts";
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from "../fields.ts";
import { fromChatFinishReason } from "./finish-reason.ts";
import { fromChatUsage } from "./usage.ts";

/** Reads a completion; undefined when it holds no choice. */
export function decodeChatCompletion(reply: unknown): DecodedReply | undefined {
  const body = fieldsOf(reply);
  const choice = listOf(body["choices"])[0];
  if (!isFields(choice) || !isFields(choice["message"])) return undefined;
  const message = choice["message"];
  const refusal = textOf(message["refusal"]);
  const raw = textOf(choice["finish_reason"]);
  return {
    content: toContent(message, responsePrefix(body)),
    finishReason: finishReason(raw, refusal !== undefined && refusal !== ""),
    usage: fromChatUsage(body["usage"]),
    response: responseOf(body),
    ...chatMetadata(body, choice["logprobs"]),
  };
}

/** A refusal ends with `stop` on the wire. An answer without a reason was broken off. */
export function finishReason(raw: string | undefined, isRefused: boolean): LanguageModelV4FinishReason {
  if (isRefused) return { unified: "content-filter", raw };
  return raw === undefined ? { unified: "interrupted", raw } : fromChatFinishReason(raw);
}

export function responseOf(body: Fields): DecodedReply["response"] {
  const id = textOf(body["id"]);
  const modelId = textOf(body["model"]);
  const created = numberOf(body["created"]);
  return {
    ...(id === undefined ? {} : { id }),
    ...(modelId === undefined ? {} : { modelId }),
    ...(created === undefined ? {} : { timestamp: new Date(created * 1_000) }),
  };
}

/** Names tool calls of servers that name none: unique as far as the reply's own id is. */
export function responsePrefix(body: Fields): string {
  return textOf(body["id"]) ?? "call";
}

/** Servers call it by either name. */
export function reasoningOf(message: Fields): string {
  return textOf(message["reasoning_content"]) ?? textOf(message["reasoning"]) ?? "";
}

function toContent(message: Fields, prefix: string): ModelResult["content"] {
  const content: ModelResult["content"] = [];
  const reasoning = reasoningOf(message);
  if (reasoning !== "") content.push({ type: "reasoning", text: reasoning });
  const text = textOf(message["content"]) ?? "";
  if (text !== "") content.push({ type: "text", text });
  const refusal = textOf(message["refusal"]) ?? "";
  if (refusal !== "") content.push({ type: "text", text: refusal, ...REFUSAL });
  for (const [index, entry] of listOf(message["tool_calls"]).entries()) {
    const call = fieldsOf(entry);
    const called = fieldsOf(call["function"]);
    content.push({
      type: "tool-call",
      toolCallId: textOf(call["id"]) ?? `${prefix}-${index}`,
      toolName: textOf(called["name"]) ?? "",
      input: argumentsOf(called["arguments"]),
    });
  }
  return content;
}

/** Marks a text by which the model refused. */
export const REFUSAL = { providerMetadata: { openai: { refusal: true } } } as const;

/** Arguments are a text of JSON; some servers send the object itself, and none for a tool without parameters. */
export function argumentsOf(value: unknown): string {
  if (isFields(value)) return JSON.stringify(value);
  const text = textOf(value) ?? "";
  return text === "" ? "{}" : text;
}

export function chatMetadata(body: Fields, logprobs: unknown): Pick<DecodedReply, "providerMetadata"> {
  const serviceTier = textOf(body["service_tier"]);
  const systemFingerprint = textOf(body["system_fingerprint"]);
  const openai = {
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(systemFingerprint === undefined ? {} : { systemFingerprint }),
    ...(isFields(logprobs) ? { logprobs: logprobs as never } : {}),
  };
  return Object.keys(openai).length === 0 ? {} : { providerMetadata: { openai } };
}
