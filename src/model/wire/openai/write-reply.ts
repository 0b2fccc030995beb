import type { ModelPart, ModelResult } from "../../model.ts";
import { toChatFinishReason } from "./finish-reason.ts";
import type { ChatChunk, ChatCompletion, ChatDelta, ChatToolCall } from "./types.ts";
import { toChatUsage } from "./usage.ts";

/** What a reply says of itself. */
export interface ChatReplyHead {
  /** `chatcmpl-…` */
  readonly id: string;
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Writes a whole answer. What chat completions have no place for (sources, files) is left out. */
export function writeChatCompletion(result: ModelResult, { id, model, at }: ChatReplyHead): ChatCompletion {
  let text = "";
  let refusal = "";
  let reasoning = "";
  const calls: ChatToolCall[] = [];
  for (const part of result.content) {
    if (part.type === "text" && isRefusal(part)) refusal += part.text;
    else if (part.type === "text") text += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
    else if (part.type === "tool-call") {
      calls.push({ id: part.toolCallId, type: "function", function: { name: part.toolName, arguments: part.input } });
    }
  }
  const usage = toChatUsage(result.usage);
  return {
    id,
    object: "chat.completion",
    created: Math.floor(at / 1_000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text === "" ? null : text,
          refusal: refusal === "" ? null : refusal,
          ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: refusal === "" ? toChatFinishReason(result.finishReason) : "stop",
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
}

function isRefusal({ providerMetadata }: { readonly providerMetadata?: ModelResult["providerMetadata"] }): boolean {
  return providerMetadata?.["openai"]?.["refusal"] === true;
}

/** Writes a stream as server-sent events: one call for each part, each giving the text to send. */
export class ChatStreamWriter {
  readonly #head: ChatReplyHead;
  readonly #wantsUsage: boolean;
  /** Ids of the tool calls so far; their places are their indexes. */
  readonly #calls: string[] = [];
  #isBegun = false;
  #isRefused = false;

  constructor(head: ChatReplyHead, { wantsUsage }: { readonly wantsUsage: boolean }) {
    this.#head = head;
    this.#wantsUsage = wantsUsage;
  }

  /** Gives the events of a part; an empty text where it has none. */
  write(part: ModelPart): string {
    const events = this.#events(part);
    if (events === "" || this.#isBegun || events.startsWith(":")) return events;
    this.#isBegun = true;
    return this.#delta({ role: "assistant", content: "", refusal: null }) + events;
  }

  #events(part: ModelPart): string {
    switch (part.type) {
      case "text-delta":
        if (!isRefusal(part)) return this.#delta({ content: part.delta });
        this.#isRefused = true;
        return this.#delta({ refusal: part.delta });
      case "reasoning-delta":
        return this.#delta({ reasoning_content: part.delta });
      case "tool-input-start":
        return this.#begin(part.id, part.toolName, "");
      case "tool-input-delta":
        return this.#delta({
          tool_calls: [{ index: this.#calls.indexOf(part.id), function: { arguments: part.delta } }],
        });
      case "tool-call":
        return this.#calls.includes(part.toolCallId) ? "" : this.#begin(part.toolCallId, part.toolName, part.input);
      case "finish":
        return this.#finish(part);
      case "ping":
        return ": ping\n\n";
      case "stream-start":
      case "response-metadata":
      case "text-start":
      case "text-end":
      case "reasoning-start":
      case "reasoning-end":
      case "tool-input-end":
      case "tool-result":
      case "tool-approval-request":
      case "reasoning-file":
      case "file":
      case "source":
      case "custom":
      case "raw":
      case "error":
        return "";
    }
  }

  #begin(id: string, name: string, input: string): string {
    const index = this.#calls.push(id) - 1;
    return this.#delta({ tool_calls: [{ index, id, type: "function", function: { name, arguments: input } }] });
  }

  #finish({ finishReason, usage }: Extract<ModelPart, { type: "finish" }>): string {
    const reason = this.#isRefused ? "stop" : toChatFinishReason(finishReason);
    const last = this.#event({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: reason }] });
    const told = this.#wantsUsage ? toChatUsage(usage) : undefined;
    const usageEvent = told === undefined ? "" : this.#event({ choices: [], usage: told });
    return `${last}${usageEvent}data: [DONE]\n\n`;
  }

  #delta(delta: ChatDelta): string {
    return this.#event({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] });
  }

  #event({ choices, usage }: Pick<ChatChunk, "choices" | "usage">): string {
    const { id, model, at } = this.#head;
    const chunk: ChatChunk = {
      id,
      object: "chat.completion.chunk",
      created: Math.floor(at / 1_000),
      model,
      choices,
      ...(this.#wantsUsage ? { usage: usage ?? null } : {}),
    };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}
