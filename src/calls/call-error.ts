import { type ErrorCode, MillraceError } from "../core/errors.ts";
import { FAILURES, ModelFailure } from "../model/failure.ts";

/** Codes that mean "there is no answer", for which rules may stand in. */
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set([
  "PROVIDER_MISSING",
  "MODEL_UNKNOWN",
  "CALL_FAILED",
  "CACHE_TIMEOUT",
  "BREAKER_OPEN",
  "BUDGET_SPENT",
  "FALLBACKS_FAILED",
  "NOT_KEPT",
  "QUEUE_FULL",
  "RATE_LIMITED",
]);

/** The error of one call that has no answer, its own also where many waited for one; undefined for what is a mistake of the caller or of ours instead. */
export function toCallError(
  model: string,
  error: unknown,
  redact: (text: string) => string,
): MillraceError | undefined {
  if (error instanceof ModelFailure) {
    const cause = toProviderError(model, error, redact);
    return new MillraceError("CALL_FAILED", cause.message, {
      facts: cause.facts,
      cause,
      isRetryable: error.isRetryable,
    });
  }
  if (!(error instanceof MillraceError && NO_ANSWER.has(error.code))) return undefined;
  const { code, message, facts, advice, isRetryable } = error;
  return new MillraceError(code, message, { facts, advice, isRetryable, cause: error.cause });
}

/** What the provider did, without anything of the request: what an AI SDK provider throws holds the prompt, so it is no cause here. */
export function toProviderError(
  model: string,
  { kind, status, detail, isRetryable }: ModelFailure,
  redact: (text: string) => string,
): MillraceError {
  const head = `${model} ${FAILURES[kind].says}${status === undefined ? "" : ` (${status})`}`;
  const clean = redact(detail).replace(/[.!]$/, "");
  return new MillraceError("PROVIDER_FAILED", clean === "" ? `${head}.` : `${head}: ${clean}.`, {
    facts: { model, kind, ...(status === undefined ? {} : { status }) },
    isRetryable,
  });
}
