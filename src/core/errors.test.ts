import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERROR_KINDS, isErrorCode, MillraceError, toErrorRecord } from "./errors.ts";

describe("MillraceError", () => {
  it("carries its code, facts, cause and what to do", () => {
    const cause = new Error("ENOSPC");
    const error = new MillraceError("STORE_FAILED", "No room.", {
      facts: { table: "runs" },
      cause,
      advice: "Free some space.",
    });
    assert.equal(isErrorCode(error, "STORE_FAILED"), true);
    assert.equal(isErrorCode(error, "RUN_UNKNOWN"), false);
    assert.deepEqual([error.facts, error.cause, error.advice], [{ table: "runs" }, cause, "Free some space."]);
  });

  it("gives the advice of its code when the place knows nothing better", () => {
    assert.equal(new MillraceError("RUN_UNKNOWN", "No.").advice, ERROR_KINDS.RUN_UNKNOWN.advice);
  });

  it("is worth another try only where the fault is not in what was asked", () => {
    assert.equal(new MillraceError("INPUT_INVALID", "Bad.").isRetryable, false);
    assert.equal(new MillraceError("PROVIDER_FAILED", "Down.").isRetryable, true);
    assert.equal(new MillraceError("PROVIDER_FAILED", "Key refused.", { isRetryable: false }).isRetryable, false);
  });
});

describe("toErrorRecord", () => {
  it("keeps no stack, whatever was thrown", () => {
    assert.deepEqual(toErrorRecord(Object.assign(new Error("gone"), { code: "ENOENT" })), {
      code: "ENOENT",
      message: "gone",
    });
    assert.deepEqual(toErrorRecord(new TypeError("odd")), { code: "TypeError", message: "odd" });
    assert.deepEqual(toErrorRecord("a text"), { code: "ERROR", message: "a text" });
    assert.deepEqual(Object.keys(toErrorRecord(new MillraceError("NOT_FOUND", "No."))), ["code", "message", "advice"]);
  });
});

describe("toErrorRecord of what is no error", () => {
  for (const [thrown, message] of [
    [undefined, "undefined"],
    [Symbol("odd"), "Symbol(odd)"],
    [{ message: "away", status: 503 }, "{ message: 'away', status: 503 }"],
    [Object.create(null), "[Object: null prototype] {}"],
  ] as const) {
    it(`puts ${message} into words`, () => assert.deepEqual(toErrorRecord(thrown), { code: "ERROR", message }));
  }

  it("reads nothing of an object that does not let itself be read", () => {
    const locked = new Proxy({}, { get: () => assert.fail("it was read") });
    assert.equal(toErrorRecord(locked).code, "ERROR");
  });
});

describe("the table of codes", () => {
  it("gives every code a title, a status of HTTP and an advice that is a sentence", () => {
    for (const [code, { title, status, advice }] of Object.entries(ERROR_KINDS)) {
      assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
      assert.ok(title.length > 5 && status >= 400 && status < 600, code);
      assert.match(advice, /\.$/, code);
    }
  });
});
