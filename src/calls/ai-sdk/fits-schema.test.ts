import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fitsSchema } from "./fits-schema.ts";

const BOX = {
  type: "object",
  properties: {
    title: { type: "string" },
    size: { type: "integer" },
    kind: { enum: ["small", "large"] },
    tags: { type: "array", items: { type: "string" } },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    version: { const: 2 },
  },
  required: ["title"],
  additionalProperties: false,
};

describe("fitsSchema", () => {
  for (const value of [
    { title: "a" },
    { title: "a", size: 3, kind: "large", tags: [], note: null, version: 2 },
    { title: "a", tags: ["x", "y"], note: "n" },
  ]) {
    it(`takes ${JSON.stringify(value)}`, () => assert.equal(fitsSchema(value, BOX), true));
  }

  for (const value of [
    null,
    [],
    "text",
    {},
    { title: 1 },
    { title: "a", size: 1.5 },
    { title: "a", kind: "huge" },
    { title: "a", tags: ["x", 1] },
    { title: "a", note: 1 },
    { title: "a", version: 1 },
    { title: "a", more: true },
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(fitsSchema(value, BOX), false));
  }

  it("leaves open what it does not look at", () => {
    assert.equal(fitsSchema("x", { type: "string", pattern: "^y$" }), true);
    assert.equal(fitsSchema({ any: 1 }, { $ref: "#/$defs/other" }), true);
    assert.equal(fitsSchema({ more: 1 }, { type: "object" }), true);
    assert.equal(fitsSchema("x", { type: ["string", "null"] }), true);
  });
});
