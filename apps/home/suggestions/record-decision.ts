import type { AuditDraft, AuditEntry, AuditTrail, Database } from "millrace";
import type { DecideParams, Decided } from "./suggestion-store.ts";

/** The database for one action: what it writes is committed together with the record of the action, or not at all. */
export function recording(db: Database, audit: Pick<AuditTrail, "beside">, draft: AuditDraft): Database {
  return {
    ...db,
    write: (statements) => audit.beside([draft], (beside) => db.write([...statements, ...beside])),
  };
}

const ACTIONS = {
  approved: "suggestion.approve",
  rejected: "suggestion.reject",
  retired: "suggestion.retire",
} as const satisfies Record<Decided, string>;

/** A rule that was refined waits for a decision again. */
export const REFINE = "suggestion.refine";

/** The record of a decision. */
export function decisionDraft({ id, status, by, reason, approval, now }: DecideParams): AuditDraft {
  const allowed = [...(approval?.optIn ?? []), ...(approval?.accepts ?? [])];
  return {
    actor: by,
    action: ACTIONS[status],
    subject: `suggestion:${id}`,
    data: {
      decidedAt: now,
      ...(reason === undefined ? {} : { reason }),
      ...(allowed.length === 0 ? {} : { allowed: allowed.join(", ") }),
    },
  };
}

/** What was decided last about a suggestion. */
export interface Decision {
  readonly status: Decided;
  readonly decidedBy: string;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
  readonly reason: string | null;
}

/** Rebuilds all decisions, by suggestion, from the audit log alone. */
export async function decisionsFrom(entries: AsyncIterable<AuditEntry>): Promise<ReadonlyMap<string, Decision>> {
  const decisions = new Map<string, Decision>();
  for await (const { action, actor, subject, data } of entries) {
    const id = subject.slice("suggestion:".length);
    if (action === REFINE) decisions.delete(id);
    const status = DECIDED.find((each) => ACTIONS[each] === action);
    if (status === undefined) continue;
    decisions.set(id, {
      status,
      decidedBy: actor,
      decidedAt: Number(data["decidedAt"]),
      reason: typeof data["reason"] === "string" ? data["reason"] : null,
    });
  }
  return decisions;
}

const DECIDED: readonly Decided[] = ["approved", "rejected", "retired"];
