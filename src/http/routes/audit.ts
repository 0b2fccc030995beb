import { z } from "zod";
import type { AuditEntry, AuditLog, AuditVerdict } from "../../core/audit.ts";
import type { AuditEntryView, AuditHeadView, AuditVerdictView } from "../api.ts";
import { parseCursor, toCursor } from "../cursor.ts";
import { type Page, type Route, route } from "../route.ts";

/** The audit log of a host. */
export interface ServedAudit extends Pick<AuditLog, "note" | "record" | "beside" | "list" | "head"> {
  /** Checks the whole log, and the heads that are kept beside the data. */
  check(): Promise<AuditVerdict>;
}

const LIMIT = "The limit is a whole number from 1 to 200.";
const INSTANT = "It is an instant in ISO 8601, for example 2026-11-24T00:00:00Z.";
const instant = z.iso.datetime({ offset: true, error: INSTANT }).transform(Date.parse).optional();
const name = z.string().min(1, "It cannot be empty.").optional();
const ListQuery = z.object({
  actor: name,
  action: name,
  from: instant,
  to: instant,
  cursor: z.string().optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
});

export function auditRoutes(audit: ServedAudit): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/audit",
      summary: "Lists what people and the configuration did, newest first.",
      query: ListQuery,
      handle: async ({ query: { cursor, limit, ...query } }): Promise<Page<AuditEntryView>> => {
        const filter = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
        const identity = { list: "audit", ...filter };
        const before = cursor === undefined ? {} : { before: toPosition(parseCursor(identity, cursor)) };
        const { entries, total, next } = await audit.list(filter, { limit, ...before });
        return {
          items: entries.map(toView),
          total,
          next: next === undefined ? null : toCursor(identity, `${next.at} ${next.seq}`),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/audit/head",
      summary: "Tells where the audit log ends: keep it outside, and a cut is noticed.",
      handle: async (): Promise<AuditHeadView> => await audit.head(),
    }),
    route({
      method: "POST",
      path: "/api/audit/verify",
      summary: "Checks the whole audit log, and the heads that are kept beside the data.",
      handle: async (): Promise<AuditVerdictView> => await audit.check(),
    }),
  ];
}

function toPosition(position: string): { readonly at: number; readonly seq: number } {
  const [at = 0, seq = 0] = position.split(" ").map(Number);
  return { at, seq };
}

function toView({ at, ...entry }: AuditEntry): AuditEntryView {
  return { ...entry, id: String(entry.seq), at: new Date(at).toISOString() };
}
