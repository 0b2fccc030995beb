import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { referencePages } from "../tools/reference.ts";

describe("docs/reference", () => {
  for (const [path, text] of referencePages()) {
    it(`${path} says what the code says`, () => {
      assert.equal(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"), text, "run node tools/reference.ts");
    });
  }
});
