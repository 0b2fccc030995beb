import type { ModelResult } from "./model.ts";

/** Why a request gave no answer; decided by what the provider's error says first, and by the status only then. */
export type FailureKind =
  | "bad-request"
  | "prompt-too-long"
  | "refused"
  | "key-refused"
  | "model-missing"
  | "address-wrong"
  | "too-large"
  | "request-timeout"
  | "conflict"
  | "rate-limited"
  | "ramp-limited"
  | "out-of-money"
  | "overloaded"
  | "server-error"
  | "key-store-unreachable"
  | "unreachable"
  | "reset"
  | "silent"
  | "interrupted"
  | "cut"
  | "unusable";

/**
 * Whether another candidate may answer: `if-held` only where nothing of the broken answer was passed on, `larger-window` only a model
 * that takes a longer prompt, `other-provider` only another account.
 */
export type NextCandidate = "never" | "larger-window" | "other-provider" | "if-held" | "yes";

/** What a breaker makes of it: a failure of the route, of the key alone, a route to leave alone until somebody pays, or nothing. */
export type BreakerView = "route" | "key" | "park" | "ignored";

/** What a rate limiter makes of it: wait as told, wait and admit fewer from now on, or nothing. */
export type LimiterView = "none" | "wait" | "slow-down";

interface Nature {
  /** Goes after the model's name: "anthropic/x is rate limited". */
  readonly says: string;
  /** Whether the same request may succeed a little later. A silent route stays silent. */
  readonly isRetryable: boolean;
  readonly next: NextCandidate;
  readonly breaker: BreakerView;
  readonly limiter: LimiterView;
  /** Whether the provider may have written, and charged for, an answer that we never saw. */
  readonly mayBeBilled: boolean;
}

/** Nobody else would fare better. */
const FINAL = { isRetryable: false, next: "never", breaker: "ignored", limiter: "none", mayBeBilled: false } as const;
/** Another route may do what this one cannot. */
const ELSEWHERE = { ...FINAL, next: "yes" } as const;
/** The route is in trouble, and may be out of it soon. */
const TROUBLE = { ...ELSEWHERE, isRetryable: true, breaker: "route" } as const;

export const FAILURES: Readonly<Record<FailureKind, Nature>> = {
  "bad-request": { says: "refused the request as malformed", ...FINAL },
  "prompt-too-long": { says: "cannot take a prompt this long", ...FINAL, next: "larger-window" },
  refused: { says: "refused to answer", ...FINAL },
  "key-refused": { says: "does not accept the key", ...ELSEWHERE, breaker: "key" },
  "model-missing": { says: "is not known to its provider", ...ELSEWHERE },
  "address-wrong": { says: "is not at the base URL that is configured", ...ELSEWHERE },
  "too-large": { says: "sends or takes no body this large", ...FINAL },
  "request-timeout": { says: "timed out on the provider's side", ...TROUBLE },
  conflict: { says: "was locked on the provider's side", ...TROUBLE, breaker: "ignored" },
  "rate-limited": { says: "is rate limited", ...TROUBLE, breaker: "ignored", limiter: "wait" },
  "ramp-limited": {
    says: "takes no traffic that grows this fast",
    ...TROUBLE,
    breaker: "ignored",
    limiter: "slow-down",
  },
  "out-of-money": {
    says: "cannot be paid: the account's money or spend limit is used up",
    ...ELSEWHERE,
    next: "other-provider",
    breaker: "park",
  },
  overloaded: { says: "is overloaded", ...TROUBLE },
  "server-error": { says: "failed on the provider's side", ...TROUBLE },
  "key-store-unreachable": { says: "cannot reach the account's encryption keys", ...TROUBLE },
  unreachable: { says: "cannot be reached", ...ELSEWHERE, breaker: "route" },
  reset: { says: "cannot be reached, or dropped the connection", ...TROUBLE },
  silent: { says: "gave no answer in time", ...ELSEWHERE, breaker: "route", mayBeBilled: true },
  interrupted: { says: "broke off its answer", ...TROUBLE, mayBeBilled: true },
  cut: { says: "was cut off at the longest answer allowed", ...FINAL },
  unusable: { says: "gave an answer that cannot be read", ...TROUBLE, mayBeBilled: true },
};

/** What had arrived of an answer that broke off. */
export interface Arrived {
  /** Whole and begun parts; the input of a tool call among them may be no JSON yet. */
  readonly content: ModelResult["content"];
  readonly usage: ModelResult["usage"];
}

export interface FailureFacts {
  /** What the provider said, for people; may hold anything it likes, so redact it before showing. */
  readonly detail?: string | undefined;
  readonly status?: number | undefined;
  /** Replaces what the kind says: the provider's own word. */
  readonly isRetryable?: boolean | undefined;
  /** The least wait that the provider asked for, in milliseconds; without money, how long it will stay so, where that is known. */
  readonly notBeforeMs?: number | undefined;
  /** The provider's own name of the request, for its support. */
  readonly requestId?: string | undefined;
  /** Present once content of the answer was passed on: then the same route is not asked again. */
  readonly arrived?: Arrived | undefined;
}

/** A request that gave no answer. It holds nothing of the request, so no prompt and no key. */
export class ModelFailure extends Error {
  override readonly name = "ModelFailure";
  readonly kind: FailureKind;
  readonly detail: string;
  readonly status: number | undefined;
  readonly isRetryable: boolean;
  readonly next: NextCandidate;
  readonly breaker: BreakerView;
  readonly limiter: LimiterView;
  readonly mayBeBilled: boolean;
  readonly notBeforeMs: number;
  readonly requestId: string | undefined;
  readonly arrived: Arrived | undefined;

  constructor(
    kind: FailureKind,
    { detail = "", status, isRetryable, notBeforeMs = 0, requestId, arrived }: FailureFacts = {},
  ) {
    const nature = FAILURES[kind];
    super(nature.says);
    const isPassedOn = arrived !== undefined;
    this.kind = kind;
    this.detail = detail;
    this.status = status;
    this.isRetryable = !isPassedOn && (isRetryable ?? nature.isRetryable);
    this.next = isPassedOn && nature.next !== "never" ? "if-held" : nature.next;
    this.breaker = nature.breaker;
    this.limiter = nature.limiter;
    this.mayBeBilled = isPassedOn || nature.mayBeBilled;
    this.notBeforeMs = notBeforeMs;
    this.requestId = requestId;
    this.arrived = arrived;
  }

  /** The same failure, with more that is known: the request's name, or what had arrived. */
  with(facts: Pick<FailureFacts, "requestId" | "arrived">): ModelFailure {
    const { kind, detail, status, isRetryable, notBeforeMs, requestId, arrived } = this;
    return new ModelFailure(kind, { detail, status, isRetryable, notBeforeMs, requestId, arrived, ...facts });
  }
}
