import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import type { Schema } from "../core/schema.ts";
import { wireSchemaOf } from "./json-schema.ts";

describe("wireSchemaOf", () => {
  it("closes objects all the way down, and is strict when every field is required", () => {
    const { json, isStrict } = wireSchemaOf(
      z.object({ a: z.object({ b: z.string() }), list: z.array(z.object({ c: z.int() })) }),
    );
    assert.equal(isStrict, true);
    const { a, list } = json["properties"] as { a: Record<string, unknown>; list: { items: Record<string, unknown> } };
    assert.deepEqual(
      [json["additionalProperties"], a["additionalProperties"], list.items["additionalProperties"]],
      [false, false, false],
    );
    assert.equal("$schema" in json, false);
  });

  it("is not strict with a field that may be left out, or with free keys", () => {
    assert.equal(wireSchemaOf(z.object({ a: z.string().optional() })).isStrict, false);
    assert.equal(wireSchemaOf(z.object({ a: z.record(z.string(), z.number()) })).isStrict, false);
  });

  it("is not strict with words that strict mode refuses, so that the whole request is not refused", () => {
    const a = z.object({ kind: z.literal("a") });
    const told = z.discriminatedUnion("kind", [a, z.object({ kind: z.literal("b") })]);
    assert.equal(wireSchemaOf(z.object({ told })).isStrict, false);
    assert.equal(wireSchemaOf(z.object({ a: z.string().max(80) })).isStrict, false);
    assert.equal(wireSchemaOf(z.union([a, z.object({ b: z.int() })])).isStrict, false);
    assert.equal(wireSchemaOf(z.object({ type: z.enum(["oneOf"]), n: z.int().min(1).nullable() })).isStrict, true);
  });

  it("says what to do for a schema that cannot give its JSON Schema", () => {
    const plain: Schema = { "~standard": { version: 1, vendor: "own", validate: (value) => ({ value }) } };
    assert.throws(() => wireSchemaOf(plain), { code: "INPUT_INVALID", advice: /Zod 4/ });
  });
});
