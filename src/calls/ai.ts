import type { Duration } from "../core/duration.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { Source } from "../core/events.ts";
import type { Schema } from "../core/schema.ts";

/** Tokens of a call, summed over its requests. */
export interface CallUsage {
  /** All of the input, the prompt cache's part included; null where the provider did not say. */
  readonly inputTokens: number | null;
  /** All of the output, what was only thought included; null where the provider did not say. */
  readonly outputTokens: number | null;
  /** Part of the input that the provider's prompt cache gave; 0 where the provider did not say. */
  readonly cacheReadTokens: number;
  /** Part of the input that was written to that cache. */
  readonly cacheWriteTokens: number;
  /** Part of the output that was thought and not said. */
  readonly reasoningTokens: number;
}

/** The question, in other words, that an answer was given for. */
export interface SimilarQuestion {
  /** Names the reuse, for whoever finds that it was wrong. */
  readonly id: string;
  readonly question: string;
  /** Cosine of the two questions, 1 for the same words. */
  readonly similarity: number;
}

/** An answer and where it came from. It is JSON, so a step may return it. */
export interface Answer<T> {
  readonly value: T;
  readonly source: Source;
  /** `provider/model` that answered, or `rules`. */
  readonly model: string;
  /** What was used now: nothing when the answer was there already, or when another call paid for it. */
  readonly usage: CallUsage;
  /** Price in US dollars of what was used now; null when the model's price is not known, 0 when nothing was paid. */
  readonly usd: number | null;
  /** What the answer cost when it was made, for one that was not paid for now; null when that is not known, 0 for a fresh one. */
  readonly savedUsd: number | null;
  readonly ms: number;
  /** Requests that this call sent to a provider, repairs and failures included. */
  readonly requests: number;
  /** Since the answer was made, in milliseconds; null for a fresh one. */
  readonly ageMs: number | null;
  /** Set for an answer to a similar question, null otherwise. */
  readonly similar: SimilarQuestion | null;
  /** Why this is not the answer that was asked for (source fallback, stale or rules); null otherwise. */
  readonly degraded: string | null;
}

/** How an answer is kept. What is left out is as in the policy. */
export interface AnswerCaching {
  /** Name of a cache policy. Default `answers`: fresh for a day, a week longer when no provider answers. */
  readonly policy?: string;
  /** How long it is fresh. */
  readonly ttl?: Duration;
  /** How long past that it is given when no provider answers. */
  readonly staleIfError?: Duration;
  /** How long past that it is given at once while a fresh one is being made. */
  readonly staleWhileRevalidate?: Duration;
}

/** What may be reused for a question in other words. */
export interface SimilarReuse {
  /** Only questions of one namespace are compared; thresholds are set per namespace. Default `calls`. */
  readonly namespace?: string;
  /** Default: that of the namespace, else of the embedder. */
  readonly mode?: "strict" | "balanced" | "exact-terms";
  /** From 0 to 1; can only raise that of the namespace. 1: the same words only. */
  readonly threshold?: number;
  /** What a template was filled with: it must be equal, to the letter. */
  readonly variables?: unknown;
  /** Whose question it is: answers are reused for this user alone. Default: for everybody of the tenant, if nothing in it is personal. */
  readonly user?: string;
  /**
   * Says whether two answers mean the same. A share of the reused answers (`sampleRate`, default 2 %) is checked against a fresh one:
   * equal ones confirm the reuse, for others this decides. Without it they are left undecided.
   */
  readonly verify?: (pair: { readonly served: string; readonly fresh: string }) => boolean | Promise<boolean>;
}

export interface CallOptions {
  /** An alias from the configuration (`fast`, `smart`) or `provider/model`. Default: the alias `fast`. */
  readonly model?: string;
  readonly system?: string;
  readonly prompt: string;
  /** What was said before, oldest first. */
  readonly history?: readonly Turn[];
  /**
   * Longest question, in estimated tokens: the oldest turns of the history are left out until it fits, two at a time so that it begins
   * with the user; system, schema and prompt are never cut. Default: nothing is left out.
   */
  readonly maxInputTokens?: number;
  /** Longest answer, in tokens. Default 1 024. */
  readonly maxOutputTokens?: number;
  /** Longest time for the whole call, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * Whether an equal question is answered from what is kept, and this answer is kept. False: always asked anew, by itself; for where
   * variety is wanted. Default true.
   */
  readonly cache?: boolean | AnswerCaching;
  /** What the answer depends on: `cache.evict({ kind: "tag", tag })` makes it go, everywhere. */
  readonly tags?: readonly string[];
  /** Whether the answer to a similar question will do. Only past guards, and never for what is personal, fresh or an order. Default false. */
  readonly similar?: boolean | SimilarReuse;
  /** Whose answers these are: one tenant's never serve another. Default: that of the run, else everybody's. */
  readonly tenant?: string;
  /** From -10 to 10: who waits for a turn goes by it, highest first, among those of one tenant. Default 0. */
  readonly priority?: number;
}

/** One thing that was said. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
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
  /**
   * Whether it may go in one request with other calls that are asked within a moment and share model, system, history, schema, settings,
   * tenant and automation: what they share is paid once. Each has an answer, a price, a place in cache and ledger of its own. Only for short
   * questions that need not be kept from each other, since one model reads all of them. Default false.
   */
  readonly pack?: boolean | Packing;
  readonly rules?: () => T;
}

export interface Packing {
  /** Most calls in one request, 2 to 10. Default 10. */
  readonly most?: number;
  /** Longest wait for others, in milliseconds, up to 10 000. Default 100. */
  readonly waitMs?: number;
}

export interface StreamOptions extends TextOptions {
  /**
   * `live`: text is passed on as it comes, so an answer that breaks off ends in an error. `held`: text is passed on once the whole answer
   * is there, so another route may still stand in. Default live.
   */
  readonly mode?: "live" | "held";
  /**
   * How a stream that is kept comes: `now`, all at once, or at the `pace` at which it came when it was made, but not past the deadline of the
   * call. Default now.
   */
  readonly replay?: "now" | "pace";
}

/**
 * Text as it comes; each reader gets all of it from the beginning. Nobody needs to read it: `answer` comes all the same. An error that ends it
 * is thrown to the readers and rejects `answer`.
 */
export interface AnswerStream extends AsyncIterable<string> {
  readonly answer: Promise<Answer<string>>;
}

/** One who is asked. What it does not say is as the panel says. */
export interface PanelMember extends Pick<CallOptions, "model" | "system" | "maxOutputTokens"> {
  /** Unique in its panel. */
  readonly name: string;
  readonly prompt?: string;
}

export interface PanelOptions extends Omit<CallOptions, "model" | "timeoutMs"> {
  /** At least one. */
  readonly members: readonly PanelMember[];
  /** How long to wait, in milliseconds; what has come by then is what there is. Default 60 000. */
  readonly deadlineMs?: number;
  /** No member is asked whose estimated price would pass this sum, in US dollars. Default: no bound. */
  readonly maxUsd?: number;
  /** Enough answers: when they are there the others are called off. Default: all. */
  readonly quorum?: number;
}

/** What became of one member. */
export type PanelOutcome = { readonly name: string } & (
  | { readonly status: "answered"; readonly answer: Answer<string> }
  | { readonly status: "failed"; readonly error: ErrorRecord }
  /** The deadline came first. */
  | { readonly status: "late" }
  /** Others were enough, or the money was. */
  | { readonly status: "skipped"; readonly reason: "quorum" | "money" }
);

export interface PanelAnswer {
  /** In the order of the members. */
  readonly members: readonly PanelOutcome[];
  readonly answered: number;
  /** Whether as many answered as were wanted. */
  readonly isComplete: boolean;
  /** Price of all that was asked, in US dollars; null where a part of it is not known. */
  readonly usd: number | null;
  readonly ms: number;
}

export interface EmbedOptions extends Pick<CallOptions, "timeoutMs" | "signal" | "tags" | "tenant"> {
  /** `provider/model`, or an alias. */
  readonly model: string;
  /** None of them empty. */
  readonly texts: readonly string[];
  /** Shorter vectors, where the model can give them. */
  readonly dimensions?: number;
  /** False: neither looked up nor kept. Default true: for 30 days, each text by itself. */
  readonly cache?: boolean;
}

export interface Embedded {
  /** One for each text, in their order. */
  readonly vectors: readonly Float32Array[];
  readonly model: string;
  /** How many were there already. */
  readonly reused: number;
  /** What was read now for the others, by their share of requests that several callers' texts go in; null where the provider did not say. */
  readonly inputTokens: number | null;
  /** Tokens of all texts, those that were there already included, as the provider counted when it read them; null where it did not say. */
  readonly totalTokens: number | null;
  /** Price of what was read now in US dollars; null where it is not known: set the model's under `prices`. */
  readonly usd: number | null;
  readonly ms: number;
}

/** One question of many. What it does not say is as the batch says. */
export interface LaterItem extends Pick<CallOptions, "system" | "maxOutputTokens" | "tags"> {
  /** Unique in its batch. */
  readonly id: string;
  readonly prompt: string;
}

export interface LaterOptions extends Omit<
  CallOptions,
  "prompt" | "history" | "maxInputTokens" | "similar" | "priority"
> {
  /** Unique in its run: after a crash the run finds what it handed in by it. */
  readonly name: string;
  /** 1 to 10 000. */
  readonly items: readonly LaterItem[];
  /** How long to wait for the batch; what it has not answered by then is asked directly. Default 24h. */
  readonly within?: Duration;
  /** How often to look. Default 30s. */
  readonly poll?: Duration;
}

/** What became of one item. Source `batch`: half the price was paid, `savedUsd` is the other half. */
export type LaterOutcome = { readonly id: string } & (
  | { readonly status: "answered"; readonly answer: Answer<string> }
  | { readonly status: "failed"; readonly error: ErrorRecord }
);

export interface LaterAnswer {
  /** In the order of the items. */
  readonly items: readonly LaterOutcome[];
  /** US dollars; null where a part of it is not known. */
  readonly usd: number | null;
  readonly savedUsd: number | null;
  readonly ms: number;
}

/** Asks language models. Equal questions are asked once: while one is under way others wait for it, and its answer is kept. */
export interface Ai {
  /** Throws PROVIDER_MISSING, MODEL_UNKNOWN or CALL_FAILED when there is no answer and no `rules`. */
  text(options: TextOptions): Promise<Answer<string>>;
  /** The answer fits the schema: one that does not is sent back once for repair. Throws as `text` does. */
  object<T>(options: ObjectOptions<T>): Promise<Answer<T>>;
  /** The same as `text`, as it comes. Equal streams at the same time share one request, and later ones get what is kept, at once. */
  stream(options: StreamOptions): AnswerStream;
  /** Asks several at once and gives what came: one that fails or is late takes nothing from the others. Rejects only for a mistake or an abort. */
  panel(options: PanelOptions): Promise<PanelAnswer>;
  /**
   * Turns texts into vectors. Texts of all who ask within 100 ms go together, ten requests' worth at most, within what the provider takes.
   * Throws as `text` does.
   */
  embed(options: EmbedOptions): Promise<Embedded>;
  /**
   * Asks what can wait through the provider's batch API, at half the price, and resolves when all is answered: what is kept at once, what the
   * batch could not answer directly. A provider without batches is asked directly. In a run it survives crashes: what was handed in is
   * waited for, not handed in again. Rejects for a mistake, an abort, or a batch that the provider refuses as a whole.
   */
  later(options: LaterOptions): Promise<LaterAnswer>;
}
