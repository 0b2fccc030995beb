/* Bytes of V8 on 64 bits without pointer compression, as Node ships it. */
const WORD = 8;
const OBJECT_BYTES = 3 * WORD;
const ARRAY_BYTES = 6 * WORD;
const STRING_BYTES = 2 * WORD;
const NUMBER_BYTES = 2 * WORD;
const DATE_BYTES = 12 * WORD;
const BIGINT_BYTES = 3 * WORD;
/** What sealing adds: the methods that refuse. */
const SEALED_DATE_BYTES = 20 * WORD;
const SEALED_MAP_BYTES = 8 * WORD;
const VIEW_BYTES = 24 * WORD;
const ERROR_BYTES = 1_000;
/** A table of a Map has room for up to twice what is in it: three words an entry and the buckets. */
const MAP_BYTES = 20 * WORD;
const MAP_ENTRY_BYTES = 5 * WORD;
const SET_ENTRY_BYTES = 4 * WORD;
/** From so many fields on, an object is usually a dictionary. */
const DICTIONARY_FIELDS = 128;
const DICTIONARY_FIELD_BYTES = 6 * WORD;
const SHORT_TEXT = 48;
/** From so many items on, a list is looked at for holes: one with a length of billions may hold a handful. */
const LONG_LIST = 100_000;

/**
 * Estimates the bytes of memory that a live value takes, whatever it is: within a factor of two for data of common shapes. What is reached
 * twice counts once. It costs about as much as walking the value.
 */
export function sizeOf(value: unknown): number {
  return typeof value === "string" ? textBytes(value) : new Sizer().size(value);
}

class Sizer {
  readonly #seen = new Set<object>();
  readonly #waiting: object[] = [];
  #bytes = 0;

  size(value: unknown): number {
    this.#add(value);
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) this.#addObject(next);
    return this.#bytes;
  }

  #add(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.#bytes += textBytes(value);
        return;
      case "number":
        if (!isSmallInteger(value)) this.#bytes += NUMBER_BYTES;
        return;
      case "bigint":
        this.#bytes += BIGINT_BYTES + Math.floor(value.toString(16).length / 2);
        return;
      case "object":
        if (value !== null) this.#waiting.push(value);
        return;
      case "boolean":
      case "undefined":
      case "symbol":
      case "function":
        return;
    }
  }

  #addObject(value: object): void {
    if (this.#seen.has(value)) return;
    this.#seen.add(value);
    if (Array.isArray(value)) this.#addItems(value);
    else if (value instanceof Map) this.#addMap(value);
    else if (value instanceof Set) this.#addSet(value);
    else if (ArrayBuffer.isView(value)) {
      this.#bytes += VIEW_BYTES;
      this.#addObject(value.buffer);
    } else if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
      this.#bytes += VIEW_BYTES + value.byteLength;
    } else if (value instanceof Date) this.#bytes += DATE_BYTES + (Object.isFrozen(value) ? SEALED_DATE_BYTES : 0);
    else this.#addFields(value);
  }

  #addItems(items: readonly unknown[]): void {
    if (items.length >= LONG_LIST && Object.keys(items).length < items.length / 2) {
      this.#addFields(items);
      return;
    }
    this.#bytes += ARRAY_BYTES + items.length * WORD;
    // A list of numbers alone holds them in place, unless it was frozen.
    if (typeof items[0] === "number" && !Object.isFrozen(items) && items.every((item) => typeof item === "number"))
      return;
    for (const item of items) this.#add(item);
  }

  #addMap(map: ReadonlyMap<unknown, unknown>): void {
    this.#bytes += MAP_BYTES + map.size * MAP_ENTRY_BYTES + (Object.isFrozen(map) ? SEALED_MAP_BYTES : 0);
    for (const [key, entry] of map) {
      this.#add(key);
      this.#add(entry);
    }
  }

  #addSet(set: ReadonlySet<unknown>): void {
    this.#bytes += MAP_BYTES + set.size * SET_ENTRY_BYTES + (Object.isFrozen(set) ? SEALED_MAP_BYTES : 0);
    for (const entry of set) this.#add(entry);
  }

  #addFields(value: object): void {
    const keys = Object.keys(value);
    const isDictionary = keys.length > DICTIONARY_FIELDS;
    this.#bytes += OBJECT_BYTES + keys.length * (isDictionary ? DICTIONARY_FIELD_BYTES : WORD);
    if (value instanceof Error) {
      this.#bytes += ERROR_BYTES;
      this.#add(value.cause);
    }
    for (const key of keys) {
      // Names of fields are shared by all objects of a shape.
      if (isDictionary) this.#bytes += textBytes(key);
      this.#add((value as Record<string, unknown>)[key]);
    }
  }
}

function isSmallInteger(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** A text takes one byte a character, or two when one of them is beyond Latin-1. */
function textBytes(text: string): number {
  return STRING_BYTES + Math.ceil((text.length * (isLatin1(text) ? 1 : 2)) / WORD) * WORD;
}

function isLatin1(text: string): boolean {
  if (text.length > SHORT_TEXT && Buffer.byteLength(text, "utf8") === text.length) return true;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}
