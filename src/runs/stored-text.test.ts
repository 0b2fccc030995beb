import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { isErrorCode } from "../core/errors.ts";
import { MAX_RESULT_BYTES, toStoredText } from "./stored-text.ts";

describe("toStoredText", () => {
  it("gives any JSON back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(toStoredText(value, "it")), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("stores nothing as null, dates as text, and leaves out fields that are undefined", () => {
    assert.equal(toStoredText(undefined, "it"), "null");
    assert.equal(toStoredText({ at: new Date(0), gone: undefined }, "it"), '{"at":"1970-01-01T00:00:00.000Z"}');
  });

  it("keeps zero bytes and lone surrogates", () => {
    for (const text of ["\u0000", "\ud800", "a\udfffb"]) assert.equal(JSON.parse(toStoredText(text, "it")), text);
  });

  it("refuses what JSON would lose, and names the field", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const emptied = [new Map(), new Set(), Promise.resolve(1), new Error("gone"), /x/, new ArrayBuffer(2)];
    const bad = [() => 1, Symbol("x"), 1n, new Uint8Array(2), ...emptied, cycle];
    for (const value of bad) {
      assert.throws(() => toStoredText(value, "it"), isStepOutput);
      assert.throws(
        () => toStoredText({ list: [{ answer: value }] }, "it"),
        (error) => isStepOutput(error) && (value === cycle || error.message.includes('"answer"')),
      );
    }
  });

  it("refuses more than 1 MiB, counted in bytes", () => {
    assert.equal(toStoredText("x".repeat(MAX_RESULT_BYTES - 2), "it").length, MAX_RESULT_BYTES);
    assert.throws(() => toStoredText("é".repeat(MAX_RESULT_BYTES / 2), "it"), isStepOutput);
  });
});

function isStepOutput(error: unknown): error is Error {
  return isErrorCode(error, "STEP_OUTPUT") && !error.isRetryable;
}
