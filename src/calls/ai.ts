import type { Source } from "../core/events.ts";
import type { Schema } from "../core/schema.ts";

/** Tokens of a call, summed over its requests; null where the provider did not say. */
export interface CallUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** An answer and where it came from. It is JSON, so a step may return it. */
export interface Answer<T> {
  readonly value: T;
  readonly source: Source;
  /** `provider/model` that answered, or `rules`. */
  readonly model: string;
  readonly usage: CallUsage;
  /** Price in US dollars; null when the model's price is not known, 0 when nothing was paid. */
  readonly usd: number | null;
  readonly ms: number;
  /** Requests that went to a provider for it, repairs and failures included. */
  readonly requests: number;
  /** Why this is not the answer that was asked for (source fallback, stale or rules); null otherwise. */
  readonly degraded: string | null;
}

export interface CallOptions {
  /** An alias from the configuration (`fast`, `smart`) or `provider/model`. Default: the alias `fast`. */
  readonly model?: string;
  readonly system?: string;
  readonly prompt: string;
  /** Longest answer, in tokens. Default 1 024. */
  readonly maxOutputTokens?: number;
  /** Longest time for the whole call, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface TextOptions extends CallOptions {
  /** Writes an answer without a model: used, and marked `rules`, when none is configured or none could answer. */
  readonly rules?: () => string;
}

export interface ObjectOptions<T> extends CallOptions {
  /** Any Standard Schema that can also give its JSON Schema (Zod 4 can). */
  readonly schema: Schema<T>;
  /** Names the object for the model: letters, digits, dashes and underscores, at most 64. Default `answer`. */
  readonly name?: string;
  readonly rules?: () => T;
}

/** Asks language models. */
export interface Ai {
  /** Throws PROVIDER_MISSING, MODEL_UNKNOWN or CALL_FAILED when there is no answer and no `rules`. */
  text(options: TextOptions): Promise<Answer<string>>;
  /** The answer fits the schema: one that does not is sent back once for repair. Throws as `text` does. */
  object<T>(options: ObjectOptions<T>): Promise<Answer<T>>;
}
