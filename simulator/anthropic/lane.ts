import type { Complaint, Lane } from "../lane.ts";

/** Anthropic's errors, headers and request ids: platform.claude.com/docs, api/errors. */
export const anthropicLane: Lane = {
  name: "anthropic",
  requestIdHeader: "request-id",
  headers: (organization) => ({ "anthropic-organization-id": organization }),
  error(complaint, requestId) {
    const { status, type, message, code } = describe(complaint);
    const details = code === undefined ? {} : { details: { error_code: code } };
    return { status, body: { type: "error", error: { type, message, ...details }, request_id: requestId } };
  },
};

interface Description {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly code?: string;
}

function describe(complaint: Complaint): Description {
  switch (complaint.kind) {
    case "bad-request":
      return invalid(complaint.mistake.message);
    case "not-found":
      return { status: 404, type: "not_found_error", message: complaint.what };
    case "conflict":
      return { status: 409, type: "conflict_error", message: complaint.what };
    case "too-large":
      return { status: 413, type: "request_too_large", message: complaint.what };
    case "unauthorized": {
      const message = complaint.hasKey ? "invalid x-api-key" : "x-api-key header is required";
      return { status: 401, type: "authentication_error", message };
    }
    case "forbidden":
      return { status: 403, type: "permission_error", message: "Your API key may not use this resource." };
    case "unknown-model":
      return { status: 404, type: "not_found_error", message: `model: ${complaint.model}` };
    case "no-prefill":
      return invalid(
        "This model does not support assistant message prefill. The conversation must end with a user message.",
      );
    case "context-length":
      return invalid("prompt is too long: it has more tokens than the model's maximum.");
    case "content-policy":
      return invalid("Output blocked by content filtering policy.");
    case "rate-limit":
    case "token-limit":
      return limited("This request would exceed your account's rate limit. Please try again later.");
    case "concurrent":
      return limited("Number of concurrent connections has exceeded your rate limit. Please try again later.");
    case "slow-down":
      return { ...limited("Your usage grew too fast. Increase it gradually."), code: "ramp_limit_exceeded" };
    case "spend-limit":
      return { ...limited("Your organization has reached its spend limit."), code: "enforced_spend_limit_reached" };
    case "quota":
      return { status: 402, type: "billing_error", message: "Your credit balance is too low to access the API." };
    case "server-error":
      return { status: 500, type: "api_error", message: "Internal server error" };
    case "overloaded":
      return { status: 529, type: "overloaded_error", message: "Overloaded" };
    case "unavailable":
      return { status: 503, type: "api_error", message: "Service temporarily unavailable" };
    case "timeout":
    case "expired":
      return { status: 504, type: "timeout_error", message: "The request took too long to process." };
  }
}

function invalid(message: string): Description {
  return { status: 400, type: "invalid_request_error", message };
}

function limited(message: string): Description {
  return { status: 429, type: "rate_limit_error", message };
}
