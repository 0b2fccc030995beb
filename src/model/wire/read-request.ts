import type { SharedV4FileData } from "@ai-sdk/provider";
import { type InputMistake, inputInvalid } from "../../core/schema.ts";
import { type Fields, isFields } from "./fields.ts";

/** Reads a request of a client, gathers every mistake with its JSON Pointer, and refuses it once for all of them. */
export class RequestReader {
  readonly mistakes: InputMistake[] = [];

  /** Notes a mistake; gives undefined, so that a reading may return it. */
  mistake(pointer: string, detail: string): undefined {
    this.mistakes.push({ pointer, detail });
    return undefined;
  }

  /** The object itself, or an empty one and a mistake. */
  fields(value: unknown, pointer: string): Fields {
    if (isFields(value)) return value;
    this.mistake(pointer, "must be an object");
    return {};
  }

  list(value: unknown, pointer: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.mistake(pointer, "must be a list");
    return [];
  }

  /** A text that must be there. */
  text(value: unknown, pointer: string): string {
    if (typeof value === "string") return value;
    this.mistake(pointer, "must be a text");
    return "";
  }

  /** A number that may be missing, or null. */
  number(value: unknown, pointer: string): number | undefined {
    if (value === undefined || value === null) return undefined;
    return typeof value === "number" ? value : this.mistake(pointer, "must be a number");
  }

  /** True or false, which may be missing, or null: false. */
  flag(value: unknown, pointer: string): boolean {
    if (value === undefined || value === null || typeof value === "boolean") return value === true;
    this.mistake(pointer, "must be true or false");
    return false;
  }

  /** A list of texts, or one. */
  texts(value: unknown, pointer: string): string[] | undefined {
    if (value === undefined || value === null) return undefined;
    const list = typeof value === "string" ? [value] : value;
    if (Array.isArray(list) && list.every((entry) => typeof entry === "string")) return list;
    return this.mistake(pointer, "must be a text or a list of texts");
  }

  /** Throws INPUT_INVALID when there was a mistake. */
  finish(): void {
    if (this.mistakes.length > 0) throw inputInvalid(this.mistakes, { what: "The request" });
  }
}

const DATA_URL = /^data:([^;,]+);base64,(.*)$/s;

/** What an address stands for: the data itself, where it is a data URL. */
export function fromUrl(
  url: string,
): { readonly mediaType: string | undefined; readonly data: SharedV4FileData } | undefined {
  const [, mediaType, data] = DATA_URL.exec(url) ?? [];
  if (mediaType !== undefined && data !== undefined) return { mediaType, data: { type: "data", data } };
  return URL.canParse(url) ? { mediaType: undefined, data: { type: "url", url: new URL(url) } } : undefined;
}

/** The fields of a body that were not read: they are passed on as they are. */
export function unread(body: Fields, read: ReadonlySet<string>): Record<string, never> {
  const rest: Record<string, unknown> = {};
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (!read.has(name) && value !== null && value !== undefined) define(rest, name, value);
  }
  return rest as Record<string, never>;
}

/** A table of options read the other way round: wire name to option. */
export function optionsOf(body: Fields, table: Readonly<Record<string, string>>): Record<string, never> {
  const options: Record<string, unknown> = {};
  for (const option in table) {
    const value = body[table[option] ?? ""];
    if (value !== undefined && value !== null) options[option] = value;
  }
  return options as Record<string, never>;
}

/** Sets a field that somebody else named: `__proto__` is a field like any other. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  else object[name] = value;
}
