import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { isErrorCode, MillraceError } from "../core/errors.ts";
import { createSeededRandom } from "../core/random.ts";
import { retryDelayMs, retryRules } from "./retry.ts";

const random = createSeededRandom(1);

describe("retryDelayMs", () => {
  it("doubles from try to try, between half and all of it, up to the longest", () => {
    const rules = retryRules({ attempts: 100, backoffMs: 100, maxBackoffMs: 5_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (attempt) => {
        const longest = Math.min(5_000, 100 * 2 ** (attempt - 1));
        const delay = retryDelayMs({ error: new Error("away"), attempt, rules, random }) ?? -1;
        assert.ok(delay >= longest / 2 && delay <= longest, `${delay} of ${longest}`);
      }),
    );
  });

  it("gives no further try once they are used up", () => {
    const rules = retryRules({ attempts: 2 });
    assert.notEqual(retryDelayMs({ error: new Error("away"), attempt: 1, rules, random }), undefined);
    assert.equal(retryDelayMs({ error: new Error("away"), attempt: 2, rules, random }), undefined);
  });

  it("gives no further try after an error that says it is of no use", () => {
    const error = new MillraceError("INPUT_INVALID", "bad");
    assert.equal(retryDelayMs({ error, attempt: 1, rules: retryRules(undefined), random }), undefined);
  });

  it("waits at least as long as the error asks for", () => {
    const error = Object.assign(new Error("slow down"), { retryAfterMs: 90_000 });
    assert.equal(retryDelayMs({ error, attempt: 1, rules: retryRules(undefined), random }), 90_000);
  });

  it("takes whatever was thrown", () => {
    for (const error of ["text", null, undefined, 7]) {
      assert.notEqual(retryDelayMs({ error, attempt: 1, rules: retryRules(undefined), random }), undefined);
    }
  });
});

describe("retryRules", () => {
  it("lets the step's policy win field by field", () => {
    assert.deepEqual(retryRules({ attempts: 5, backoffMs: 10 }, { attempts: 2 }), {
      attempts: 2,
      backoffMs: 10,
      maxBackoffMs: 60_000,
    });
  });

  it("refuses a policy that makes no sense, with the value", () => {
    for (const policy of [{ attempts: 0 }, { attempts: 1.5 }, { backoffMs: -1 }, { maxBackoffMs: Number.NaN }]) {
      const [value] = Object.values(policy);
      assert.throws(
        () => retryRules(policy),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.includes(String(value)),
      );
    }
  });
});
