import { fromBytesTag } from "./bytes-tag.ts";
import { fromErrorParts, type ErrorParts } from "./error-tag.ts";
import { TAG } from "./plain-json.ts";

/** Turns what `writeTags` made back, in place. Throws for a tag that it does not know. */
export function readTags(tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null) return tree;
  if (Array.isArray(tree)) return readItems(tree);
  return Object.hasOwn(tree, TAG) ? readTag((tree as { [TAG]: unknown })[TAG]) : readFields(tree);
}

function readItems(items: unknown[]): unknown[] {
  for (let index = 0; index < items.length; index++) items[index] = readTags(items[index]);
  return items;
}

/** The fields are own ones of a parsed object, `__proto__` too, so writing to them reaches no setter. */
function readFields(fields: object): object {
  const record = fields as Record<string, unknown>;
  for (const key of Object.keys(record)) record[key] = readTags(record[key]);
  return record;
}

function readTag(parts: unknown): unknown {
  if (!Array.isArray(parts)) throw new TypeError("a tag without a type");
  const [type, first, second] = parts as readonly unknown[];
  switch (type) {
    case "undefined":
      return undefined;
    case "number":
      return first === "-0" ? -0 : Number(first);
    case "bigint":
      return BigInt(String(first));
    case "date":
      return new Date(first === null ? Number.NaN : Number(first));
    case "map":
      return new Map(readItems(first as unknown[]) as [unknown, unknown][]);
    case "set":
      return new Set(readItems(first as unknown[]));
    case "object":
      return readFields(first as object);
    case "null-object":
      return toNullPrototype(readFields(first as object));
    case "sparse":
      return toSparse(Number(first), second as [number, unknown][]);
    case "error":
      return fromErrorParts(readFields(first as object) as ErrorParts);
    default:
      return readBytes(String(type), first);
  }
}

function toNullPrototype(fields: object): object {
  const bare = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) bare[key] = value;
  return bare;
}

function toSparse(length: number, items: readonly [number, unknown][]): unknown[] {
  const values = new Array<unknown>(length);
  for (const [index, value] of items) values[index] = readTags(value);
  return values;
}

function readBytes(name: string, text: unknown): unknown {
  const bytes = fromBytesTag(name, String(text));
  if (bytes === undefined) throw new TypeError(`the tag ${name} is not known`);
  return bytes;
}
