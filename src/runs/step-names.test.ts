import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isErrorCode } from "../core/errors.ts";
import { createStepNames } from "./step-names.ts";

describe("createStepNames", () => {
  it("numbers the uses of a name from the second on", () => {
    const nameStep = createStepNames();
    assert.deepEqual(["ask", "store", "ask", "ask"].map(nameStep), ["ask", "store", "ask#1", "ask#2"]);
  });

  it("refuses names that would be taken for a use or an item", () => {
    const nameStep = createStepNames();
    for (const name of ["", "a#1", "a:b", "x".repeat(201)]) {
      assert.throws(
        () => nameStep(name),
        (error) => isErrorCode(error, "INPUT_INVALID"),
      );
    }
  });
});
