import type { ModelPart, ModelResult } from "../../model.ts";
import { fieldsOf, isFields, parseJson, textOf } from "../fields.ts";
import { toStopReason } from "./stop-reason.ts";
import type { MessageReply, MessagesUsage } from "./types.ts";
import { toMessagesUsage } from "./usage.ts";

/** What a reply says of itself. */
export interface MessageReplyHead {
  /** `msg_…` */
  readonly id: string;
  readonly model: string;
}

type Content = ModelResult["content"][number];
type Block = Readonly<Record<string, unknown>>;

/** Writes a whole answer. What Messages have no place for (sources, files) is left out. */
export function writeMessage(result: ModelResult, { id, model }: MessageReplyHead): MessageReply {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: result.content.flatMap((part) => toBlock(part) ?? []),
    stop_reason: toStopReason(result.finishReason),
    stop_sequence: stopSequenceOf(result),
    usage: toMessagesUsage(result.usage),
  };
}

function stopSequenceOf({
  providerMetadata,
}: {
  readonly providerMetadata?: ModelResult["providerMetadata"];
}): string | null {
  return textOf(providerMetadata?.["anthropic"]?.["stopSequence"]) ?? null;
}

function toBlock(part: Content): Block | undefined {
  const { signature, redactedData, block } = fieldsOf(part.providerMetadata?.["anthropic"]);
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "reasoning":
      return typeof redactedData === "string"
        ? { type: "redacted_thinking", data: redactedData }
        : { type: "thinking", thinking: part.text, signature: textOf(signature) ?? "" };
    case "tool-call":
      return { type: "tool_use", id: part.toolCallId, name: part.toolName, input: parseJson(part.input) ?? {} };
    case "custom":
      return isFields(block) ? block : undefined;
    case "tool-result":
    case "tool-approval-request":
    case "file":
    case "reasoning-file":
    case "source":
      return undefined;
  }
}

interface OpenBlock {
  /** Events that wait until the blocks before it have ended. */
  events: string;
  hasEnded: boolean;
  readonly index: number;
}

/**
 * Writes a stream as server-sent events: one call for each part, each giving the text to send. Blocks come one after another; parts
 * of one that begins while another is open wait for its end.
 */
export class MessageStreamWriter {
  readonly #head: MessageReplyHead;
  /** By id of the part, in the order of their beginning; the first is the one that is being sent. */
  readonly #open = new Map<string, OpenBlock>();
  /** Ids of tool calls whose input was streamed. */
  readonly #streamed = new Set<string>();
  #blocks = 0;
  #isBegun = false;

  constructor(head: MessageReplyHead) {
    this.#head = head;
  }

  /** Gives the events of a part; an empty text where it has none, or none yet. */
  write(part: ModelPart): string {
    const events = this.#events(part);
    if (this.#isBegun || (events === "" && this.#open.size === 0)) return events;
    this.#isBegun = true;
    return this.#start() + events;
  }

  #start(): string {
    const usage: MessagesUsage = {
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    };
    const { id, model } = this.#head;
    const message = {
      id,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    return toEvent("message_start", { message });
  }

  #events(part: ModelPart): string {
    switch (part.type) {
      case "text-start":
        return this.#begin(part.id, { type: "text", text: "" });
      case "text-delta":
        return this.#delta(part.id, { type: "text_delta", text: part.delta });
      case "text-end":
        return this.#end(part.id);
      case "reasoning-start": {
        const redacted = part.providerMetadata?.["anthropic"]?.["redactedData"];
        const thinking = { type: "thinking", thinking: "", signature: "" };
        return this.#begin(
          part.id,
          typeof redacted === "string" ? { type: "redacted_thinking", data: redacted } : thinking,
        );
      }
      case "reasoning-delta":
        return this.#delta(part.id, { type: "thinking_delta", thinking: part.delta });
      case "reasoning-end": {
        const signature = part.providerMetadata?.["anthropic"]?.["signature"];
        const signed =
          typeof signature === "string" ? this.#delta(part.id, { type: "signature_delta", signature }) : "";
        return signed + this.#end(part.id);
      }
      case "tool-input-start":
        this.#streamed.add(part.id);
        return this.#begin(part.id, { type: "tool_use", id: part.id, name: part.toolName, input: {} });
      case "tool-input-delta":
        return this.#delta(part.id, { type: "input_json_delta", partial_json: part.delta });
      case "tool-input-end":
        return this.#end(part.id);
      case "tool-call":
        return this.#streamed.has(part.toolCallId) ? "" : this.#wholeCall(part);
      case "custom": {
        const block = toBlock(part);
        const id = `custom-${this.#blocks}`;
        return block === undefined ? "" : this.#begin(id, block) + this.#end(id);
      }
      case "ping":
        return toEvent("ping", {});
      case "finish":
        return this.#finish(part);
      case "stream-start":
      case "response-metadata":
      case "tool-result":
      case "tool-approval-request":
      case "reasoning-file":
      case "file":
      case "source":
      case "raw":
      case "error":
        return "";
    }
  }

  #wholeCall({ toolCallId: id, toolName: name, input }: Extract<ModelPart, { type: "tool-call" }>): string {
    return (
      this.#begin(id, { type: "tool_use", id, name, input: {} }) +
      this.#delta(id, { type: "input_json_delta", partial_json: input }) +
      this.#end(id)
    );
  }

  #begin(id: string, content_block: Block): string {
    const index = this.#blocks++;
    this.#open.set(id, { events: "", hasEnded: false, index });
    return this.#send(id, toEvent("content_block_start", { index, content_block }));
  }

  #delta(id: string, delta: Block): string {
    const index = this.#open.get(id)?.index;
    return index === undefined ? "" : this.#send(id, toEvent("content_block_delta", { index, delta }));
  }

  #end(id: string): string {
    const open = this.#open.get(id);
    if (open === undefined) return "";
    let events = this.#send(id, toEvent("content_block_stop", { index: open.index }));
    open.hasEnded = true;
    // What waited for this end goes out: all of the blocks that have ended, and what there is of the next.
    for (let [firstId, first] = this.#first(); first?.hasEnded === true; [firstId, first] = this.#first()) {
      this.#open.delete(firstId);
      const [, next] = this.#first();
      if (next === undefined) break;
      events += next.events;
      next.events = "";
    }
    return events;
  }

  #send(id: string, event: string): string {
    const [firstId] = this.#first();
    if (firstId === id) return event;
    const open = this.#open.get(id);
    if (open !== undefined) open.events += event;
    return "";
  }

  #first(): [string, OpenBlock | undefined] {
    return this.#open.entries().next().value ?? ["", undefined];
  }

  #finish(part: Extract<ModelPart, { type: "finish" }>): string {
    let events = "";
    for (const id of this.#open.keys()) events += this.#end(id);
    const delta = { stop_reason: toStopReason(part.finishReason), stop_sequence: stopSequenceOf(part) };
    return (
      events + toEvent("message_delta", { delta, usage: toMessagesUsage(part.usage) }) + toEvent("message_stop", {})
    );
  }
}

function toEvent(type: string, fields: Block): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
