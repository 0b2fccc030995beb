import type { Json } from "millrace";

/** What the model says, before a lane puts it into its words. */
export interface Completion {
  readonly id: string;
  readonly choices: readonly Choice[];
  /** Of all choices, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export interface Choice {
  readonly reasoning: string;
  readonly text: string;
  /** The text, cut as a stream sends it. */
  readonly pieces: readonly string[];
  readonly calls: readonly ToolCall[];
  /** Tokens of text and calls. */
  readonly tokens: number;
  readonly reasoningTokens: number;
  readonly finish: Finish;
}

export type Finish =
  | { readonly reason: "stop" | "length" | "window" | "tool-calls" | "refusal" }
  | { readonly reason: "stop-sequence"; readonly sequence: string };

export interface ToolCall {
  /** Unique within the answer. */
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

/** Cuts a text into the pieces of a stream: about three words each. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/(?:\S+\s*|\s+){1,3}/g) ?? [];
}

/** A part of a stream, ready to be written, and how many tokens of the answer it carries. */
export interface Frame {
  readonly text: string;
  readonly tokens: number;
}
