import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isErrorCode } from "../core/errors.ts";
import { createStepNames, itemId } from "./step-names.ts";

describe("createStepNames", () => {
  it("numbers the uses of a name from the second on", () => {
    const nameStep = createStepNames();
    assert.deepEqual(["ask", "store", "ask", "ask"].map(nameStep), ["ask", "store", "ask#1", "ask#2"]);
  });

  it("refuses names that would be taken for a use or an item", () => {
    const nameStep = createStepNames();
    for (const name of ["", "a#1", "a:b", "a\ud800", "x".repeat(201)]) {
      assert.throws(
        () => nameStep(name),
        (error) => isErrorCode(error, "INPUT_INVALID"),
      );
    }
  });
});

describe("itemId", () => {
  it("takes any text that can be stored", () => {
    assert.deepEqual(
      ["", "a:b#1", "a\u0000b", "🏠"].map((key) => itemId("ask", key)),
      ["ask:", "ask:a:b#1", "ask:a\u0000b", "ask:🏠"],
    );
  });

  it("refuses a key that could not be stored or found again, without trying it for minutes", () => {
    for (const key of ["\ud800", "x".repeat(1_001), undefined, 7, {}]) {
      assert.throws(
        () => itemId("ask", key as string),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.length < 200,
      );
    }
  });
});
