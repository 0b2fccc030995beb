import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { ModelPart } from "../../model.ts";
import type { StreamDecoder } from "../codec.ts";
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from "../fields.ts";
import {
  argumentsOf,
  chatMetadata,
  finishReason,
  reasoningOf,
  REFUSAL,
  responseOf,
  responsePrefix,
} from "./decode-reply.ts";
import { fromChatUsage, UNKNOWN_USAGE } from "./usage.ts";

interface OpenCall {
  readonly id: string;
  name: string;
  input: string;
  isBegun: boolean;
}

/** What is being said: only one of them at a time. */
type Open = "nothing" | "text" | "reasoning";

/** Reads chunks of a completion. Complete is what gave a `finish_reason`; `[DONE]` is not waited for, usage is while it may come. */
export class ChatStreamDecoder implements StreamDecoder {
  usage: LanguageModelV4Usage = UNKNOWN_USAGE;
  isDone = false;
  #open: Open = "nothing";
  #openId = "";
  #opened = 0;
  #reason: string | undefined;
  #isRefused = false;
  #first: Fields | undefined;
  readonly #calls = new Map<number, OpenCall>();

  get isAnswered(): boolean {
    return this.#reason !== undefined;
  }

  push(event: unknown, parts: ModelPart[]): void {
    if (!isFields(event)) return;
    if (this.#first === undefined) {
      this.#first = event;
      parts.push({ type: "response-metadata", ...responseOf(event) });
    }
    if (isFields(event["usage"])) {
      this.usage = fromChatUsage(event["usage"]);
      this.isDone = this.isAnswered;
    }
    const choice = listOf(event["choices"])[0];
    if (!isFields(choice) || (choice["index"] ?? 0) !== 0) return;
    if (isFields(choice["delta"])) this.#delta(choice["delta"], parts);
    const reason = textOf(choice["finish_reason"]);
    if (reason !== undefined) this.#reason = reason;
  }

  finish(parts: ModelPart[]): void {
    this.#close(parts);
    for (const call of this.#calls.values()) {
      this.#begin(call, parts);
      parts.push({ type: "tool-input-end", id: call.id });
      parts.push({ type: "tool-call", toolCallId: call.id, toolName: call.name, input: argumentsOf(call.input) });
    }
    this.#calls.clear();
    parts.push({
      type: "finish",
      finishReason: finishReason(this.#reason, this.#isRefused),
      usage: this.usage,
      ...chatMetadata(this.#first ?? {}, undefined),
    });
  }

  #delta(delta: Fields, parts: ModelPart[]): void {
    const text = textOf(delta["content"]) ?? "";
    if (text !== "") {
      this.#enter("text", parts);
      parts.push({ type: "text-delta", id: this.#openId, delta: text });
    }
    const reasoning = reasoningOf(delta);
    if (reasoning !== "") {
      this.#enter("reasoning", parts);
      parts.push({ type: "reasoning-delta", id: this.#openId, delta: reasoning });
    }
    const refusal = textOf(delta["refusal"]) ?? "";
    if (refusal !== "") {
      this.#isRefused = true;
      this.#enter("text", parts);
      parts.push({ type: "text-delta", id: this.#openId, delta: refusal, ...REFUSAL });
    }
    const calls = delta["tool_calls"];
    if (calls !== undefined) for (const call of listOf(calls)) this.#call(fieldsOf(call), parts);
  }

  #call(piece: Fields, parts: ModelPart[]): void {
    this.#close(parts);
    const named = textOf(piece["id"]);
    const index =
      numberOf(piece["index"]) ?? (named === undefined ? Math.max(0, this.#calls.size - 1) : this.#calls.size);
    const called = fieldsOf(piece["function"]);
    let call = this.#calls.get(index);
    if (call === undefined) {
      const id = named ?? `${responsePrefix(this.#first ?? {})}-${index}`;
      call = { id, name: "", input: "", isBegun: false };
      this.#calls.set(index, call);
    }
    call.name ||= textOf(called["name"]) ?? "";
    if (call.name !== "") this.#begin(call, parts);
    const value = called["arguments"];
    const delta = isFields(value) ? JSON.stringify(value) : (textOf(value) ?? "");
    if (delta === "") return;
    call.input += delta;
    parts.push({ type: "tool-input-delta", id: call.id, delta });
  }

  #begin(call: OpenCall, parts: ModelPart[]): void {
    if (call.isBegun) return;
    call.isBegun = true;
    parts.push({ type: "tool-input-start", id: call.id, toolName: call.name });
  }

  #enter(what: "text" | "reasoning", parts: ModelPart[]): void {
    if (this.#open === what) return;
    this.#close(parts);
    this.#open = what;
    this.#openId = String(this.#opened++);
    parts.push({ type: `${what}-start`, id: this.#openId });
  }

  #close(parts: ModelPart[]): void {
    if (this.#open === "nothing") return;
    parts.push({ type: `${this.#open}-end`, id: this.#openId });
    this.#open = "nothing";
  }
}
