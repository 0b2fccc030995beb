import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classifyError, classifyNetworkError, classifyReply } from "./classify.ts";
import type { BreakerView, FailureKind, LimiterView, ModelFailure, NextCandidate } from "./failure.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

function anthropic(
  type: string,
  { message = "", code }: { readonly message?: string; readonly code?: string } = {},
): string {
  return JSON.stringify({
    type: "error",
    error: { type, message, ...(code === undefined ? {} : { details: { error_code: code } }) },
  });
}
function openai(type: string, code: string | null = null, message = ""): string {
  return JSON.stringify({ error: { type, code, message, param: null } });
}

/** What follows from a failure: again on the same route, next candidate, breaker, limiter. */
type Consequence = readonly [again: boolean, next: NextCandidate, breaker: BreakerView, limiter: LimiterView];

const FINAL: Consequence = [false, "never", "ignored", "none"];
const ELSEWHERE: Consequence = [false, "yes", "ignored", "none"];
const TROUBLE: Consequence = [true, "yes", "route", "none"];
const MONEY: Consequence = [false, "other-provider", "park", "none"];
const WAIT: Consequence = [true, "yes", "ignored", "wait"];
const SLOW_DOWN: Consequence = [true, "yes", "ignored", "slow-down"];

type Case = readonly [what: string, status: number, body: string, kind: FailureKind, follows: Consequence];

const ROWS: Readonly<Record<string, readonly Case[]>> = {
  "1 a bad request": [
    [
      "Anthropic",
      400,
      anthropic("invalid_request_error", { message: "messages: Field required" }),
      "bad-request",
      FINAL,
    ],
    ["OpenAI", 400, openai("invalid_request_error"), "bad-request", FINAL],
  ],
  "2 a prompt that is too long": [
    [
      "Anthropic",
      400,
      anthropic("invalid_request_error", { message: "prompt is too long: 9 > 8" }),
      "prompt-too-long",
      [false, "larger-window", "ignored", "none"],
    ],
    [
      "OpenAI",
      400,
      openai("invalid_request_error", "context_length_exceeded"),
      "prompt-too-long",
      [false, "larger-window", "ignored", "none"],
    ],
  ],
  "3 refused content": [
    ["OpenAI, by its policy", 400, openai("invalid_request_error", "content_policy_violation"), "refused", FINAL],
    ["OpenAI, by its filter", 400, openai("invalid_request_error", "content_filter"), "refused", FINAL],
  ],
  "4 a bad key": [
    ["Anthropic", 401, anthropic("authentication_error"), "key-refused", [false, "yes", "key", "none"]],
    ["Anthropic, forbidden", 403, anthropic("permission_error"), "key-refused", [false, "yes", "key", "none"]],
    ["OpenAI", 401, openai("invalid_request_error", "invalid_api_key"), "key-refused", [false, "yes", "key", "none"]],
  ],
  "5 no such model": [
    ["Anthropic", 404, anthropic("not_found_error", { message: "model: x" }), "model-missing", ELSEWHERE],
    ["OpenAI", 404, openai("invalid_request_error", "model_not_found"), "model-missing", ELSEWHERE],
  ],
  "6 a body that is too big": [
    ["Anthropic", 413, anthropic("request_too_large"), "too-large", FINAL],
    ["a proxy", 413, "<html>", "too-large", FINAL],
  ],
  "7 a timeout or a lock": [
    ["a timeout", 408, "", "request-timeout", TROUBLE],
    ["a lock", 409, anthropic("conflict_error"), "conflict", [true, "yes", "ignored", "none"]],
  ],
  "8 a rate limit": [
    ["Anthropic", 429, anthropic("rate_limit_error"), "rate-limited", WAIT],
    ["OpenAI, requests", 429, openai("requests", "rate_limit_exceeded"), "rate-limited", WAIT],
    ["OpenAI, tokens", 429, openai("tokens", "rate_limit_exceeded"), "rate-limited", WAIT],
    ["without a body", 429, "", "rate-limited", WAIT],
  ],
  "9 traffic that grew too fast": [
    ["Anthropic", 429, anthropic("rate_limit_error", { code: "ramp_limit_exceeded" }), "ramp-limited", SLOW_DOWN],
    ["OpenAI", 429, openai("rate_limit_error", "slow_down"), "ramp-limited", SLOW_DOWN],
    ["OpenAI, as it was", 503, openai("server_error", "slow_down"), "ramp-limited", SLOW_DOWN],
  ],
  "10 no money": [
    ["Anthropic, billing", 402, anthropic("billing_error"), "out-of-money", MONEY],
    [
      "Anthropic, its cap",
      429,
      anthropic("rate_limit_error", { code: "enforced_spend_limit_reached" }),
      "out-of-money",
      MONEY,
    ],
    [
      "Anthropic, a contract",
      429,
      anthropic("rate_limit_error", { code: "contract_spend_limit_reached" }),
      "out-of-money",
      MONEY,
    ],
    [
      "Anthropic, a limit of the user",
      400,
      anthropic("invalid_request_error", { message: "You have reached your usage limits" }),
      "out-of-money",
      MONEY,
    ],
    ...[
      "insufficient_quota",
      "credit_balance_exhausted",
      "organization_spend_limit_exceeded",
      "project_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
    ].map((code): Case => [`OpenAI, ${code}`, 429, openai("insufficient_quota", code), "out-of-money", MONEY]),
  ],
  "11 an overload": [
    ["Anthropic", 529, anthropic("overloaded_error"), "overloaded", TROUBLE],
    ["OpenAI", 503, openai("service_unavailable_error", "server_is_overloaded"), "overloaded", TROUBLE],
  ],
  "12 a server error": [
    ["Anthropic", 500, anthropic("api_error"), "server-error", TROUBLE],
    ["OpenAI", 500, openai("server_error"), "server-error", TROUBLE],
    ["a proxy's page", 502, "<html>", "server-error", TROUBLE],
  ],
  "13 a processing timeout": [["Anthropic", 504, anthropic("timeout_error"), "server-error", TROUBLE]],
  "14 the customer's key store": [
    ["unreachable", 503, anthropic("api_error", { code: "cmek_key_unreachable" }), "key-store-unreachable", TROUBLE],
    ["without context", 503, anthropic("cmek_context_unavailable"), "key-store-unreachable", TROUBLE],
  ],
};

function consequenceOf({ isRetryable, next, breaker, limiter }: ModelFailure): Consequence {
  return [isRetryable, next, breaker, limiter];
}

describe("a reply that is no answer", () => {
  for (const [row, cases] of Object.entries(ROWS)) {
    for (const [what, status, body, kind, follows] of cases) {
      it(`row ${row}, ${what}: is ${kind}`, () => {
        const failure = classifyReply({ status, headers: {}, body }, NOW);
        assert.deepEqual([failure.kind, consequenceOf(failure)], [kind, follows]);
      });
    }
  }

  it("comes back when the provider says: waits are minima, a spent tier lasts to the first of the month", () => {
    const waitOf = (status: number, body: string, headers = {}): number =>
      classifyReply({ status, headers, body }, NOW).notBeforeMs;
    assert.equal(waitOf(429, "", { "retry-after": "2" }), 2_000);
    assert.equal(waitOf(429, "", { "retry-after-ms": "1500", "retry-after": "9" }), 1_500);
    assert.equal(waitOf(503, anthropic("api_error", { code: "cmek_key_unreachable" })), 60_000);
    const cap = anthropic("rate_limit_error", { code: "enforced_spend_limit_reached" });
    assert.equal(NOW + waitOf(429, cap), Date.parse("2026-12-01T00:00:00Z"));
  });

  it("obeys x-should-retry over the status, but not over money, a key or the kind of model", () => {
    const again = (status: number, body: string, word: string): boolean =>
      classifyReply({ status, headers: { "x-should-retry": word }, body }, NOW).isRetryable;
    assert.equal(again(500, "", "false"), false);
    assert.equal(again(429, "", "false"), false);
    assert.equal(again(400, "", "true"), true);
    assert.equal(again(402, "", "true"), false);
    assert.equal(again(401, "", "true"), false);
    assert.equal(again(400, openai("x", "context_length_exceeded"), "true"), false);
  });

  it("keeps the provider's name of the request", () => {
    for (const name of ["request-id", "x-request-id"]) {
      assert.equal(classifyReply({ status: 500, headers: { [name]: "req_7" }, body: "" }, NOW).requestId, "req_7");
    }
  });
});

describe("an error inside of a stream", () => {
  const reply = { status: 200, headers: {} };
  it("row 17: before the first content is what its type says, though the status is 200", () => {
    const kinds: readonly (readonly [unknown, FailureKind])[] = [
      [JSON.parse(anthropic("overloaded_error")), "overloaded"],
      [JSON.parse(anthropic("api_error")), "server-error"],
      [JSON.parse(anthropic("rate_limit_error")), "rate-limited"],
      [JSON.parse(anthropic("authentication_error")), "key-refused"],
      [JSON.parse(anthropic("invalid_request_error")), "bad-request"],
      [JSON.parse(openai("insufficient_quota", "insufficient_quota")), "out-of-money"],
      [JSON.parse(openai("server_error")), "server-error"],
      [JSON.parse(openai("tokens", "rate_limit_exceeded")), "rate-limited"],
      [{ error: "something of a gateway" }, "server-error"],
      [{ hello: 1 }, "unusable"],
    ];
    for (const [body, kind] of kinds) assert.equal(classifyError(body, reply, NOW).kind, kind);
  });

  it("row 18: after content was passed on the same route is not asked again, and another only where the answer is held", () => {
    const usage = {
      inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    };
    const arrived = { content: [{ type: "text" as const, text: "half" }], usage };
    const failure = classifyError(JSON.parse(anthropic("overloaded_error")), reply, NOW).with({ arrived });
    assert.deepEqual(consequenceOf(failure), [false, "if-held", "route", "none"]);
    assert.equal(failure.mayBeBilled, true);
    assert.equal(failure.arrived, arrived);
    const final = classifyError(JSON.parse(anthropic("invalid_request_error")), reply, NOW).with({ arrived });
    assert.equal(final.next, "never");
  });
});

describe("an error of the network", () => {
  const failureOf = (code: string, hasStatus = false): ModelFailure | undefined =>
    classifyNetworkError(new Error("outer", { cause: Object.assign(new Error("inner"), { code }) }), hasStatus);

  it("row 15: a reset before any byte is tried again", () => {
    for (const code of [
      "ECONNRESET",
      "ECONNREFUSED",
      "EPIPE",
      "UND_ERR_SOCKET",
      "UND_ERR_CONNECT_TIMEOUT",
      "EAI_AGAIN",
    ]) {
      const failure = failureOf(code);
      assert.ok(failure);
      assert.deepEqual([failure.kind, consequenceOf(failure)], ["reset", TROUBLE], code);
    }
  });

  it("row 16: a silent route is not asked again, another at once", () => {
    for (const code of ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]) {
      const failure = failureOf(code);
      assert.ok(failure);
      assert.deepEqual([failure.kind, consequenceOf(failure)], ["silent", [false, "yes", "route", "none"]], code);
    }
  });

  it("tells a cut answer, a large one, and an address that leads nowhere", () => {
    assert.equal(failureOf("UND_ERR_SOCKET", true)?.kind, "interrupted");
    assert.equal(failureOf("UND_ERR_RES_EXCEEDED_MAX_SIZE")?.kind, "too-large");
    for (const code of ["ENOTFOUND", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_SSL_WRONG_VERSION_NUMBER"]) {
      const failure = failureOf(code);
      assert.ok(failure);
      assert.deepEqual([failure.kind, consequenceOf(failure)], ["unreachable", [false, "yes", "route", "none"]], code);
    }
    assert.equal(failureOf("ERR_OF_OURS"), undefined);
  });
});
