import { parseMessagesRequest } from "../../model/wire/anthropic/parse-request.ts";
import { MessageStreamWriter, writeMessage } from "../../model/wire/anthropic/write-reply.ts";
import type { Lane, LaneError } from "./lane.ts";
import type { Refusal, RefusalKind } from "./refusal.ts";

/** Anthropic's Messages and their errors (platform.claude.com/docs, api/errors). */
export const messagesLane: Lane = {
  kinds: ["anthropic"],
  idPrefix: "msg_",
  headersOf: (requestId) => ({ "request-id": requestId, "x-content-type-options": "nosniff" }),
  parse: (body) => ({ ...parseMessagesRequest(body), wantsUsage: true }),
  writeAnswer: (answer, head) => writeMessage({ ...answer, warnings: [] }, head),
  openStream: (head) => new MessageStreamWriter(head),
  writeError,
  writeErrorEvent: (refusal, requestId) =>
    `event: error\ndata: ${JSON.stringify(writeError(refusal, requestId).body)}\n\n`,
};

const WORDS: Readonly<Record<RefusalKind, readonly [status: number, type: string]>> = {
  invalid: [400, "invalid_request_error"],
  "too-long": [400, "invalid_request_error"],
  "content-refused": [400, "invalid_request_error"],
  unauthenticated: [401, "authentication_error"],
  forbidden: [403, "permission_error"],
  "not-found": [404, "not_found_error"],
  "too-large": [413, "request_too_large"],
  "rate-limited": [429, "rate_limit_error"],
  "out-of-money": [402, "billing_error"],
  overloaded: [529, "overloaded_error"],
  timeout: [504, "timeout_error"],
  upstream: [502, "api_error"],
  internal: [500, "api_error"],
};

function writeError({ kind, message, reason }: Refusal, requestId: string): LaneError {
  const [status, type] = WORDS[kind];
  const error = { type, message, details: { error_code: reason } };
  return { status, body: { type: "error", error, request_id: requestId } };
}
