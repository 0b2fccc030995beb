import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSeededRandom } from "millrace";
import { z } from "zod";
import { createInstance } from "./instance.ts";
import { withLimitsInWords } from "./limits-in-words.ts";
import { createWriter, tellingWords } from "./words.ts";

function instanceOf(schema: unknown, seed: number): unknown {
  const random = createSeededRandom(seed);
  const writer = createWriter(tellingWords("When motion.hall turns on, light.kitchen follows in the evening"), random);
  return createInstance({ schema, random, writer });
}

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const Tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  texts: z.object({ title: z.string().min(5).max(20), body: z.string().min(200), short: z.string().max(3) }),
  numbers: z.object({
    share: z.number().min(0).max(1),
    hour: z.int().min(0).max(23),
    positive: z.int().positive(),
    negative: z.number().lt(-5),
    step: z.int().multipleOf(15).min(30).max(120),
    plain: z.number(),
  }),
  "enums and literals": z.object({
    kind: z.enum(["a", "b"]),
    one: z.literal(1),
    many: z.literal(["x", 2, true, null]),
  }),
  lists: z.object({
    tags: z.array(z.string()).min(2).max(2),
    any: z.array(z.int()),
    pair: z.tuple([z.string(), z.int()]),
  }),
  "optional and nullable": z.object({ a: z.string().nullable(), b: z.int().optional(), c: z.boolean().nullish() }),
  unions: z.object({
    either: z.union([z.int(), z.object({ x: z.boolean() })]),
    told: z.discriminatedUnion("t", [z.object({ t: z.literal("a"), n: z.int() }), z.object({ t: z.literal("b") })]),
  }),
  intersections: z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })),
  records: z.record(z.string(), z.number().min(1)),
  formats: z.object({
    email: z.email(),
    id: z.uuid(),
    at: z.iso.datetime(),
    day: z.iso.date(),
    link: z.url(),
    ip: z.ipv4(),
  }),
  patterns: z.object({
    key: z.string().regex(/^[a-z]{2,4}-\d{3}$/),
    time: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/),
    entity: z.string().regex(/^(light|switch)\.[a-z_]+$/),
    prefix: z.string().startsWith("run-"),
  }),
  recursion: Tree,
};

/** What schema libraries of other languages write, and the same in the words of ours. */
const FITS: Readonly<Record<string, readonly [schema: object, fitting: z.ZodType]>> = {
  "a union beside fields of its own": [
    {
      type: "object",
      properties: { kind: { type: "string" } },
      required: ["kind"],
      oneOf: [
        { properties: { kind: { const: "a" }, x: { type: "integer" } }, required: ["x"] },
        { properties: { kind: { const: "b" }, y: { type: "string" } }, required: ["y"] },
      ],
    },
    z.union([z.object({ kind: z.literal("a"), x: z.int() }), z.object({ kind: z.literal("b"), y: z.string() })]),
  ],
  "a reference with a bound of its own": [
    { $defs: { S: { type: "string" } }, properties: { a: { $ref: "#/$defs/S", maxLength: 9 } }, required: ["a"] },
    z.object({ a: z.string().max(9) }),
  ],
  "bounds in several parts": [
    { properties: { a: { allOf: [{ type: "integer", minimum: 5, maximum: 9 }, { maximum: 6 }] } }, required: ["a"] },
    z.object({ a: z.int().min(5).max(6) }),
  ],
  "items that differ": [
    {
      properties: { a: { type: "array", items: { enum: ["x", "y", "z"] }, minItems: 3, uniqueItems: true } },
      required: ["a"],
    },
    z.object({
      a: z
        .array(z.enum(["x", "y", "z"]))
        .length(3)
        .refine((items) => new Set(items).size === 3),
    }),
  ],
  "a tuple of the older drafts": [
    { properties: { a: { type: "array", items: [{ type: "integer" }, { const: "b" }] } }, required: ["a"] },
    z.object({ a: z.tuple([z.int(), z.literal("b")]) }),
  ],
  "narrow and far numbers": [
    {
      properties: {
        a: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.001 },
        b: { type: "number", minimum: 1e15 },
        c: { type: "integer", maximum: -1e13 },
        d: { type: "integer", exclusiveMaximum: -5 },
      },
      required: ["a", "b", "c", "d"],
    },
    z.object({ a: z.number().gt(0).lt(0.001), b: z.number().min(1e15), c: z.number().max(-1e13), d: z.int().lt(-5) }),
  ],
  "names that are listed, required or special": [
    { propertyNames: { enum: ["a", "b"] }, additionalProperties: { type: "number" }, required: ["b", "__proto__"] },
    z.custom((value) => ["a", "b", "__proto__"].every((name) => Object.hasOwn(value as object, name))),
  ],
};

describe("createInstance", () => {
  for (const [name, [schema, fitting]] of Object.entries(FITS)) {
    it(`writes ${name} that fit, from any seed`, () => {
      const isFitting = fc.property(fc.nat(), (seed) => fitting.safeParse(instanceOf(schema, seed)).success);
      fc.assert(isFitting, { numRuns: 60 });
    });
  }

  it("comes to an end with a schema that refers to itself, wherever the branch that ends it stands", () => {
    const node = {
      type: "object",
      properties: { next: { anyOf: [{ type: "null" }, { $ref: "#" }] } },
      required: ["next"],
    };
    for (let seed = 0; seed < 60; seed++) assert.ok(JSON.stringify(instanceOf(node, seed)).includes('"next":null'));
    assert.equal(instanceOf({ $ref: "#" }, 1) !== undefined, true);
  });

  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`writes ${name} that fit, from any seed`, () => {
      const json = z.toJSONSchema(schema);
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const result = schema.safeParse(instanceOf(json, seed));
          assert.ok(result.success, result.error?.message);
        }),
        { numRuns: 60 },
      );
    });
  }

  it("mentions what the prompt speaks of", () => {
    const { title } = instanceOf(z.toJSONSchema(z.object({ title: z.string() })), 3) as { title: string };
    assert.match(title, /motion|light|kitchen|evening|follows/);
  });
});

describe("withLimitsInWords", () => {
  it("reads the limits that a client moved into the description", () => {
    assert.deepEqual(withLimitsInWords({ type: "number", description: "How sure.\nminimum: 0; maximum: 1." }), {
      type: "number",
      description: "How sure.\nminimum: 0; maximum: 1.",
      minimum: 0,
      maximum: 1,
    });
    assert.equal(withLimitsInWords({ description: "pattern: ^[a-z]{2}$; max length: 9." })["pattern"], "^[a-z]{2}$");
    assert.equal(withLimitsInWords({ description: "maximum: 9.", maximum: 3 })["maximum"], 3);
  });

  it("leaves other descriptions alone", () => {
    const node = { type: "string", description: "The title, a maximum of 3 words." };
    assert.deepEqual(withLimitsInWords(node), node);
  });
});
