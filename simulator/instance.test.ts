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

describe("createInstance", () => {
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
