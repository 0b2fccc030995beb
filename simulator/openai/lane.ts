import type { Complaint, Lane } from "../lane.ts";

/** OpenAI's errors, headers and request ids: developers.openai.com/api/docs, guides/error-codes. */
export const openAiLane: Lane = {
  name: "openai",
  requestIdHeader: "x-request-id",
  headers: (organization) => ({ "openai-organization": organization, "openai-version": "2020-10-01" }),
  error(complaint) {
    const { status, message, type, param = null, code = null } = describe(complaint);
    return { status, body: { error: { message, type, param, code } } };
  },
};

interface Description {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string;
}

function describe(complaint: Complaint): Description {
  switch (complaint.kind) {
    case "bad-request": {
      const { message, field, code } = complaint.mistake;
      return { ...invalid(400, message), param: field, ...(code === undefined ? {} : { code }) };
    }
    case "not-found":
      return invalid(404, complaint.what);
    case "conflict":
      return invalid(409, complaint.what);
    case "too-large":
      return invalid(413, complaint.what);
    case "unauthorized":
      return complaint.hasKey
        ? invalid(401, "Incorrect API key provided.", "invalid_api_key")
        : invalid(401, "You didn't provide an API key.");
    case "forbidden":
      return invalid(403, "Your project may not use this resource.");
    case "unknown-model":
      return invalid(404, `The model \`${complaint.model}\` does not exist or you may not use it.`, "model_not_found");
    case "no-prefill":
      return invalid(400, "The last message must not be the assistant's: this model takes no prefill.");
    case "context-length":
      return {
        ...invalid(400, "Your input exceeds the context window of this model.", "context_length_exceeded"),
        param: "messages",
      };
    case "content-policy":
      return invalid(400, "Your request was rejected by the safety system.", "content_policy_violation");
    case "rate-limit":
      return limited(
        "requests",
        "rate_limit_exceeded",
        `Rate limit reached for ${complaint.model} on requests per min.`,
      );
    case "token-limit":
      return limited("tokens", "rate_limit_exceeded", `Rate limit reached for ${complaint.model} on tokens per min.`);
    case "concurrent":
      return limited("rate_limit_error", "rate_limit_exceeded", "Too many requests at once.");
    case "slow-down":
      return limited("rate_limit_error", "slow_down", "Your traffic grew too fast: slow down.");
    case "quota":
      return limited("insufficient_quota", "insufficient_quota", "You exceeded your current quota.");
    case "spend-limit":
      return limited(
        "insufficient_quota",
        "organization_spend_limit_exceeded",
        "Your organization's spend limit is reached.",
      );
    case "server-error":
      return { status: 500, type: "server_error", message: "The server had an error while processing your request." };
    case "overloaded":
    case "unavailable":
      return {
        status: 503,
        type: "service_unavailable_error",
        code: "server_is_overloaded",
        message: "The server is overloaded, try again later.",
      };
    case "timeout":
    case "expired":
      return { status: 504, type: "server_error", message: "The request took too long to process." };
  }
}

function invalid(status: number, message: string, code?: string): Description {
  return { status, type: "invalid_request_error", message, ...(code === undefined ? {} : { code }) };
}

function limited(type: string, code: string, message: string): Description {
  return { status: 429, type, code, message };
}
