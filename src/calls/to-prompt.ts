import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { MillraceError } from "../core/errors.ts";
import type { CallOptions, Turn } from "./ai.ts";
import { estimateInput } from "./estimate.ts";
import type { Question } from "./pipeline.ts";

/**
 * Anthropic keeps the part of a prompt up to this mark for five minutes and takes a tenth of the price for it; the others do so by
 * themselves. What is too short for its cache it ignores.
 */
const CACHE_MARK = { anthropic: { cacheControl: { type: "ephemeral" } } } as const;

/**
 * Writes a question as messages, the stable part first: system (marked for the provider's prompt cache), history, prompt. Where it is longer than
 * `maxInputTokens` the oldest turns go, so many that what is left begins with the user; what cannot be made to fit is INPUT_INVALID.
 */
export function toPrompt(
  { system, history = [], prompt, maxInputTokens }: CallOptions,
  object: Question["object"],
): LanguageModelV4Prompt {
  const head: LanguageModelV4Message[] =
    system === undefined ? [] : [{ role: "system", content: system, providerOptions: CACHE_MARK }];
  const last = toMessage({ role: "user", text: prompt });
  for (let from = 0; ; from = nextStart(history, from)) {
    const messages = [...head, ...history.slice(from).map(toMessage), last];
    if (maxInputTokens === undefined) return messages;
    const tokens = estimateInput({ prompt: messages, ...(object === undefined ? {} : { object }) });
    if (tokens <= maxInputTokens) return messages;
    if (from >= history.length) throw tooLong(tokens, maxInputTokens);
  }
}

/** After the next turn of the assistant, so that the user begins. */
function nextStart(history: readonly Turn[], from: number): number {
  const next = history.findIndex(({ role }, index) => index > from && role === "user");
  return next === -1 ? history.length : next;
}

function toMessage({ role, text }: Turn): LanguageModelV4Message {
  return { role, content: [{ type: "text", text }] };
}

function tooLong(tokens: number, most: number): MillraceError {
  return new MillraceError("INPUT_INVALID", `The question has about ${tokens} tokens, maxInputTokens allows ${most}.`, {
    facts: { tokens, maxInputTokens: most },
    advice: "Shorten system, schema or prompt, or raise maxInputTokens.",
  });
}
