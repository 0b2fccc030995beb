import type { JSONObject, LanguageModelV4Usage } from "@ai-sdk/provider";
import { fieldsOf, isFields, numberOf } from "../fields.ts";
import type { ChatUsage } from "./types.ts";

/** Nothing is known of what was used. */
export const UNKNOWN_USAGE: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** Reads usage: cached tokens are a part of `prompt_tokens`, reasoning is one of `completion_tokens`. */
export function fromChatUsage(usage: unknown): LanguageModelV4Usage {
  if (!isFields(usage)) return UNKNOWN_USAGE;
  const prompt = fieldsOf(usage["prompt_tokens_details"]);
  const input = numberOf(usage["prompt_tokens"]);
  const output = numberOf(usage["completion_tokens"]);
  const cacheRead = numberOf(prompt["cached_tokens"]);
  const cacheWrite = numberOf(prompt["cache_write_tokens"]);
  const reasoning = numberOf(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - (cacheRead ?? 0) - (cacheWrite ?? 0),
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : output - (reasoning ?? 0),
      reasoning,
    },
    raw: usage as JSONObject,
  };
}

/** Writes usage; undefined where the sums are not known. */
export function toChatUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): ChatUsage | undefined {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined;
  const { cacheWrite } = inputTokens;
  return {
    prompt_tokens: inputTokens.total,
    completion_tokens: outputTokens.total,
    total_tokens: inputTokens.total + outputTokens.total,
    prompt_tokens_details: {
      cached_tokens: inputTokens.cacheRead ?? 0,
      ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: outputTokens.reasoning ?? 0 },
  };
}
