import type { AuditFilter, AuditPage, AuditPosition } from "../../core/audit.ts";
import type { ObserveDatabase } from "../database.ts";
import { type AuditRow, toEntry, toRow } from "./entry.ts";

type Kind = "all" | "actor" | "action" | "both";

const MATCHES: Readonly<Record<Kind, string>> = {
  all: "",
  actor: "actor = :actor and",
  action: "action = :action and",
  both: "actor = :actor and action = :action and",
};

/** By filter, of a page and of the number of all. Exported for the test of their plans. */
export const AUDIT_LISTS: Readonly<Record<Kind, { readonly page: string; readonly total: string }>> = {
  all: listOf("all"),
  actor: listOf("actor"),
  action: listOf("action"),
  both: listOf("both"),
};

function listOf(kind: Kind): { readonly page: string; readonly total: string } {
  return {
    page: `
      select * from audit where ${MATCHES[kind]} at >= :from and (at, seq) < (:beforeAt, :beforeSeq)
      order by at desc, seq desc limit :limit`,
    total: `select count(*) as total from audit where ${MATCHES[kind]} at >= :from and at < :to`,
  };
}

const AFTER = "select * from audit where seq > :after order by seq limit :limit";
const BITE = 1_000;

/** Lists entries, newest first; of the same instant by their place in the chain. */
export async function listEntries(
  db: ObserveDatabase,
  { actor, action, from = 0, to = Number.MAX_SAFE_INTEGER }: AuditFilter,
  { before = { at: to, seq: 0 }, limit }: { readonly before?: AuditPosition | undefined; readonly limit: number },
): Promise<AuditPage> {
  const { page, total } = AUDIT_LISTS[kindOf(actor, action)];
  const filter = { ...(actor === undefined ? {} : { actor }), ...(action === undefined ? {} : { action }), from };
  const place = { beforeAt: before.at, beforeSeq: before.seq };
  const rows = (await db.all(page, { ...filter, ...place, limit: limit + 1 })).map(toRow);
  const counted = await db.get(total, { ...filter, to });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    entries: shown.map(toEntry),
    total: Number(counted?.["total"] ?? 0),
    next: last === undefined ? undefined : { at: last.at, seq: last.seq },
  };
}

function kindOf(actor: string | undefined, action: string | undefined): Kind {
  if (actor !== undefined) return action === undefined ? "actor" : "both";
  return action === undefined ? "all" : "action";
}

/** All rows after a place in the chain, oldest first, a thousand in memory at a time. */
export async function* rowsAfter(db: ObserveDatabase, after: number): AsyncIterable<AuditRow> {
  for (let last = after; ;) {
    const rows = (await db.all(AFTER, { after: last, limit: BITE })).map(toRow);
    yield* rows;
    last = rows.at(-1)?.seq ?? last;
    if (rows.length < BITE) return;
  }
}
