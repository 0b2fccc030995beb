import type { AuditDraft, AuditEntry, AuditTrail, Database } from "millrace";
import type { DecideParams } from "./suggestion-store.ts";

/** The database for one decision: what it writes is committed together with the record of the decision, or not at all. */
export function recording(db: Database, audit: Pick<AuditTrail, "beside">, decision: DecideParams): Database {
  return {
    ...db,
    write: (statements) => audit.beside([draftOf(decision)], (beside) => db.write([...statements, ...beside])),
  };
}

const ACTIONS = { approved: "suggestion.approve", rejected: "suggestion.reject" } as const;

function draftOf({ id, status, by, reason, approval, now }: DecideParams): AuditDraft {
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
  readonly status: "approved" | "rejected";
  readonly decidedBy: string;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
  readonly reason: string | null;
}

/** Rebuilds all decisions, by suggestion, from the audit log alone. */
export async function decisionsFrom(entries: AsyncIterable<AuditEntry>): Promise<ReadonlyMap<string, Decision>> {
  const decisions = new Map<string, Decision>();
  for await (const { action, actor, subject, data } of entries) {
    if (action !== ACTIONS.approved && action !== ACTIONS.rejected) continue;
    decisions.set(subject.slice("suggestion:".length), {
      status: action === ACTIONS.approved ? "approved" : "rejected",
      decidedBy: actor,
      decidedAt: Number(data["decidedAt"]),
      reason: typeof data["reason"] === "string" ? data["reason"] : null,
    });
  }
  return decisions;
}
