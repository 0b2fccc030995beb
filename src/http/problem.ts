import { ERROR_KINDS, type ErrorCode, MillraceError } from "../core/errors.ts";
import type { InputMistake } from "../core/schema.ts";
import type { Problem } from "./api.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** What Fastify itself refuses, in our words. */
const FRAMEWORK_CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly detail: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: "MEDIA_TYPE_UNSUPPORTED", detail: "The body is not application/json." },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "PAYLOAD_TOO_LARGE", detail: "The body is larger than 1 MiB." },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: "INPUT_INVALID", detail: "The body is not JSON." },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: "INPUT_INVALID", detail: "The body is not as long as it says." },
  FST_ERR_BAD_URL: { code: "INPUT_INVALID", detail: "The address is not a well-formed one." },
};

/** Converts whatever was thrown to an error of ours. What is not known stays hidden behind INTERNAL: its text may hold anything. */
export function toMillraceError(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  if (!(error instanceof Error)) return internal(error);
  const known = "code" in error && typeof error.code === "string" ? FRAMEWORK_CODES[error.code] : undefined;
  if (known !== undefined) return new MillraceError(known.code, known.detail, { cause: error });
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  if (status >= 400 && status < 500) return new MillraceError("INPUT_INVALID", error.message, { cause: error });
  return internal(error);
}

function internal(cause: unknown): MillraceError {
  return new MillraceError("INTERNAL", "The request could not be answered.", { cause });
}

/** The HTTP status of an error. */
export function statusOf(error: MillraceError): number {
  return ERROR_KINDS[error.code].status;
}

export interface ProblemPlace {
  /** The path that was asked for. */
  readonly instance: string;
  readonly requestId: string;
}

/** Converts an error to a problem document (RFC 9457). */
export function toProblem(error: MillraceError, { instance, requestId }: ProblemPlace): Problem {
  const errors = mistakesOf(error);
  return {
    type: `urn:millrace:error:${error.code}`,
    title: ERROR_KINDS[error.code].title,
    status: statusOf(error),
    detail: error.message,
    instance,
    code: error.code,
    advice: error.advice,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}

function mistakesOf({ facts }: MillraceError): readonly InputMistake[] | undefined {
  const listed = facts["errors"];
  return Array.isArray(listed) ? (listed as readonly InputMistake[]) : undefined;
}
