import { MillraceError } from "../../core/errors.ts";

/** The SQLSTATE of an error, five characters; undefined for one that is not the server's. */
export function stateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  // Codes of sockets, such as EPIPE, have no digit.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Two transactions that could not both be right (40001), or that waited for each other (40P01): the same again may pass. */
export function isConflict(error: unknown): boolean {
  const state = stateOf(error);
  return state === "40001" || state === "40P01" || isStalePlan(error);
}

/** A table was changed under a prepared statement. */
export function isStalePlan(error: unknown): boolean {
  return stateOf(error) === "0A000" && error instanceof Error && error.message.includes("cached plan");
}

/** No fault of the statement: connections (08), resources (53), interventions (57), system errors (58), or no answer at all. */
export function isEnvironment(error: unknown): boolean {
  const state = stateOf(error);
  return state === undefined ? isConnectionLost(error) : /^(?:08|53|57|58|XX)/.test(state);
}

/** Whether the connection is gone, and with it the answer. */
export function isConnectionLost(error: unknown): boolean {
  const state = stateOf(error);
  if (state !== undefined) return state.startsWith("08") || /^57P0[1-3]$/.test(state);
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return true;
  return /connection|timeout|not queryable|client was closed|terminated/i.test(error.message);
}

/** A fault of the values: their form (22), a constraint (23), a wrong type, a limit. Other rows of the statement may stand. */
export function isBadValue(error: unknown): boolean {
  return /^(?:22|23|42804|54)/.test(stateOf(error) ?? "");
}

/** What the database says, without a stack. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** What a statement failed with. `statement` counts from 1. */
export function statementFailed(
  error: unknown,
  { sql, statement = 1 }: { sql: string; statement?: number },
): MillraceError {
  const reason = reasonOf(error);
  if (isConnectionLost(error)) return unreachable(error);
  // What Postgres cannot keep (a zero character in a text) is the caller's mistake, as a half surrogate pair is.
  const isInput = stateOf(error) === "22021";
  return new MillraceError(isInput ? "INPUT_INVALID" : "STORE_FAILED", `Statement ${statement} failed: ${reason}.`, {
    facts: { statement, sql, reason },
    cause: error,
    isRetryable: isEnvironment(error) || isConflict(error),
    ...(isInput ? { advice: "Store it as JSON, or leave the zero character out." } : {}),
  });
}

export function commitFailed(error: unknown): MillraceError {
  const reason = reasonOf(error);
  if (isConnectionLost(error)) {
    return new MillraceError("STORE_FAILED", `The connection was lost in the commit: ${reason}.`, {
      facts: { reason },
      cause: error,
      isRetryable: true,
      advice: "Whether it is stored is not known: look before it is done again.",
    });
  }
  return new MillraceError("STORE_COMMIT_FAILED", `The commit failed and nothing was stored: ${reason}.`, {
    facts: { reason },
    cause: error,
    isRetryable: isEnvironment(error) || isConflict(error),
  });
}

export function unreachable(error: unknown): MillraceError {
  const reason = reasonOf(error);
  return new MillraceError("STORE_FAILED", `The database does not answer: ${reason}.`, {
    facts: { reason },
    cause: error,
    isRetryable: true,
    advice: "Look whether Postgres runs and can be reached; what is not stored is tried again.",
  });
}
