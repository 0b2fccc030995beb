import type { ProviderConfig } from "../../model/config.ts";
import type { ModelCall, ModelPart } from "../../model/model.ts";
import type { WholeAnswer } from "../whole-answer.ts";
import type { Refusal } from "./refusal.ts";

/** What a client asks for, whichever API it speaks. */
export interface LaneRequest {
  readonly modelId: string;
  readonly call: ModelCall;
  readonly isStreamed: boolean;
  /** Whether a stream ends with its usage. */
  readonly wantsUsage: boolean;
}

/** What a reply says of itself. */
export interface ReplyHead {
  readonly id: string;
  /** The provider's own id of the model that answered. */
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An API as its clients know it: reads their requests, writes answers and errors in its shape. */
export interface Lane {
  /** Providers that a model named without one is looked for at, in turn. */
  readonly kinds: readonly ProviderConfig["kind"][];
  readonly idPrefix: string;
  /** What every reply begins with: the request's id, where clients look for it. */
  headersOf(requestId: string): Record<string, string>;
  /** Throws INPUT_INVALID with every mistake and its JSON Pointer. */
  parse(body: unknown): LaneRequest;
  writeAnswer(answer: WholeAnswer, head: ReplyHead): object;
  /** Gives the events of each part, as text. */
  openStream(head: ReplyHead, options: { readonly wantsUsage: boolean }): { write(part: ModelPart): string };
  /** Status and body. */
  writeError(refusal: Refusal, requestId: string): LaneError;
  /** An event that ends a stream which was begun. */
  writeErrorEvent(refusal: Refusal, requestId: string): string;
}

export interface LaneError {
  readonly status: number;
  readonly body: object;
}
