/** What can go wrong with a request, on purpose. */
export const FAULTS = [
  /** 429 with a retry-after. */
  "rate-limit",
  /** 429 without one. */
  "rate-limit-bare",
  /** 429 because traffic grew too fast. */
  "slow-down",
  /** 500. */
  "server-error",
  /** 503 in OpenAI's lane, 529 in Anthropic's. */
  "overloaded",
  /** 503 in both lanes. */
  "unavailable",
  /** 504. */
  "timeout",
  /** 401. */
  "unauthorized",
  /** 403. */
  "forbidden",
  /** 404: there is no such model. */
  "unknown-model",
  /** The account's money is out: 429 insufficient_quota, or 402 billing_error. */
  "quota",
  /** A spend limit is reached: 429 without a retry-after in both lanes. */
  "spend-limit",
  /** 400: the prompt is longer than the model's window. */
  "context-length",
  /** 400 content_policy_violation in OpenAI's lane, a refusal in Anthropic's. */
  "content-policy",
  /** 400 for a question whose last message is the assistant's; others are answered. */
  "no-prefill",
  /** 502 with a page of HTML. */
  "html",
  /** The connection is reset before any header. */
  "reset",
  /** Accepted, then nothing; the connection closes after `delayMs`, by default never. */
  "silent",
  /** Headers, then nothing; the connection closes after `delayMs`, by default never. */
  "silent-body",
  /** Nothing for `delayMs` (default 20 s), then a good answer. */
  "slow",
  /** Headers at once, the answer after `delayMs` (default 20 s). */
  "slow-first-token",
  /** 60 % of the declared body, or half of a stream, then the connection is closed. */
  "truncated",
  /** The same, but the connection is reset. */
  "reset-mid-stream",
  /** Half of a stream, then a clean end without the mark that it is complete; a whole body with only 60 % of its text. */
  "unfinished",
  /** Half of a stream or body, then nothing; the connection closes after `delayMs` (default 30 s). */
  "stall",
  /** Half of a stream, then an error event and the end; without a stream, an error as the body of a 200. */
  "error-event",
  /** The body is not JSON; in a stream, an event that is not JSON comes on top of the good ones. */
  "broken-body",
  /** A stream of chat completions without `[DONE]`. Nothing else changes. */
  "no-done",
  /** The date header and the reset times are `skewMs` off (default an hour behind). Nothing else changes. */
  "clock-skew",
  /** The object that was asked for is broken JSON. Only for the first turn of a conversation. */
  "malformed",
  /** The object that was asked for does not fit its schema. Only for the first turn of a conversation. */
  "schema",
  /** The model refuses. */
  "refusal",
] as const;

export type Fault = (typeof FAULTS)[number];

/** Faults that a good client gets over; what `faultRate` alone means. */
export const PASSING_FAULTS: readonly Fault[] = ["rate-limit", "server-error", "overloaded", "reset", "truncated"];

/** How a retry-after is written: `retry-after` in seconds, as a date, or `retry-after-ms` beside the seconds. */
export const RETRY_AFTER_FORMS = ["seconds", "date", "milliseconds"] as const;

/** A fault and how bad it is. */
export interface FaultSpec {
  readonly fault: Fault;
  /** Of `rate-limit`, and of `overloaded`, `unavailable` and `slow-down` where it is given. Default: that of the simulator. */
  readonly retryAfterSeconds?: number | undefined;
  /** Default `seconds`. */
  readonly retryAfterForm?: (typeof RETRY_AFTER_FORMS)[number] | undefined;
  /** Of the faults that wait. Its default stands beside each. */
  readonly delayMs?: number | undefined;
  /** After how many tokens a stream breaks, instead of half of it. */
  readonly afterTokens?: number | undefined;
  /** Of `clock-skew`. Default -3,600,000. */
  readonly skewMs?: number | undefined;
}

/** When a rule's fault happens: where all that is given holds. The first rule that matches decides. */
export interface FaultRule extends FaultSpec {
  /** The model's name; `*` stands for any characters. Default any. */
  readonly model?: string | undefined;
  /** The route, for example `/v1/messages`; `*` stands for any characters. Items of batches are at `batch`. Default any but `batch`. */
  readonly route?: string | undefined;
  /** Which of the calls that match so far, counted from 1. */
  readonly nth?: readonly number[] | undefined;
  /** Each so many of them: 3 means the third, sixth, ninth. */
  readonly every?: number | undefined;
  /** Only the first so many of them. */
  readonly first?: number | undefined;
  /** A share of them, from 0 to 1, drawn by the seed. */
  readonly share?: number | undefined;
  /** From when on, in milliseconds since the start or the last reset. Default 0. */
  readonly fromMs?: number | undefined;
  /** Until when. Default for ever. */
  readonly untilMs?: number | undefined;
}
