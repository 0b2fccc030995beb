import type { Completion, Frame } from "./answer/completion.ts";
import type { Usage } from "./account/usage.ts";
import type { BadRequest, Parsed, Question } from "./question.ts";

export type LaneName = "anthropic" | "openai";

/** What a provider says no to. */
export type Complaint =
  | { readonly kind: "bad-request"; readonly mistake: BadRequest }
  | { readonly kind: "not-found"; readonly what: string }
  | { readonly kind: "conflict" | "too-large"; readonly what: string }
  | { readonly kind: "unauthorized"; readonly hasKey: boolean }
  | {
      readonly kind:
        | "forbidden"
        | "unknown-model"
        | "no-prefill"
        | "rate-limit"
        | "token-limit"
        | "concurrent"
        | "slow-down"
        | "quota"
        | "spend-limit"
        | "context-length"
        | "content-policy"
        | "server-error"
        | "overloaded"
        | "unavailable"
        | "timeout"
        | "expired";
      readonly model: string;
    };

/** An error as a lane sends it. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly error: Readonly<Record<string, unknown>>; readonly [field: string]: unknown };
}

/** One provider's manners. */
export interface Lane {
  readonly name: LaneName;
  readonly requestIdHeader: string;
  headers(organization: string): Readonly<Record<string, string>>;
  error(complaint: Complaint, requestId: string): ErrorReply;
}

/** What an answer is made of. */
export interface Answer {
  readonly question: Question;
  readonly completion: Completion;
  readonly usage: Usage;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
}

/** One way to ask a model. */
export interface Dialect {
  readonly lane: Lane;
  parse(body: unknown, headers: Readonly<Record<string, string | string[] | undefined>>): Parsed;
  reply(answer: Answer): unknown;
  /** Whole frames; `[DONE]` is a frame of its own. */
  stream(answer: Answer): readonly Frame[];
  /** An error in the middle of a stream. */
  errorFrame(reply: ErrorReply): string;
  /** Keeps what a later question may build on. */
  remember?(body: unknown, answer: Answer): void;
}
