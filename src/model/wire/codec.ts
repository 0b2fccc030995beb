import type { SharedV4Warning } from "@ai-sdk/provider";
import type { ModelCall, ModelPart, ModelResult } from "../model.ts";

/** A whole reply, read. What is missing is known only to who sent the request. */
export type DecodedReply = Pick<ModelResult, "content" | "finishReason" | "usage" | "providerMetadata"> & {
  readonly response: Pick<NonNullable<ModelResult["response"]>, "id" | "modelId" | "timestamp">;
};

/** Reads the events of one stream, each parsed from JSON, into parts of the specification. */
export interface StreamDecoder {
  /** Appends to `parts` what the event says. An event of a shape that is not known says nothing. */
  push(event: unknown, parts: ModelPart[]): void;
  /** Whether the completion signal was seen: only then the answer is whole. */
  readonly isAnswered: boolean;
  /** Whether nothing that matters can follow. */
  readonly isDone: boolean;
  /** What was used, as far as it was told. */
  readonly usage: ModelResult["usage"];
  /** Appends the ends of what is still open, and `finish`. */
  finish(parts: ModelPart[]): void;
}

/** A request in wire form, and how to read what comes back. */
export interface EncodedCall {
  /** JSON. */
  readonly body: string;
  /** Besides those that every request of the provider carries. */
  readonly headers: Readonly<Record<string, string>>;
  readonly warnings: SharedV4Warning[];
  /** Reads a whole reply, parsed from JSON; undefined when it is none. */
  readonly decodeReply: (reply: unknown) => DecodedReply | undefined;
  readonly openStream: () => StreamDecoder;
}

/** A wire format: writes calls and reads replies. */
export interface Codec {
  /** Goes after the base URL. */
  readonly path: string;
  /** Throws INPUT_INVALID for an option that the format cannot carry. */
  encode(call: ModelCall, isStreamed: boolean): EncodedCall;
}
