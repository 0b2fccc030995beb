import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import type { RateLimits } from "./rate-limits.ts";
import type { Timeouts } from "./timeouts.ts";

/** One question: the call options of the AI SDK's language-model specification, version 4, and how long to wait for each part of the way. */
export type ModelCall = LanguageModelV4CallOptions & { readonly timeouts?: Timeouts };

/** A whole answer, in the words of the specification. `response.headers` are the provider's, names in lower case. */
export type ModelResult = LanguageModelV4GenerateResult;

/** A part of a streamed answer, in the words of the specification. */
export type ModelPart = LanguageModelV4StreamPart;

/**
 * What answers: a model of a provider. `generate` and `stream` throw ModelFailure for whatever the provider or the network did, the
 * signal's reason when the caller called it off, and MillraceError INPUT_INVALID, before anything is sent, for an option that
 * the wire format cannot carry.
 */
export interface Model {
  /** The provider's own id of the model. */
  readonly name: string;
  /** What the provider is called in the configuration. */
  readonly provider: string;
  /** Resolves with the whole answer, also with one that ended by length or filter: look at `finishReason`. */
  generate(call: ModelCall): Promise<ModelResult>;
  /**
   * Streams the answer. Nothing is sent before the first part is asked for, and no more is read from the socket than parts are
   * taken. It ends with a part `finish`, or throws: there is no part `error`, and an answer that stops without its completion
   * signal is a ModelFailure `interrupted` with what had arrived. Leaving it early frees the socket. Events that could not be
   * read are skipped and counted in the `finish` part as `providerMetadata.millrace.damagedEvents`.
   */
  stream(call: ModelCall): AsyncIterable<ModelPart>;
  /** What the provider's headers last said of its limits, for this model and key. Undefined until they said something. */
  limits(): RateLimits | undefined;
}

/** Texts to turn into vectors. */
export interface EmbedCall {
  /** 1 to `Embedder.maxInputs` texts, none of them empty. */
  readonly values: readonly string[];
  /** Shorter vectors, where the model can give them. */
  readonly dimensions?: number;
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
}

export interface EmbedResult {
  /** One for each input, in their order. */
  readonly embeddings: readonly Float32Array[];
  /** Tokens read, null where the provider did not say. */
  readonly tokens: number | null;
}

/** Turns texts into vectors, many in one request. Throws as Model does. */
export interface Embedder {
  readonly name: string;
  readonly provider: string;
  /** The most texts that one request may carry. */
  readonly maxInputs: number;
  embed(call: EmbedCall): Promise<EmbedResult>;
  limits(): RateLimits | undefined;
}

/** How many events of the answer could not be read; 0 for a sound one. An answer that is damaged must not be kept. */
export function damagedEvents(finish: { readonly providerMetadata?: ModelResult["providerMetadata"] }): number {
  const count = finish.providerMetadata?.["millrace"]?.["damagedEvents"];
  return typeof count === "number" ? count : 0;
}
