import type { Json, Random } from "millrace";
import { withLimitsInWords } from "./limits-in-words.ts";
import { textOfPattern } from "./text-of-pattern.ts";
import type { Writer } from "./words.ts";

/** A node of a JSON Schema: only the fields that are used here, each read with care. */
type Node = Readonly<Record<string, unknown>>;

export interface InstanceOptions {
  readonly schema: unknown;
  readonly random: Random;
  readonly writer: Writer;
}

/** How deep references may go before only what is required is written. */
const DEEPEST = 6;

/**
 * Writes a value that fits a JSON Schema, as far as schema libraries write them: types, enums, bounds, formats, simple patterns,
 * objects, arrays, unions, references. Where a schema says more, the value may not fit.
 */
export function createInstance({ schema, random, writer }: InstanceOptions): Json {
  const root = toNode(schema);

  function value(plain: Node, name: string, depth: number): Json {
    const node = withLimitsInWords(plain);
    const { $ref } = node;
    if (typeof $ref === "string") return value(resolve(root, $ref), name, depth + 1);
    if ("const" in node) return node["const"] as Json;
    if (Array.isArray(node["enum"])) return pick(node["enum"] as readonly Json[]);
    if (Array.isArray(node["allOf"])) return value(merge(node), name, depth);
    const branches = node["anyOf"] ?? node["oneOf"];
    if (Array.isArray(branches))
      return value(toNode(depth > DEEPEST ? branches.at(-1) : pickBranch(branches)), name, depth + 1);
    switch (typeOf(node)) {
      case "object":
        return objectOf(node, depth);
      case "array":
        return arrayOf(node, name, depth);
      case "integer":
      case "number":
        return numberOf(node);
      case "boolean":
        return random.next() < 0.5;
      case "null":
        return null;
      default:
        return textOf(node, name);
    }
  }

  function objectOf(node: Node, depth: number): Json {
    const required = new Set(Array.isArray(node["required"]) ? node["required"] : []);
    const result: Record<string, Json> = {};
    for (const [name, field] of Object.entries(toNode(node["properties"]))) {
      const isWanted = required.has(name) || (depth < DEEPEST && random.next() < 0.7);
      if (isWanted) result[name] = value(toNode(field), name, depth + 1);
    }
    const { additionalProperties, propertyNames } = node;
    if (typeof additionalProperties === "object" && additionalProperties !== null && depth < DEEPEST) {
      const key = textOf({ type: "string", ...toNode(propertyNames) }, "key");
      result[key] = value(toNode(additionalProperties), "value", depth + 1);
    }
    return result;
  }

  function arrayOf(node: Node, name: string, depth: number): Json {
    const prefix = Array.isArray(node["prefixItems"]) ? node["prefixItems"] : [];
    const fixed = prefix.map((item) => value(toNode(item), name, depth + 1));
    if (typeof node["items"] !== "object" || node["items"] === null) return fixed;
    const least = amount(node["minItems"]) ?? 0;
    const most = amount(node["maxItems"]) ?? Math.max(least, 3);
    const wanted = depth > DEEPEST ? least : Math.max(least, Math.min(most, 1 + Math.floor(random.next() * 3)));
    const items = toNode(node["items"]);
    const rest = Array.from({ length: Math.max(0, wanted - fixed.length) }, () => value(items, name, depth + 1));
    return [...fixed, ...rest];
  }

  function numberOf(node: Node): number {
    const isInteger = typeOf(node) === "integer";
    const step = amount(node["multipleOf"]) ?? (isInteger ? 1 : 0.01);
    const above = amount(node["exclusiveMinimum"]);
    const below = amount(node["exclusiveMaximum"]);
    const lowest = above === undefined ? amount(node["minimum"]) : above + step;
    const highest = below === undefined ? amount(node["maximum"]) : below - step;
    const least = bounded(lowest) ?? Math.min(0, bounded(highest) ?? 0);
    const most = bounded(highest) ?? least + 100;
    const steps = Math.max(0, Math.floor((most - least) / step + 1e-9));
    const drawn = (Math.ceil(least / step - 1e-9) + Math.floor(random.next() * (steps + 1))) * step;
    return Number(Math.min(most, Math.max(least, drawn)).toFixed(isInteger ? 0 : 6));
  }

  function textOf(node: Node, name: string): string {
    const { format, pattern } = node;
    const formatted = typeof format === "string" ? FORMATS[format]?.(random) : undefined;
    if (formatted !== undefined) return formatted;
    const matched = typeof pattern === "string" ? textOfPattern(pattern, random) : undefined;
    if (matched !== undefined) return matched;
    return fitLength(plainText(name), node);
  }

  function plainText(name: string): string {
    if (/title|name|summary|headline|subject/i.test(name)) return writer.title();
    if (/category|type|kind|tag|key|label|id$/i.test(name)) return writer.word();
    return writer.sentence();
  }

  function fitLength(text: string, node: Node): string {
    const least = amount(node["minLength"]) ?? 0;
    const most = amount(node["maxLength"]) ?? Number.POSITIVE_INFINITY;
    let result = text;
    while (result.length < least) result += ` ${writer.word()}`;
    if (result.length <= most) return result;
    const cut = result.slice(0, most);
    const atWord = cut.lastIndexOf(" ");
    return atWord >= least && atWord > 0 ? cut.slice(0, atWord) : cut;
  }

  /** A nullable field is filled more often than not. */
  function pickBranch(branches: readonly unknown[]): unknown {
    const real = branches.filter((branch) => toNode(branch)["type"] !== "null");
    return real.length > 0 && random.next() < 0.85 ? pick(real) : pick(branches);
  }
  function pick<T>(list: readonly T[]): T {
    return list[Math.floor(random.next() * list.length)] as T;
  }
  function merge({ allOf, ...rest }: Node): Node {
    const parts = list(allOf).map((part) => {
      const node = toNode(part);
      return typeof node["$ref"] === "string" ? resolve(root, node["$ref"]) : node;
    });
    const all = [...parts, rest];
    const properties: Node = Object.assign({}, ...all.map((part) => toNode(part["properties"])));
    return Object.assign({}, ...all, { properties, required: all.flatMap((part) => list(part["required"])) });
  }

  return value(root, "answer", 0);
}

const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  "date-time": (random) => `${dateOf(random)}T${timeOf(random)}Z`,
  date: dateOf,
  time: timeOf,
  duration: (random) => `PT${1 + digit(random)}H`,
  email: (random) => `person${digit(random)}@example.com`,
  hostname: (random) => `host${digit(random)}.example.com`,
  ipv4: (random) => `192.0.2.${1 + digit(random)}`,
  ipv6: (random) => `2001:db8::${1 + digit(random)}`,
  uri: (random) => `https://example.com/${digit(random)}`,
  uuid: (random) =>
    "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", () => Math.floor(random.next() * 16).toString(16)),
};

function digit(random: Random): number {
  return Math.floor(random.next() * 9);
}

function dateOf(random: Random): string {
  return `2026-0${1 + digit(random)}-1${digit(random)}`;
}

function timeOf(random: Random): string {
  return `0${digit(random)}:1${digit(random)}:2${digit(random)}`;
}

function typeOf(node: Node): unknown {
  const { type } = node;
  if (Array.isArray(type)) return type.find((each) => each !== "null") ?? "null";
  if (type !== undefined) return type;
  if ("properties" in node) return "object";
  return "items" in node ? "array" : "string";
}

/** Bounds at the edge of what a number can hold are none. */
function bounded(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) > 1e12 ? undefined : bound;
}

function amount(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toNode(value: unknown): Node {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

/** Follows a reference within the document: `#`, `#/$defs/name`. */
function resolve(root: Node, reference: string): Node {
  return reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<Node>((node, part) => toNode(node[part]), root);
}
