import { MillraceError } from "../core/errors.ts";
import type { Schema } from "../core/schema.ts";

/** A JSON Schema (draft 2020-12) as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema stands for on the wire, and whether OpenAI's strict mode takes it. */
export interface WireSchema {
  readonly json: JsonSchema;
  /** Every object is closed and requires all of its fields, and no word is used that strict mode refuses. */
  readonly isStrict: boolean;
}

const bySchema = new WeakMap<object, WireSchema>();

/**
 * Gives the JSON Schema of what a schema accepts, by the `jsonSchema` member of Standard JSON Schema (Zod 4 has it, so no schema
 * library is loaded here). Objects that say nothing of further fields are closed. Throws INPUT_INVALID when there is no such member.
 */
export function wireSchemaOf(schema: Schema): WireSchema {
  const known = bySchema.get(schema);
  if (known !== undefined) return known;
  const { $schema: _dialect, ...json } = closeObjects(toJsonSchema(schema)) as JsonSchema;
  const wire = { json, isStrict: isStrict(json) };
  bySchema.set(schema, wire);
  return wire;
}

function toJsonSchema(schema: Schema): unknown {
  const jsonSchema = "jsonSchema" in schema["~standard"] ? schema["~standard"].jsonSchema : undefined;
  if (
    typeof jsonSchema === "object" &&
    jsonSchema !== null &&
    "input" in jsonSchema &&
    typeof jsonSchema.input === "function"
  ) {
    try {
      return jsonSchema.input({ target: "draft-2020-12" });
    } catch (error) {
      throw new MillraceError("INPUT_INVALID", "The schema of ai.object cannot be written as JSON Schema.", {
        cause: error,
        advice: "Use what JSON can hold: no dates, maps, functions or transforms.",
      });
    }
  }
  throw new MillraceError("INPUT_INVALID", "The schema of ai.object cannot give its JSON Schema.", {
    advice: "Use a library that implements Standard JSON Schema, such as Zod 4.2 or later.",
  });
}

function closeObjects(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closeObjects);
  if (typeof node !== "object" || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    copy[key] = key === "const" || key === "enum" || key === "default" ? value : closeObjects(value);
  }
  if (isObjectNode(copy)) copy["additionalProperties"] ??= false;
  return copy;
}

function isObjectNode(node: Readonly<Record<string, unknown>>): boolean {
  return node["type"] === "object" && typeof node["properties"] === "object";
}

/** The words of JSON Schema that OpenAI's strict mode takes; others make it refuse the whole request. */
const STRICT_WORDS = new Set(
  (
    "type properties required additionalProperties items anyOf enum const $ref $defs title description " +
    "pattern format minItems maxItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"
  ).split(" "),
);

function isStrict(root: JsonSchema): boolean {
  return root["type"] === "object" && isStrictNode(root);
}

function isStrictNode(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  const fields = node as Readonly<Record<string, unknown>>;
  if (!Object.keys(fields).every((word) => STRICT_WORDS.has(word))) return false;
  if (fields["type"] === "object" && !isClosed(fields)) return false;
  const { properties = {}, $defs = {}, anyOf = [], items } = fields;
  const inner = [properties, $defs, anyOf].flatMap((each) => Object.values(each as object) as unknown[]);
  return [...inner, ...(items === undefined ? [] : [items])].every(isStrictNode);
}

function isClosed({ properties, required, additionalProperties }: Readonly<Record<string, unknown>>): boolean {
  if (additionalProperties !== false || typeof properties !== "object" || properties === null) return false;
  const names = Object.keys(properties);
  return Array.isArray(required) && names.every((name) => required.includes(name));
}
