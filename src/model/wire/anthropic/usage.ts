import type { JSONObject, LanguageModelV4Usage } from "@ai-sdk/provider";
import { type Fields, fieldsOf, numberOf } from "../fields.ts";
import type { MessagesUsage } from "./types.ts";

/** Reads usage: `input_tokens` is only what came after the last cache mark, so all of the input is the sum of three. */
export function fromMessagesUsage(usage: Fields): LanguageModelV4Usage {
  const fresh = numberOf(usage["input_tokens"]);
  const cacheRead = numberOf(usage["cache_read_input_tokens"]);
  const cacheWrite = numberOf(usage["cache_creation_input_tokens"]);
  const output = numberOf(usage["output_tokens"]);
  const reasoning = numberOf(fieldsOf(usage["output_tokens_details"])["thinking_tokens"]);
  return {
    inputTokens: {
      total: fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0),
      noCache: fresh,
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined || reasoning === undefined ? undefined : output - reasoning,
      reasoning,
    },
    raw: usage as JSONObject,
  };
}

/** Writes usage, with 0 for what is not known: every field is required. */
export function toMessagesUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): MessagesUsage {
  const { total = 0, cacheRead = 0, cacheWrite = 0 } = inputTokens;
  const { reasoning } = outputTokens;
  return {
    input_tokens: inputTokens.noCache ?? total - cacheRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: outputTokens.total ?? 0,
    ...(reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}
