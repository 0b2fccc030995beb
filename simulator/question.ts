/** What is asked of a model, in either provider's words. */
export interface Question {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly Turn[];
  /** Most tokens of the answer, its reasoning included. */
  readonly maxTokens: number | undefined;
  readonly format: Format;
  /** Tools that the model may call of its own accord. */
  readonly tools: readonly Tool[];
  readonly hasParallelTools: boolean;
  readonly stop: readonly string[];
  /** How many answers are wanted: OpenAI's `n`. */
  readonly count: number;
  /** Most tokens of reasoning before the answer; 0 for none. */
  readonly reasoningTokens: number;
  readonly prompt: Prompt;
  readonly serviceTier: ServiceTier;
  /** How many tokens to show beside each one of the answer, with their probabilities; undefined for no probabilities. */
  readonly alternatives?: number | undefined;
  readonly isStreamed: boolean;
  /** Whether a stream of chat completions ends with the usage. */
  readonly wantsUsage: boolean;
}

export interface Turn {
  readonly role: "user" | "assistant" | "tool";
  readonly text: string;
}

export interface Tool {
  readonly name: string;
  readonly schema: unknown;
}

export type Format =
  | { readonly kind: "text" }
  /** Without a schema: any object. */
  | { readonly kind: "json"; readonly schema: unknown }
  /** A tool that must be called. */
  | ({ readonly kind: "tool" } & Tool);

export type ServiceTier = "standard" | "flex" | "priority" | "batch";

/** Everything that is counted as input, in the order in which a provider's prompt cache sees it. */
export interface Prompt {
  readonly blocks: readonly PromptBlock[];
  readonly caching:
    | { readonly kind: "breakpoints" }
    /** Automatic; questions of one `key` share their prefixes. */
    | { readonly kind: "prefix"; readonly key: string; readonly ttlMs: number };
}

export interface PromptBlock {
  readonly text: string;
  /** Set where the prompt may be cached up to and with this block. */
  readonly ttl: "5m" | "1h" | undefined;
}

/** A mistake in a request: the field, and what is wrong. */
export interface BadRequest {
  readonly field: string | null;
  readonly message: string;
  readonly code?: string;
}

export type Parsed = { readonly ok: true; readonly question: Question } | ({ readonly ok: false } & BadRequest);

/** A JSON object as it came in. */
export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; none where there is no list. */
export function objectsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Reads a message's content in any of its forms as text. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return objectsOf(content)
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .filter((text) => text !== "")
    .join("\n");
}
