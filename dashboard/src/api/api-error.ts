import type { Problem } from "millrace/http";

export interface ApiErrorFields {
  readonly code: string;
  /** What kind of thing went wrong. */
  readonly title: string;
  /** What exactly went wrong. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice: string;
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;
  /** To find the request in the log; empty when nothing answered. */
  readonly requestId: string;
  readonly mistakes: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A request that did not give what was asked: with a code, and what to do about it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly fields: ApiErrorFields;

  constructor(fields: ApiErrorFields, options?: ErrorOptions) {
    super(`${fields.title}: ${fields.detail}`, options);
    this.fields = fields;
  }
}

/** Nothing answered: the process is gone, or the line is. */
export function unreachable(cause: unknown): ApiError {
  return new ApiError(
    {
      code: "UNREACHABLE",
      title: "Millrace does not answer",
      detail: "The request did not get through.",
      advice: "Check that `millrace start` still runs, then try again.",
      status: 0,
      requestId: "",
      mistakes: [],
    },
    { cause },
  );
}

/** Reads what an answer with an error status says; an answer that is no problem document still becomes a usable error. */
export function problemToError(status: number, body: unknown): ApiError {
  const problem: Partial<Problem> = typeof body === "object" && body !== null ? body : {};
  return new ApiError({
    code: text(problem.code) ?? `HTTP_${status}`,
    title: text(problem.title) ?? "The request was refused",
    detail: text(problem.detail) ?? `The answer had status ${status} and no explanation.`,
    advice: text(problem.advice) ?? "Try again; if it stays, look at the log of Millrace.",
    status,
    requestId: text(problem.requestId) ?? "",
    mistakes: Array.isArray(problem.errors) ? problem.errors : [],
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
