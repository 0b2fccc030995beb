/** A JSON object that somebody else wrote. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under a name; an empty one where there is none, so that reading goes on. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : EMPTY;
}

const EMPTY: Fields = {};

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Parses JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** RFC 8259, section 8.1: nobody may send it before JSON, and whoever reads may pass over it. */
const BYTE_ORDER_MARK = "\uFEFF";
