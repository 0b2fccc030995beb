import { createHash } from "node:crypto";
import { canonicalJson } from "../core/json.ts";
import { MillraceError } from "../core/errors.ts";

/** Makes a cursor that is good for one list under one filter. */
export function toCursor(filter: object, position: string): string {
  return Buffer.from(`${hashOf(filter)}${position}`).toString("base64url");
}

/** Reads a cursor back. Throws CURSOR_INVALID for one of another list or filter. */
export function parseCursor(filter: object, cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const hash = hashOf(filter);
  if (text.startsWith(hash) && text.length > hash.length) return text.slice(hash.length);
  throw new MillraceError("CURSOR_INVALID", "The cursor does not belong to this list and filter.");
}

function hashOf(filter: object): string {
  return createHash("sha256").update(canonicalJson(filter)).digest("hex").slice(0, 8);
}
