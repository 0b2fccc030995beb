import { MillraceError } from "../../core/errors.ts";
import { toBytesTag } from "./bytes-tag.ts";
import { toErrorParts } from "./error-tag.ts";
import { describeValue, MOST_DEPTH, TAG } from "./plain-json.ts";

type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** Turns a value into one that JSON can hold: `{ "$": [type, …] }` for all that it cannot. Throws INPUT_INVALID with the path. */
export function writeTags(value: unknown): unknown {
  return new TagWriter().write(value);
}

class TagWriter {
  readonly #path: (string | number)[] = [];
  readonly #parents: object[] = [];

  write(value: unknown): Tree {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : tag("number", Object.is(value, -0) ? "-0" : String(value));
      case "undefined":
        return tag("undefined");
      case "bigint":
        return tag("bigint", String(value));
      case "object":
        return value === null ? null : this.#writeObject(value);
      case "symbol":
      case "function":
        return this.#refuse(value);
    }
  }

  #writeObject(value: object): Tree {
    if (this.#parents.includes(value)) return this.#fail("refers back to what it is part of");
    if (this.#parents.length > MOST_DEPTH) return this.#fail(`lies deeper than ${MOST_DEPTH} levels`);
    this.#parents.push(value);
    const tree = this.#writeKind(value);
    this.#parents.pop();
    return tree;
  }

  #writeKind(value: object): Tree {
    if (Array.isArray(value)) return this.#writeArray(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#writePlain(value, "object");
    if (prototype === null) return tag("null-object", this.#writeFields(value));
    if (value instanceof Date) return tag("date", Number.isNaN(value.getTime()) ? null : value.getTime());
    if (value instanceof Map) {
      return tag(
        "map",
        [...value].map(([key, entry], index) => [this.#at(`key ${index}`, key), this.#at(pathOf(key, index), entry)]),
      );
    }
    if (value instanceof Set)
      return tag(
        "set",
        [...value].map((entry, index) => this.#at(index, entry)),
      );
    if (value instanceof Error) return this.#writeError(value);
    const bytes = toBytesTag(value);
    return bytes === undefined ? this.#refuse(value) : tag(...bytes);
  }

  #writeArray(values: readonly unknown[]): Tree {
    if (Object.getPrototypeOf(values) !== Array.prototype) return this.#refuse(values);
    const keys = Object.keys(values);
    if (keys.length === values.length) return values.map((value, index) => this.#at(index, value));
    return tag(
      "sparse",
      values.length,
      keys.map((key) => [Number(key), this.#at(key, values[Number(key)])]),
    );
  }

  #writePlain(value: object, type: string): Tree {
    const fields = this.#writeFields(value);
    return Object.hasOwn(value, TAG) ? tag(type, fields) : fields;
  }

  #writeFields(value: object): Tree {
    const [symbol] = Object.getOwnPropertySymbols(value);
    if (symbol !== undefined) return this.#fail(`has a field whose name is a symbol, ${String(symbol)}`);
    // Without a prototype, so that a field called __proto__ is one like any other.
    const fields = Object.create(null) as Record<string, Tree>;
    for (const [key, entry] of Object.entries(value)) fields[key] = this.#at(key, entry);
    return fields;
  }

  #writeError(error: Error): Tree {
    const { class: className, name, message, fields, ...rest } = toErrorParts(error);
    const parts: Record<string, Tree> = { class: className, name, message };
    for (const key of ["cause", "errors"] as const) {
      if (!Object.hasOwn(rest, key)) continue;
      const tree = this.#attempt(key, rest[key]);
      if (tree !== undefined) parts[key] = tree;
    }
    const kept = Object.create(null) as Record<string, Tree>;
    for (const [key, entry] of Object.entries(fields)) {
      const tree = this.#attempt(key, entry);
      if (tree !== undefined) kept[key] = tree;
    }
    return tag("error", { ...parts, fields: tag("null-object", kept) });
  }

  /** Undefined for what cannot be kept. */
  #attempt(key: string, value: unknown): Tree | undefined {
    const [path, parents] = [this.#path.length, this.#parents.length];
    try {
      return this.#at(key, value);
    } catch {
      this.#path.length = path;
      this.#parents.length = parents;
      return undefined;
    }
  }

  #at(key: string | number, value: unknown): Tree {
    this.#path.push(key);
    const tree = this.write(value);
    this.#path.pop();
    return tree;
  }

  #refuse(value: unknown): never {
    return this.#fail(`is ${describeValue(value)}, which cannot be kept`);
  }

  #fail(what: string): never {
    const path = this.#path.slice(0, 12).join(".") || "the value itself";
    throw new MillraceError("INPUT_INVALID", `A value for the cache has a mistake: ${path} ${what}.`, {
      facts: { path },
      advice: "Keep plain data: objects, arrays, texts, numbers, dates, maps, sets, bytes and errors.",
    });
  }
}

function pathOf(key: unknown, index: number): string | number {
  return typeof key === "string" || typeof key === "number" ? key : index;
}

function tag(...parts: readonly Tree[]): Tree {
  return { [TAG]: parts };
}
