import { ERROR_KINDS, type ErrorCode, MillraceError } from "../../core/errors.ts";
import { type FailureKind, ModelFailure } from "../../model/failure.ts";

/** What a client is told, before its API's own words are found for it. */
export type RefusalKind =
  | "invalid"
  | "too-long"
  | "content-refused"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "too-large"
  | "rate-limited"
  | "out-of-money"
  | "overloaded"
  | "timeout"
  | "upstream"
  | "internal";

export interface Refusal {
  readonly kind: RefusalKind;
  readonly message: string;
  /** Ours, or the kind of the provider's failure: it tells more than an API's words can. */
  readonly reason: string;
  /** The field that is wrong, as `messages.0.role`. */
  readonly param: string | null;
  /** Milliseconds. */
  readonly retryAfterMs: number | null;
  /** Whether the client should try again by itself. What was tried again here already should not: retries would multiply. */
  readonly shouldRetry: boolean;
}

const BY_FAILURE: Readonly<Record<FailureKind, RefusalKind>> = {
  "bad-request": "invalid",
  "prompt-too-long": "too-long",
  refused: "content-refused",
  // The keys are ours, not the client's: it must not take this for its own.
  "key-refused": "upstream",
  "model-missing": "not-found",
  "address-wrong": "upstream",
  "too-large": "too-large",
  "request-timeout": "timeout",
  conflict: "upstream",
  "rate-limited": "rate-limited",
  "ramp-limited": "rate-limited",
  "out-of-money": "out-of-money",
  overloaded: "overloaded",
  "server-error": "upstream",
  "key-store-unreachable": "upstream",
  unreachable: "upstream",
  reset: "upstream",
  silent: "timeout",
  interrupted: "upstream",
  cut: "upstream",
  unusable: "upstream",
};

const BY_CODE: Readonly<Partial<Record<ErrorCode, RefusalKind>>> = {
  INPUT_INVALID: "invalid",
  MEDIA_TYPE_UNSUPPORTED: "invalid",
  METHOD_NOT_ALLOWED: "invalid",
  PAYLOAD_TOO_LARGE: "too-large",
  MODEL_UNKNOWN: "not-found",
  NOT_FOUND: "not-found",
  TOKEN_REFUSED: "unauthenticated",
  ORIGIN_REFUSED: "forbidden",
  RATE_LIMITED: "rate-limited",
  QUEUE_FULL: "overloaded",
  BREAKER_OPEN: "overloaded",
  BUDGET_SPENT: "out-of-money",
  CACHE_TIMEOUT: "timeout",
  NOT_KEPT: "timeout",
  CALL_FAILED: "upstream",
  FALLBACKS_FAILED: "upstream",
  PROVIDER_FAILED: "upstream",
  PROVIDER_MISSING: "overloaded",
  CALL_ABORTED: "overloaded",
};

/** Codes of what never reached the pipeline: to try again is the client's own affair. */
const OURS: ReadonlySet<string> = new Set(["gateway", "CALL_ABORTED"]);

/** Says in a few words what went wrong. What is not known stays hidden: its text may hold anything. */
export function toRefusal(error: unknown): Refusal {
  if (!(error instanceof MillraceError)) return internal();
  const { code, facts } = error;
  const kind = kindOf(error);
  if (kind === "internal") return internal();
  const retryAfterMs = typeof facts["retryAfterMs"] === "number" ? facts["retryAfterMs"] : null;
  const isOurs = OURS.has(code) || OURS.has(String(facts["limit"]));
  return {
    kind,
    message: error.message,
    reason: typeof facts["kind"] === "string" ? facts["kind"] : code.toLowerCase(),
    param: paramOf(facts["errors"]),
    retryAfterMs,
    shouldRetry: isOurs && error.isRetryable,
  };
}

function kindOf(error: MillraceError): RefusalKind {
  const { code, facts, cause } = error;
  // Of several candidates the first is the one that was asked for.
  if (code === "FALLBACKS_FAILED" && cause instanceof ModelFailure) return BY_FAILURE[cause.kind];
  if (code === "FALLBACKS_FAILED" && cause instanceof MillraceError) return kindOf(cause);
  const { kind } = facts;
  if (typeof kind === "string" && Object.hasOwn(BY_FAILURE, kind)) return BY_FAILURE[kind as FailureKind];
  return BY_CODE[code] ?? (ERROR_KINDS[code].status < 500 ? "invalid" : "internal");
}

function internal(): Refusal {
  return {
    kind: "internal",
    message: "The request could not be answered.",
    reason: "internal",
    param: null,
    retryAfterMs: null,
    shouldRetry: false,
  };
}

/** `/messages/0/role` as the APIs write it. */
function paramOf(errors: unknown): string | null {
  const pointer = Array.isArray(errors) ? (errors[0] as { pointer?: unknown } | undefined)?.pointer : undefined;
  return typeof pointer === "string" && pointer !== "" ? pointer.slice(1).replaceAll("/", ".") : null;
}
