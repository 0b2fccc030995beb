import { createHash } from "node:crypto";
import type { AuditData, AuditDraft, AuditEntry, AuditHead } from "../../core/audit.ts";
import { MillraceError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { ObservedRow } from "../database.ts";

/** An entry as it is stored: its data as canonical JSON. */
export interface AuditRow extends Omit<AuditEntry, "data"> {
  readonly data: string;
}

/** What stands before the first entry. */
export const GENESIS: AuditHead = { seq: 0, hash: "0".repeat(64) };

/** ASCII names that no JavaScript object reorders, so that sorting is RFC 8785's, in any language. */
const NAME = /^[a-z][A-Za-z0-9_.-]{0,63}$/;
/** In UTF-16 units. */
const LONGEST_TEXT = 4_000;

/** Makes the row that follows a head. Throws INPUT_INVALID for data that no row can hold. */
export function rowAfter(head: AuditHead, { actor, action, subject, data = {} }: AuditDraft, at: number): AuditRow {
  requireData(data);
  const row = {
    seq: head.seq + 1,
    at,
    actor: textOf(actor),
    action: textOf(action),
    subject: textOf(subject),
    data: canonicalJson(Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plainOf(value)]))),
  };
  return { ...row, hash: hashOf(head.hash, row) };
}

/**
 * SHA-256 over the hash before, in hexadecimal digits, and the canonical JSON (RFC 8785) of the row without its own hash: texts and whole
 * numbers under ASCII names, so that any language can check it.
 */
export function hashOf(previous: string, { seq, at, actor, action, subject, data }: Omit<AuditRow, "hash">): string {
  const row = canonicalJson({ seq, at, actor, action, subject, data });
  return createHash("sha256").update(previous).update(row).digest("hex");
}

export function toRow(row: ObservedRow): AuditRow {
  return {
    seq: Number(row["seq"]),
    at: Number(row["at"]),
    actor: String(row["actor"]),
    action: String(row["action"]),
    subject: String(row["subject"]),
    data: String(row["data"]),
    hash: String(row["hash"]),
  };
}

export function toEntry({ data, ...row }: AuditRow): AuditEntry {
  return { ...row, data: JSON.parse(data) as AuditData };
}

function requireData(data: AuditData): void {
  for (const [name, value] of Object.entries(data)) {
    if (!NAME.test(name)) throw unfit(`the name "${name}"`, "Use ASCII letters and digits, a small letter first.");
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      throw unfit(`${value} under ${name}`, "Give whole numbers, or texts.");
    }
    if (value !== null && typeof value === "object") throw unfit(`an object under ${name}`, "Give plain values.");
  }
}

function unfit(what: string, advice: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `The data of an audit entry cannot hold ${what}.`, { advice });
}

function plainOf(value: AuditData[string]): AuditData[string] {
  return typeof value === "string" ? textOf(value) : value;
}

/** Without lone surrogates and NUL, which UTF-8 or Postgres could not hold, and of bounded length. */
function textOf(text: string): string {
  const bounded = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
  return bounded.toWellFormed().replaceAll("\u0000", "\uFFFD");
}
