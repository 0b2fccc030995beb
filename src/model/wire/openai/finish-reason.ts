import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { ChatFinishReason } from "./types.ts";

const UNIFIED: Readonly<Record<string, LanguageModelV4FinishReason["unified"]>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
};

export function fromChatFinishReason(raw: string): LanguageModelV4FinishReason {
  return { unified: UNIFIED[raw] ?? "other", raw };
}

/** A reader of chat completions knows four reasons; what is none of them ended without one of its own. */
export function toChatFinishReason({ unified }: LanguageModelV4FinishReason): ChatFinishReason {
  switch (unified) {
    case "length":
      return "length";
    case "tool-calls":
      return "tool_calls";
    case "content-filter":
      return "content_filter";
    case "stop":
    case "other":
    case "error":
    case "interrupted":
      return "stop";
  }
}
