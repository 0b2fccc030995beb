import type { Json, Random } from "millrace";
import { withLimitsInWords } from "./limits-in-words.ts";
import { amountOf, both, listOf, type Node, resolve, toNode, typeOf } from "./schema-node.ts";
import { textOfPattern } from "./text-of-pattern.ts";
import type { Writer } from "./words.ts";

export interface InstanceOptions {
  readonly schema: unknown;
  readonly random: Random;
  readonly writer: Writer;
}

/** How deep values may lie before only what is required is written. */
const DEEPEST = 6;
/** Where a schema that requires itself without end is left: nothing fits it. */
const BOTTOM = 60;

/**
 * Writes a value that fits a JSON Schema, as far as schema libraries write them: types, enums, bounds, formats, simple patterns,
 * objects, arrays, unions, references. Where a schema says more, the value may not fit.
 */
export function createInstance({ schema, random, writer }: InstanceOptions): Json {
  const root = toNode(schema);

  function value(plain: Node, name: string, depth: number): Json {
    if (depth > BOTTOM) return null;
    const node = settle(plain, depth);
    if ("const" in node) return node["const"] as Json;
    if (Array.isArray(node["enum"])) return pick(node["enum"] as readonly Json[]);
    switch (typeOf(node)) {
      case "object":
        return objectOf(node, depth);
      case "array":
        return arrayOf(node, name, depth);
      case "integer":
        return integerOf(node);
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

  /** Makes one plain node of all that holds at a place: its own words, its reference, all parts, one branch of each union. */
  function settle(plain: Node, depth: number): Node {
    if (depth > BOTTOM) return {};
    const { $ref, allOf, anyOf, oneOf, ...own } = withLimitsInWords(plain);
    const parts = [
      ...(typeof $ref === "string" ? [resolve(root, $ref)] : []),
      ...listOf(allOf),
      ...[anyOf, oneOf].flatMap((branches) =>
        listOf(branches).length === 0 ? [] : [branchOf(listOf(branches), depth)],
      ),
    ];
    return parts.map((part) => settle(toNode(part), depth + 1)).reduce(both, own);
  }

  /** A nullable place is filled more often than not, but deep down the branch that ends soonest is taken. */
  function branchOf(branches: readonly unknown[], depth: number): unknown {
    const isNull = (branch: unknown): boolean => toNode(branch)["type"] === "null";
    const isShallow = (branch: unknown): boolean => !("$ref" in toNode(branch)) && typeOf(toNode(branch)) !== "object";
    if (depth > DEEPEST) return branches.find(isNull) ?? branches.find(isShallow) ?? pick(branches);
    const real = branches.filter((branch) => !isNull(branch));
    return real.length > 0 && random.next() < 0.85 ? pick(real) : pick(branches);
  }

  function objectOf(node: Node, depth: number): Json {
    const properties = toNode(node["properties"]);
    const others = toNode(node["additionalProperties"]);
    const required = new Set(listOf(node["required"]).map(String));
    const isWanted = (name: string): boolean => required.has(name) || (depth < DEEPEST && random.next() < 0.7);
    const names = [
      ...Object.keys(properties).filter(isWanted),
      ...[...required].filter((name) => !Object.hasOwn(properties, name)),
      ...freeNames(node, depth).filter((name) => !Object.hasOwn(properties, name) && !required.has(name)),
    ];
    return Object.fromEntries(
      names.map((name) => [
        name,
        value(Object.hasOwn(properties, name) ? toNode(properties[name]) : others, name, depth + 1),
      ]),
    );
  }

  /** Names for what an object may hold beside its properties: those it lists, or one. */
  function freeNames({ additionalProperties, propertyNames }: Node, depth: number): readonly string[] {
    if (typeof additionalProperties !== "object" || additionalProperties === null || depth >= DEEPEST) return [];
    const names = settle(toNode(propertyNames), depth);
    if ("enum" in names) return listOf(names["enum"]).map(String);
    return [textOf(names, "key")];
  }

  function arrayOf(node: Node, name: string, depth: number): Json {
    // Older schemas write the places of a tuple as `items`.
    const places = listOf(node["prefixItems"] ?? node["items"]);
    const result = places.map((item) => value(toNode(item), name, depth + 1));
    const { items } = node;
    if (typeof items !== "object" || items === null || Array.isArray(items)) return result;
    const least = amountOf(node["minItems"]) ?? 0;
    const most = amountOf(node["maxItems"]) ?? Math.max(least, 3);
    const wanted = depth > DEEPEST ? least : Math.max(least, Math.min(most, 1 + Math.floor(random.next() * 3)));
    const seen = new Set(result.map((each) => JSON.stringify(each)));
    for (let tries = 0; result.length < wanted && tries < wanted + MOST_TRIES; tries++) {
      const next = value(toNode(items), name, depth + 1);
      const text = JSON.stringify(next);
      if (node["uniqueItems"] === true && seen.has(text)) continue;
      seen.add(text);
      result.push(next);
    }
    return result;
  }

  function integerOf(node: Node): number {
    const step = amountOf(node["multipleOf"]) ?? 1;
    const { least, most } = rangeOf(node, step);
    const first = Math.ceil(least / step - 1e-9);
    const last = Math.floor(most / step + 1e-9);
    return (first + Math.floor(random.next() * Math.max(1, last - first + 1))) * step;
  }

  function numberOf(node: Node): number {
    if (amountOf(node["multipleOf"]) !== undefined) return Number(integerOf(node).toFixed(6));
    const { least, most } = rangeOf(node, 0);
    const share = (1 + Math.floor(random.next() * 99)) / 100;
    const drawn = Number((least + (most - least) * share).toPrecision(6));
    return Math.min(most, Math.max(least, drawn));
  }

  function textOf(node: Node, name: string): string {
    const { format, pattern } = node;
    const isMatch = (text: string): boolean => typeof pattern !== "string" || matches(text, pattern);
    const formatted = typeof format === "string" ? FORMATS[format]?.(random) : undefined;
    if (formatted !== undefined && isMatch(formatted)) return formatted;
    const matched = typeof pattern === "string" ? textOfPattern(pattern, random) : undefined;
    return matched ?? formatted ?? fitLength(plainText(name), node);
  }

  function plainText(name: string): string {
    if (/title|name|summary|headline|subject/i.test(name)) return writer.title();
    if (/category|type|kind|tag|key|label|id$/i.test(name)) return writer.word();
    return writer.sentence();
  }

  function fitLength(text: string, node: Node): string {
    const least = amountOf(node["minLength"]) ?? 0;
    const most = amountOf(node["maxLength"]) ?? Number.POSITIVE_INFINITY;
    let result = text;
    while (result.length < least) result += ` ${writer.word()}`;
    if (result.length <= most) return result;
    const cut = result.slice(0, most);
    const atWord = cut.lastIndexOf(" ");
    return atWord >= least && atWord > 0 ? cut.slice(0, atWord) : cut;
  }

  function pick<T>(list: readonly T[]): T {
    return list[Math.floor(random.next() * list.length)] as T;
  }

  return value(root, "answer", 0);
}

/** How often an item that must differ from the others is drawn again. */
const MOST_TRIES = 100;

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

/** The bounds of a number; where one is missing or at the edge of what a number can hold, 100 from the other or from 0. */
function rangeOf(node: Node, step: number): { readonly least: number; readonly most: number } {
  const above = amountOf(node["exclusiveMinimum"]);
  const below = amountOf(node["exclusiveMaximum"]);
  const lowest = Math.max(amountOf(node["minimum"]) ?? -FAR, above === undefined ? -FAR : above + step);
  const highest = Math.min(amountOf(node["maximum"]) ?? FAR, below === undefined ? FAR : below - step);
  if (lowest > -FAR) return { least: lowest, most: highest < FAR ? highest : lowest + 100 };
  if (highest >= FAR) return { least: 0, most: 100 };
  return highest < 0 ? { least: highest - 100, most: highest } : { least: 0, most: highest };
}

const FAR = 1e12;

const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  "date-time": (random) => `${dateOf(random)}T${timeOf(random)}Z`,
  date: dateOf,
  time: (random) => `${timeOf(random)}Z`,
  duration: (random) => `PT${1 + digit(random)}H`,
  email: (random) => `person${digit(random)}@example.com`,
  hostname: (random) => `host${digit(random)}.example.com`,
  ipv4: (random) => `192.0.2.${1 + digit(random)}`,
  ipv6: (random) => `2001:db8::${1 + digit(random)}`,
  "json-pointer": (random) => `/items/${digit(random)}`,
  uri: (random) => `https://example.com/${digit(random)}`,
  "uri-reference": (random) => `/items/${digit(random)}`,
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
