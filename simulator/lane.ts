import type { Fault } from "./options.ts";

/** What is asked of a model, in either provider's words. */
export interface Question {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly maxTokens: number | undefined;
  readonly format: Format;
  readonly isStreamed: boolean;
  /** Whether a stream of OpenAI's lane ends with the usage. */
  readonly wantsUsage: boolean;
}

export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

export type Format =
  | { readonly kind: "text" }
  /** Without a schema: any object. */
  | { readonly kind: "json"; readonly schema: unknown }
  | { readonly kind: "tool"; readonly name: string; readonly schema: unknown };

/** What the model says, before a lane puts it into its words. */
export interface Completion {
  readonly id: string;
  readonly text: string;
  /** Set when `text` is the input of a tool. */
  readonly tool: string | undefined;
  readonly finish: "stop" | "length" | "refusal";
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** An error as a lane sends it. */
export interface ErrorReply {
  readonly status: number;
  readonly body: unknown;
}

/** A mistake in a request: the field and what is wrong. */
export interface BadRequest {
  readonly field: string | null;
  readonly message: string;
}

export type Parsed = { readonly ok: true; readonly question: Question } | ({ readonly ok: false } & BadRequest);

/** One provider's wire format. */
export interface Lane {
  readonly requestIdHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  parse(body: unknown, headers: Readonly<Record<string, string | string[] | undefined>>): Parsed;
  reply(question: Question, completion: Completion, createdAt: number): unknown;
  /** Whole frames, ready to be written. */
  stream(question: Question, completion: Completion, createdAt: number): readonly string[];
  badRequest(mistake: BadRequest, requestId: string): ErrorReply;
  notFound(method: string, path: string, requestId: string): ErrorReply;
  unauthorized(hasKey: boolean, requestId: string): ErrorReply;
  tooLarge(requestId: string): ErrorReply;
  fault(
    fault: Extract<Fault, "rate-limit" | "rate-limit-bare" | "server-error" | "overloaded" | "unauthorized" | "quota">,
    requestId: string,
  ): ErrorReply;
}

/** Cuts a text into the pieces of a stream: about three words each. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/(?:\S+\s*|\s+){1,3}/g) ?? [];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a message's content in any of its forms as text. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .filter((text) => text !== "")
    .join("\n");
}
