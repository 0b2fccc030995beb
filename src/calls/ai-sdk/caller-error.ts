import { APICallError } from "@ai-sdk/provider";
import type { MillraceError } from "../../core/errors.ts";
import { ModelFailure } from "../../model/failure.ts";
import { toCallError } from "../call-error.ts";
import { mistakeOf } from "./given-model.ts";

/**
 * What the AI SDK's callers expect: a mistake as the model threw it; for what the provider did, an APICallError whose cause is our own
 * error, with nothing of the request; else our own. None of them is tried again by the AI SDK, since all that may help was tried already.
 */
export function toCallerError(model: string, error: unknown, redact: (text: string) => string): unknown {
  const mistake = mistakeOf(error);
  if (mistake !== undefined) return mistake;
  const own = toCallError(model, error, redact);
  if (own === undefined) return error;
  const failure = error instanceof ModelFailure ? error : (error as MillraceError).cause;
  if (!(failure instanceof ModelFailure)) return own;
  return new APICallError({
    message: own.message,
    url: "",
    requestBodyValues: {},
    isRetryable: false,
    data: { code: own.code, kind: failure.kind },
    cause: own,
    ...(failure.status === undefined ? {} : { statusCode: failure.status }),
  });
}
