import { MillraceError } from "millrace";

export type Key = readonly (string | number)[];

/** Makes an opaque cursor: it names its list, filters included, so that a cursor of another list is told apart. */
export function toCursor(list: string, key: Key): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString("base64url");
}

/** Reads a cursor of this list back. Throws CURSOR_INVALID for any other text. */
export function parseCursor(list: string, cursor: string, kinds: readonly ("string" | "number")[]): Key {
  const parts = decode(cursor);
  const isOurs =
    parts !== undefined &&
    parts[0] === list &&
    parts.length === kinds.length + 1 &&
    kinds.every((kind, index) => typeof parts[index + 1] === kind);
  if (!isOurs) throw new MillraceError("CURSOR_INVALID", "This cursor does not belong to this list and its filters.");
  return parts.slice(1) as Key;
}

function decode(cursor: string): readonly unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}
