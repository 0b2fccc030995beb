import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { APICallError } from "@ai-sdk/provider";
import { type FailureKind, ModelFailure } from "./failure.ts";
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

function anthropic(type: string, message = ""): Answered {
  return { body: { type: "error", error: { type, message } } };
}
function openai(type: string, code: string): Answered {
  return { body: { error: { type, code, message: "", param: null } } };
}

describe("toModelFailure", () => {
  it("judges an error of an AI SDK provider by its body first and by its status second", () => {
    const cases: readonly (readonly [number, Answered, FailureKind])[] = [
      [429, openai("insufficient_quota", "insufficient_quota"), "out-of-money"],
      [529, anthropic("overloaded_error"), "overloaded"],
      [404, { body: { object: "error", message: "no model m" } }, "model-missing"],
      [404, {}, "address-wrong"],
      [200, { body: { hello: 1 } }, "unusable"],
    ];
    for (const [status, reply, kind] of cases) assert.equal(answered(status, reply).kind, kind);
    const own = new ModelFailure("cut");
    assert.equal(toModelFailure(own, NOW), own);
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
