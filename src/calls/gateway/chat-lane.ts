import { parseChatRequest } from "../../model/wire/openai/parse-request.ts";
import { ChatStreamWriter, writeChatCompletion } from "../../model/wire/openai/write-reply.ts";
import type { Lane, LaneError } from "./lane.ts";
import type { Refusal, RefusalKind } from "./refusal.ts";

/** OpenAI's chat completions, and the errors of all its routes (developers.openai.com/api/docs/guides/error-codes). */
export const chatLane: Lane = {
  kinds: ["openai", "openai-compatible"],
  idPrefix: "chatcmpl-",
  headersOf: (requestId) => ({ "x-request-id": requestId, "x-content-type-options": "nosniff" }),
  parse: parseChatRequest,
  writeAnswer: (answer, head) => writeChatCompletion({ ...answer, warnings: [] }, head),
  openStream: (head, options) => new ChatStreamWriter(head, options),
  writeError,
  writeErrorEvent: (refusal) => `data: ${JSON.stringify(writeError(refusal).body)}\n\n`,
};

const WORDS: Readonly<Record<RefusalKind, readonly [status: number, type: string, code: string | null]>> = {
  invalid: [400, "invalid_request_error", null],
  "too-long": [400, "invalid_request_error", "context_length_exceeded"],
  "content-refused": [400, "invalid_request_error", "content_policy_violation"],
  unauthenticated: [401, "invalid_request_error", "invalid_api_key"],
  forbidden: [403, "invalid_request_error", null],
  "not-found": [404, "invalid_request_error", "model_not_found"],
  "too-large": [413, "invalid_request_error", null],
  "rate-limited": [429, "rate_limit_error", "rate_limit_exceeded"],
  "out-of-money": [429, "insufficient_quota", "insufficient_quota"],
  overloaded: [503, "service_unavailable_error", "server_is_overloaded"],
  timeout: [504, "server_error", null],
  upstream: [502, "server_error", null],
  internal: [500, "server_error", null],
};

function writeError({ kind, message, param, reason }: Refusal): LaneError {
  const [status, type, code] = WORDS[kind];
  // An address that does not exist is no model that does not exist.
  const known = reason === "not_found" ? reason : (code ?? reason);
  return { status, body: { error: { message, type, param, code: known } } };
}
