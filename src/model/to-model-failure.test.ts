import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { APICallError } from "@ai-sdk/provider";
import type { FailureKind, ModelFailure } from "./failure.ts";
import { toModelFailure } from "./to-model-failure.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

interface Answered {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function answered(statusCode: number, { body = {}, headers = {} }: Answered = {}): ModelFailure {
  const error = new APICallError({
    message: "from the provider",
    url: "http://127.0.0.1/v1/messages",
    requestBodyValues: { secret: "the prompt" },
    statusCode,
    responseHeaders: headers,
    responseBody: JSON.stringify(body),
  });
  return toModelFailure(error, NOW);
}

function anthropic(type: string, message = "", errorCode?: string): Answered {
  return {
    body: { type: "error", error: { type, message, ...(errorCode ? { details: { error_code: errorCode } } : {}) } },
  };
}
function openai(type: string, code: string | null, message = ""): Answered {
  return { body: { error: { type, code, message, param: null } } };
}

describe("toModelFailure", () => {
  const cases: readonly (readonly [string, number, Answered, FailureKind, boolean])[] = [
    ["a bad request", 400, anthropic("invalid_request_error", "messages: Field required"), "bad-request", false],
    [
      "a long prompt, Anthropic",
      400,
      anthropic("invalid_request_error", "prompt is too long: 9 > 8"),
      "prompt-too-long",
      false,
    ],
    [
      "a long prompt, OpenAI",
      400,
      openai("invalid_request_error", "context_length_exceeded"),
      "prompt-too-long",
      false,
    ],
    ["content policy", 400, openai("invalid_request_error", "content_policy_violation"), "refused", false],
    ["a bad key", 401, anthropic("authentication_error"), "key-refused", false],
    ["a forbidden model", 403, anthropic("permission_error"), "key-refused", false],
    ["no such model", 404, openai("invalid_request_error", "model_not_found"), "model-missing", false],
    ["a large body", 413, anthropic("request_too_large"), "too-large", false],
    ["a lock", 409, anthropic("conflict_error"), "conflict", true],
    ["a rate limit", 429, anthropic("rate_limit_error"), "rate-limited", true],
    ["traffic that grew too fast", 429, openai("rate_limit_error", "slow_down"), "ramp-limited", true],
    ["no money, OpenAI", 429, openai("insufficient_quota", "insufficient_quota"), "out-of-money", false],
    [
      "a project's spend limit",
      429,
      openai("insufficient_quota", "project_spend_limit_exceeded"),
      "out-of-money",
      false,
    ],
    ["no money, Anthropic", 402, anthropic("billing_error"), "out-of-money", false],
    [
      "Anthropic's tier cap",
      429,
      anthropic("rate_limit_error", "", "enforced_spend_limit_reached"),
      "out-of-money",
      false,
    ],
    [
      "a limit the user set",
      400,
      anthropic("invalid_request_error", "You have reached your usage limits"),
      "out-of-money",
      false,
    ],
    ["an overload, Anthropic", 529, anthropic("overloaded_error"), "overloaded", true],
    ["an overload, OpenAI", 503, openai("service_unavailable_error", "server_is_overloaded"), "overloaded", true],
    ["a server error", 500, anthropic("api_error"), "server-error", true],
    ["a processing timeout", 504, anthropic("timeout_error"), "server-error", true],
    ["a proxy's page", 502, {}, "server-error", true],
    ["no money under status 200", 200, openai("insufficient_quota", "insufficient_quota"), "out-of-money", false],
    ["an error of a gateway under status 200", 200, { body: { error: "out of memory" } }, "server-error", true],
    ["an unknown model, vLLM", 404, { body: { object: "error", message: "no model m" } }, "model-missing", false],
    ["a page that is not found", 404, {}, "address-wrong", false],
    ["a redirect", 307, {}, "address-wrong", false],
    ["a 200 that is not an answer", 200, { body: { hello: 1 } }, "unusable", true],
  ];
  for (const [what, status, reply, kind, isRetryable] of cases) {
    it(`sees ${what} as ${kind}, ${isRetryable ? "worth another try" : "final"}`, () => {
      const failure = answered(status, reply);
      assert.deepEqual([failure.kind, failure.isRetryable], [kind, isRetryable]);
    });
  }

  it("obeys x-should-retry over the status, but not over money", () => {
    assert.equal(answered(500, { headers: { "x-should-retry": "false" } }).isRetryable, false);
    assert.equal(answered(400, { headers: { "x-should-retry": "true" } }).isRetryable, true);
    assert.equal(answered(402, { headers: { "x-should-retry": "true" } }).isRetryable, false);
  });

  it("reads the wait that was asked for in each of its forms", () => {
    const wait = (headers: Record<string, string>): number => answered(429, { headers }).notBeforeMs;
    assert.equal(wait({ "retry-after-ms": "1500", "retry-after": "9" }), 1_500);
    assert.equal(wait({ "retry-after": "2" }), 2_000);
    assert.equal(wait({ "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT" }), 30_000);
    assert.equal(wait({ "retry-after": "soon" }), 0);
    assert.equal(wait({}), 0);
  });

  it("tells a dropped connection from a silent one, a cut answer and a name that does not exist", () => {
    const kindOf = (code: string, statusCode?: number): string => {
      const cause = Object.assign(new Error("lost"), { code });
      const about = { message: "Cannot connect", url: "http://x/", requestBodyValues: {}, cause };
      return toModelFailure(new APICallError({ ...about, ...(statusCode === undefined ? {} : { statusCode }) }), NOW)
        .kind;
    };
    assert.equal(kindOf("ECONNRESET"), "reset");
    assert.equal(kindOf("ECONNREFUSED"), "reset");
    assert.equal(kindOf("UND_ERR_HEADERS_TIMEOUT"), "silent");
    assert.equal(kindOf("UND_ERR_SOCKET", 200), "interrupted");
    for (const code of ["ENOTFOUND", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_SSL_WRONG_VERSION_NUMBER"]) {
      assert.equal(kindOf(code), "unreachable", code);
    }
  });

  it("passes on what the server says, wherever it says it", () => {
    for (const body of [{ error: "why" }, { error: { message: "why" } }, { message: "why" }, { detail: "why" }]) {
      assert.equal(answered(422, { body }).detail, "why");
    }
    assert.equal(answered(422).detail, "from the provider");
  });

  it("keeps nothing of the request", () => {
    const failure = answered(400, anthropic("invalid_request_error", "bad"));
    assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /the prompt/);
  });
});
