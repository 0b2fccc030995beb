import type { SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { ModelResult } from "../../model.ts";
import type { DecodedReply } from "../codec.ts";
import { type Fields, fieldsOf, isFields, textOf } from "../fields.ts";
import { ANSWER_TOOL } from "./encode-request.ts";
import { fromStopReason } from "./stop-reason.ts";
import { fromMessagesUsage } from "./usage.ts";

type Content = ModelResult["content"][number];

/** Reads a message; undefined when it is none. */
export function decodeMessage(reply: unknown, answersByTool: boolean): DecodedReply | undefined {
  const body = fieldsOf(reply);
  if (!Array.isArray(body["content"])) return undefined;
  const content: Content[] = [];
  for (const block of body["content"]) if (isFields(block)) content.push(toContent(block, answersByTool));
  const usage = fieldsOf(body["usage"]);
  return {
    content,
    finishReason: fromStopReason(textOf(body["stop_reason"]), answersByTool),
    usage: fromMessagesUsage(usage),
    response: messageResponse(body),
    ...messageMetadata(body, usage),
  };
}

export function messageResponse(message: Fields): DecodedReply["response"] {
  const id = textOf(message["id"]);
  const modelId = textOf(message["model"]);
  return { ...(id === undefined ? {} : { id }), ...(modelId === undefined ? {} : { modelId }) };
}

/** What is told beside the answer: which stop sequence ended it, why it was refused, what it is charged as. */
export function messageMetadata(end: Fields, usage: Fields): { providerMetadata?: SharedV4ProviderMetadata } {
  const anthropic: Record<string, unknown> = {};
  keep(anthropic, "stopSequence", end["stop_sequence"]);
  keep(anthropic, "stopDetails", end["stop_details"]);
  keep(anthropic, "container", end["container"]);
  keep(anthropic, "serviceTier", usage["service_tier"]);
  return Object.keys(anthropic).length === 0 ? {} : { providerMetadata: { anthropic: anthropic as never } };
}

function keep(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined && value !== null) fields[name] = value;
}

function toContent(block: Fields, answersByTool: boolean): Content {
  switch (block["type"]) {
    case "text": {
      const { citations } = block;
      const metadata = Array.isArray(citations) && citations.length > 0 ? anthropicMetadata({ citations }) : {};
      return { type: "text", text: textOf(block["text"]) ?? "", ...metadata };
    }
    case "thinking":
      return { type: "reasoning", text: textOf(block["thinking"]) ?? "", ...signatureOf(block["signature"]) };
    case "redacted_thinking":
      return { type: "reasoning", text: "", ...anthropicMetadata({ redactedData: textOf(block["data"]) ?? "" }) };
    case "tool_use": {
      const input = JSON.stringify(block["input"] ?? {});
      const toolName = textOf(block["name"]) ?? "";
      if (answersByTool && toolName === ANSWER_TOOL) return { type: "text", text: input };
      return { type: "tool-call", toolCallId: textOf(block["id"]) ?? "", toolName, input };
    }
    default:
      return customBlock(block);
  }
}

/** A block of the provider's own tools, kept as it is: it can go back the same way. */
export function customBlock(block: Fields): Extract<Content, { type: "custom" }> {
  return { type: "custom", kind: `anthropic.${textOf(block["type"]) ?? "block"}`, ...anthropicMetadata({ block }) };
}

export function signatureOf(signature: unknown): { providerMetadata?: SharedV4ProviderMetadata } {
  return typeof signature === "string" && signature !== "" ? anthropicMetadata({ signature }) : {};
}

export function anthropicMetadata(fields: Fields): { providerMetadata: SharedV4ProviderMetadata } {
  return { providerMetadata: { anthropic: fields as never } };
}
