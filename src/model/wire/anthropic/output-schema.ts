import { type Fields, isFields, textOf } from "../fields.ts";
import type { OutputFormat } from "./types.ts";

/** Words that structured outputs refuse; what they ask is told in the description instead. */
const TOLD_IN_WORDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
] as const;
const KEPT = new Set([
  "$ref",
  "type",
  "title",
  "description",
  "default",
  "const",
  "enum",
  "required",
  "anyOf",
  "allOf",
  "items",
  "properties",
  "$defs",
  "definitions",
]);
const FORMATS = new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]);

const bySchema = new WeakMap<object, OutputFormat | "unfit">();

/**
 * Makes a schema fit for `output_config.format`: objects closed, `oneOf` as `anyOf`, bounds told in the description. The answer is
 * still to be checked against the whole schema. Undefined for one that structured outputs cannot hold: they close every object, so
 * maps would be lost, and know no recursion.
 */
export function outputFormatOf(schema: object): OutputFormat | undefined {
  let format = bySchema.get(schema);
  if (format === undefined) {
    const isFit = !isRecursive(schema) && !hasOpenObject(schema);
    format = isFit ? { type: "json_schema", schema: toNode(schema) as object } : "unfit";
    bySchema.set(schema, format);
  }
  return format === "unfit" ? undefined : format;
}

function toNode(node: unknown): unknown {
  if (!isFields(node)) return node;
  const kept: Record<string, unknown> = {};
  for (const [word, value] of Object.entries(node)) {
    if (word === "oneOf") kept["anyOf"] = toList(value);
    else if (KEPT.has(word)) kept[word] = toValue(word, value);
    else if (word === "format" && FORMATS.has(String(value))) kept["format"] = value;
  }
  if (node["type"] === "object" || isFields(node["properties"])) kept["additionalProperties"] = false;
  const bounds = inWords(node);
  if (bounds !== "")
    kept["description"] = [textOf(node["description"]), bounds].filter((text) => text !== undefined).join("\n");
  return kept;
}

function toValue(word: string, value: unknown): unknown {
  switch (word) {
    case "properties":
    case "$defs":
    case "definitions":
      return isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([name, node]) => [name, toNode(node)]))
        : value;
    case "items":
      return Array.isArray(value) ? toList(value) : toNode(value);
    case "anyOf":
    case "allOf":
      return toList(value);
    default:
      return value;
  }
}

function toList(value: unknown): unknown {
  return Array.isArray(value) ? value.map(toNode) : value;
}

function inWords(node: Fields): string {
  const { format } = node;
  const bounds = TOLD_IN_WORDS.filter((word) => node[word] !== undefined).map(
    (word) => `${word}: ${JSON.stringify(node[word])}`,
  );
  if (typeof format === "string" && !FORMATS.has(format)) bounds.push(`format: ${format}`);
  return bounds.join("; ");
}

function hasOpenObject(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasOpenObject);
  if (!isFields(node)) return false;
  const { additionalProperties: rest, type, properties, patternProperties } = node;
  if (rest === true || isFields(rest) || isFields(patternProperties)) return true;
  if (type === "object" && properties === undefined && rest !== false) return true;
  return Object.entries(node).some(([word, value]) => !isData(word) && hasOpenObject(value));
}

/** Words whose value is data and no schema. */
function isData(word: string): boolean {
  return word === "const" || word === "enum" || word === "default" || word === "examples";
}

function isRecursive(root: unknown): boolean {
  const within = new Set<string>();
  function visit(node: unknown): boolean {
    if (Array.isArray(node)) return node.some(visit);
    if (!isFields(node)) return false;
    const ref = node["$ref"];
    if (typeof ref === "string") {
      if (within.has(ref)) return true;
      within.add(ref);
      const isCycle = visit(resolve(root, ref));
      within.delete(ref);
      return isCycle;
    }
    return Object.entries(node).some(
      ([word, value]) => word !== "$defs" && word !== "definitions" && !isData(word) && visit(value),
    );
  }
  return visit(root);
}

/** Follows a JSON Pointer within the document (RFC 6901). */
function resolve(root: unknown, ref: string): unknown {
  let node = root;
  for (const part of ref.replace(/^#\/?/, "").split("/")) {
    if (part === "") continue;
    node = isFields(node) ? node[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return node;
}
