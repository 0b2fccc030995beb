import { type ErrorRecord, MillraceError, toErrorRecord } from "../core/errors.ts";

/** A candidate that was tried in vain. */
export interface FailedAttempt<C> {
  readonly candidate: C;
  readonly error: unknown;
}

export interface FallbackAnswer<C, T> {
  readonly value: T;
  /** Who gave it. */
  readonly candidate: C;
  /** Who failed before; empty when the first candidate answered. Otherwise the answer is degraded: say so wherever it is shown. */
  readonly failed: readonly FailedAttempt<C>[];
}

export interface FallbackOptions<C> {
  /** Names a candidate in the error. Never a secret. */
  readonly nameOf: (candidate: C) => string;
  /**
   * Whether this candidate can help after that failure, which was the last one. False passes it over: for instance all of them when the
   * content was refused, those with a window no larger when the prompt was too long.
   */
  readonly canHelp: (error: unknown, candidate: C) => boolean;
  /** When it fires no further candidate is tried. */
  readonly signal?: AbortSignal;
}

/**
 * Tries candidates in turn until one answers. When none does: the only failure as it was thrown, or, of several, FALLBACKS_FAILED, whose cause is
 * the first candidate's failure and whose `facts.attempts` list all of them as {candidate, error}. Throws RangeError without candidates.
 */
export async function fallback<C, T>(
  candidates: readonly C[],
  run: (candidate: C, index: number) => Promise<T>,
  { nameOf, canHelp, signal }: FallbackOptions<C>,
): Promise<FallbackAnswer<C, T>> {
  if (candidates.length === 0) throw new RangeError("a fallback needs at least one candidate");
  signal?.throwIfAborted();
  const failed: FailedAttempt<C>[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const last = failed.at(-1);
    if (last !== undefined && (signal?.aborted === true || !canHelp(last.error, candidate))) continue;
    try {
      return { value: await run(candidate, index), candidate, failed };
    } catch (error) {
      failed.push({ candidate, error });
    }
  }
  throw failed.length === 1 ? failed[0]?.error : toError(failed, nameOf);
}

function toError<C>(failed: readonly FailedAttempt<C>[], nameOf: (candidate: C) => string): MillraceError {
  const attempts = failed.map(({ candidate, error }): { candidate: string; error: ErrorRecord } => ({
    candidate: nameOf(candidate),
    error: toErrorRecord(error),
  }));
  const said = attempts.map(({ candidate, error }) => `${candidate}: ${error.message}`).join(" | ");
  const last = failed.at(-1)?.error;
  return new MillraceError("FALLBACKS_FAILED", `None of ${attempts.length} candidates answered. ${said}`, {
    facts: { attempts },
    cause: failed[0]?.error,
    ...(last instanceof MillraceError ? { isRetryable: last.isRetryable } : {}),
  });
}
