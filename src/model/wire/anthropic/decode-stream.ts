import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { ModelPart } from "../../model.ts";
import type { StreamDecoder } from "../codec.ts";
import { type Fields, fieldsOf, isFields, numberOf, parseJson, textOf } from "../fields.ts";
import { anthropicMetadata, customBlock, messageMetadata, messageResponse, signatureOf } from "./decode-reply.ts";
import { ANSWER_TOOL } from "./encode-request.ts";
import { fromStopReason } from "./stop-reason.ts";
import { fromMessagesUsage } from "./usage.ts";

/** A content block whose end has not come. */
type Open =
  | { readonly kind: "text"; readonly id: string; readonly citations: unknown[] }
  | { readonly kind: "reasoning"; readonly id: string; signature: string }
  | { readonly kind: "redacted"; readonly id: string }
  | { readonly kind: "tool"; readonly id: string; readonly name: string; input: string }
  | { readonly kind: "answer"; readonly id: string }
  | { readonly kind: "custom"; readonly block: Fields; input: string };

/** Reads the events of a message. Complete is what ended with `message_stop`; usage is cumulative. */
export class MessageStreamDecoder implements StreamDecoder {
  isAnswered = false;
  readonly #answersByTool: boolean;
  readonly #open = new Map<number, Open>();
  #usage: Fields = {};
  #end: Fields = {};

  constructor(answersByTool: boolean) {
    this.#answersByTool = answersByTool;
  }

  get isDone(): boolean {
    return this.isAnswered;
  }

  get usage(): LanguageModelV4Usage {
    return fromMessagesUsage(this.#usage);
  }

  push(event: unknown, parts: ModelPart[]): void {
    if (!isFields(event)) return;
    switch (event["type"]) {
      case "content_block_delta":
        this.#delta(numberOf(event["index"]) ?? 0, fieldsOf(event["delta"]), parts);
        break;
      case "content_block_start":
        this.#start(numberOf(event["index"]) ?? 0, fieldsOf(event["content_block"]), parts);
        break;
      case "content_block_stop":
        this.#stop(numberOf(event["index"]) ?? 0, parts);
        break;
      case "message_start": {
        const message = fieldsOf(event["message"]);
        this.#usage = fieldsOf(message["usage"]);
        parts.push({ type: "response-metadata", ...messageResponse(message) });
        break;
      }
      case "message_delta":
        this.#end = { ...this.#end, ...fieldsOf(event["delta"]) };
        this.#usage = { ...this.#usage, ...told(fieldsOf(event["usage"])) };
        break;
      case "message_stop":
        this.isAnswered = true;
        break;
      case "ping":
        parts.push({ type: "ping" });
        break;
      default:
        break;
    }
  }

  finish(parts: ModelPart[]): void {
    for (const index of this.#open.keys()) this.#stop(index, parts);
    parts.push({
      type: "finish",
      finishReason: fromStopReason(textOf(this.#end["stop_reason"]), this.#answersByTool),
      usage: this.usage,
      ...messageMetadata(this.#end, this.#usage),
    });
  }

  #start(index: number, block: Fields, parts: ModelPart[]): void {
    const id = String(index);
    switch (block["type"]) {
      case "text":
        this.#open.set(index, { kind: "text", id, citations: [] });
        parts.push({ type: "text-start", id });
        if (typeof block["text"] === "string" && block["text"] !== "") {
          parts.push({ type: "text-delta", id, delta: block["text"] });
        }
        break;
      case "thinking":
        this.#open.set(index, { kind: "reasoning", id, signature: textOf(block["signature"]) ?? "" });
        parts.push({ type: "reasoning-start", id });
        break;
      case "redacted_thinking": {
        const metadata = anthropicMetadata({ redactedData: textOf(block["data"]) ?? "" });
        this.#open.set(index, { kind: "redacted", id });
        parts.push({ type: "reasoning-start", id, ...metadata }, { type: "reasoning-end", id, ...metadata });
        break;
      }
      case "tool_use":
        this.#startTool(index, block, parts);
        break;
      default:
        this.#open.set(index, { kind: "custom", block, input: "" });
    }
  }

  #startTool(index: number, block: Fields, parts: ModelPart[]): void {
    const name = textOf(block["name"]) ?? "";
    if (this.#answersByTool && name === ANSWER_TOOL) {
      this.#open.set(index, { kind: "answer", id: String(index) });
      parts.push({ type: "text-start", id: String(index) });
      return;
    }
    const id = textOf(block["id"]) ?? String(index);
    const given = fieldsOf(block["input"]);
    // The input comes in pieces; some servers give it whole at once.
    const input = Object.keys(given).length === 0 ? "" : JSON.stringify(given);
    this.#open.set(index, { kind: "tool", id, name, input });
    parts.push({ type: "tool-input-start", id, toolName: name });
    if (input !== "") parts.push({ type: "tool-input-delta", id, delta: input });
  }

  #delta(index: number, delta: Fields, parts: ModelPart[]): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    switch (delta["type"]) {
      case "text_delta":
        if (open.kind === "text") parts.push({ type: "text-delta", id: open.id, delta: textOf(delta["text"]) ?? "" });
        break;
      case "thinking_delta":
        if (open.kind === "reasoning") {
          parts.push({ type: "reasoning-delta", id: open.id, delta: textOf(delta["thinking"]) ?? "" });
        }
        break;
      case "signature_delta":
        if (open.kind === "reasoning") open.signature += textOf(delta["signature"]) ?? "";
        break;
      case "input_json_delta":
        this.#input(open, textOf(delta["partial_json"]) ?? "", parts);
        break;
      case "citations_delta":
        if (open.kind === "text") open.citations.push(delta["citation"]);
        break;
      default:
        break;
    }
  }

  #input(open: Open, delta: string, parts: ModelPart[]): void {
    if (delta === "") return;
    if (open.kind === "answer") parts.push({ type: "text-delta", id: open.id, delta });
    if (open.kind === "custom") open.input += delta;
    if (open.kind !== "tool") return;
    open.input += delta;
    parts.push({ type: "tool-input-delta", id: open.id, delta });
  }

  #stop(index: number, parts: ModelPart[]): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    switch (open?.kind) {
      case "text": {
        const { citations } = open;
        parts.push({
          type: "text-end",
          id: open.id,
          ...(citations.length > 0 ? anthropicMetadata({ citations }) : {}),
        });
        break;
      }
      case "reasoning":
        parts.push({ type: "reasoning-end", id: open.id, ...signatureOf(open.signature) });
        break;
      case "answer":
        parts.push({ type: "text-end", id: open.id });
        break;
      case "tool": {
        const { id, name, input } = open;
        parts.push({ type: "tool-input-end", id });
        parts.push({ type: "tool-call", toolCallId: id, toolName: name, input: input === "" ? "{}" : input });
        break;
      }
      case "custom": {
        const block = open.input === "" ? open.block : { ...open.block, input: parseJson(open.input) ?? {} };
        parts.push(customBlock(block));
        break;
      }
      case "redacted":
      case undefined:
        break;
    }
  }
}

/** Fields that say something: later events repeat some as null. */
function told(usage: Fields): Fields {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
