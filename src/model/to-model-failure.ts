import { APICallError, InvalidResponseDataError } from "@ai-sdk/provider";
import { classifyNetworkError, classifyReply } from "./classify.ts";
import { ModelFailure } from "./failure.ts";

/**
 * Converts whatever a model threw, an AI SDK provider's error among it. `now` (milliseconds since the epoch) turns a retry-after date
 * into a wait.
 */
export function toModelFailure(error: unknown, now: number): ModelFailure {
  if (error instanceof ModelFailure) return error;
  const hasStatus = APICallError.isInstance(error) && error.statusCode !== undefined;
  const network = classifyNetworkError(error, hasStatus);
  if (network !== undefined) return network;
  if (InvalidResponseDataError.isInstance(error)) return new ModelFailure("unusable", { detail: error.message });
  if (!APICallError.isInstance(error)) {
    return new ModelFailure("unusable", { detail: messageOf(error), isRetryable: false });
  }
  if (error.statusCode === undefined) return new ModelFailure("unreachable", { detail: error.message });
  const { statusCode: status, responseHeaders: headers = {}, responseBody: body = "" } = error;
  return classifyReply({ status, headers, body, detail: error.message }, now);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
