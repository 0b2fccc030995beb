import { hash } from "node:crypto";

/** A strong entity tag: equal for equal bodies. 128 bits of SHA-256. */
export function entityTagOf(body: string): string {
  return `"${hash("sha256", body, "base64url").slice(0, 22)}"`;
}

/** Whether `If-None-Match` names this tag (RFC 9110, 13.1.2): then the client has the body already. */
export function isNoneMatch(header: string | undefined, entityTag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => [entityTag, "*"].includes(tag.trim().replace(/^W\//, "")));
}
