import type { LanguageModelV4Message } from "@ai-sdk/provider";
import type { ModelCall } from "../model/model.ts";
import type { ModelRef } from "./models.ts";

/**
 * Fits a call that was written for one provider's API to a model of another: settings that its API has no field for, and the other's own
 * blocks, are left out, as a client that can ask any model would. What changes the answer's shape stays and is refused where it cannot be met.
 */
export function fitCall(call: ModelCall, kind: ModelRef["kind"]): ModelCall {
  if (kind === "anthropic") return forMessages(call);
  return kind === "ai-sdk" ? call : forChat(call, kind);
}

function forMessages(call: ModelCall): ModelCall {
  const openai = call.providerOptions?.["openai"];
  const isForeign =
    openai !== undefined ||
    call.seed !== undefined ||
    call.frequencyPenalty !== undefined ||
    call.presencePenalty !== undefined ||
    call.responseFormat?.type === "json";
  if (!isForeign) return call;
  const { seed: _seed, frequencyPenalty: _f, presencePenalty: _p, responseFormat, ...rest } = call;
  const anthropic = {
    ...call.providerOptions?.["anthropic"],
    ...(openai?.["parallelToolCalls"] === false ? { disableParallelToolUse: true } : {}),
  };
  // Messages give JSON only by a schema; without one the prompt asks for it, as OpenAI demands.
  const isFree = responseFormat?.type === "json" && responseFormat.schema === undefined;
  return {
    ...rest,
    ...(responseFormat === undefined || isFree ? {} : { responseFormat }),
    providerOptions: { ...call.providerOptions, anthropic },
  };
}

function forChat(call: ModelCall, kind: "openai" | "openai-compatible"): ModelCall {
  const anthropic = call.providerOptions?.["anthropic"];
  if (anthropic === undefined && call.topK === undefined && !call.prompt.some(hasOwnBlocks)) return call;
  const { topK, ...rest } = call;
  const openai = {
    ...call.providerOptions?.["openai"],
    ...(anthropic?.["disableParallelToolUse"] === true ? { parallelToolCalls: false } : {}),
  };
  return {
    ...rest,
    ...(topK === undefined || kind === "openai" ? {} : { topK }),
    prompt: call.prompt.map(withoutOwnBlocks),
    providerOptions: { ...call.providerOptions, openai },
  };
}

function hasOwnBlocks(message: LanguageModelV4Message): boolean {
  return message.role === "assistant" && message.content.some(({ type }) => type === "custom");
}

function withoutOwnBlocks(message: LanguageModelV4Message): LanguageModelV4Message {
  if (message.role !== "assistant" || !hasOwnBlocks(message)) return message;
  return { ...message, content: message.content.filter(({ type }) => type !== "custom") };
}
