import type { AuditDraft, AuditHead, AuditStatement } from "../../core/audit.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { ObserveDatabase } from "../database.ts";
import { type AuditRow, GENESIS, rowAfter } from "./entry.ts";

/** The end of the log, to which all processes on one database append. */
export interface Chain {
  /**
   * Makes a change with these entries in one transaction. One at a time in this process; where another process appended first, the
   * entries are linked anew and the change is made again. Undefined: it was refused.
   */
  append<T>(
    drafts: readonly AuditDraft[],
    change: (beside: readonly AuditStatement[]) => Promise<T | undefined>,
  ): Promise<T | undefined>;
  /** As it is stored. */
  head(): Promise<AuditHead>;
}

export interface ChainOptions {
  readonly db: ObserveDatabase;
  readonly clock: Clock;
  /** Hears of the head after each append. */
  readonly onAppended: (head: AuditHead) => void;
}

const HEAD = "select seq, hash from audit order by seq desc limit 1";
/** Appends only to the row that its hash covers: whoever was slower changes nothing. */
const APPEND = `
  insert into audit (seq, at, actor, action, subject, data, hash)
  select :seq, :at, :actor, :action, :subject, :data, :hash
  where coalesce((select hash from audit where seq = :seq - 1), :genesis) = :previous
    and not exists (select 1 from audit where seq = :seq)`;
/** Each time another process was faster, so that somebody always moves on. */
const MOST_ATTEMPTS = 1_000;

export function createChain({ db, clock, onAppended }: ChainOptions): Chain {
  let known: AuditHead | undefined;
  let tail: Promise<unknown> = Promise.resolve();

  async function head(): Promise<AuditHead> {
    const row = await db.get(HEAD);
    return row === undefined ? GENESIS : { seq: Number(row["seq"]), hash: String(row["hash"]) };
  }

  async function append<T>(
    drafts: readonly AuditDraft[],
    change: (beside: readonly AuditStatement[]) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const before = known ?? (await head());
      const rows = link(before, drafts, clock.now());
      const outcome = await attemptOf(() => change(toStatements(before, rows)));
      if (outcome.kind === "made") {
        known = rows.at(-1) ?? before;
        onAppended(known);
        return outcome.value;
      }
      known = await head();
      // Nobody was faster, or it is stored in spite of its error: the reason lies with the change.
      if (known.hash === before.hash || known.hash === rows.at(-1)?.hash) {
        if (outcome.kind === "failed") throw outcome.error;
        return undefined;
      }
    }
    throw new MillraceError("STORE_COMMIT_FAILED", "Other processes append to the audit log without a pause.");
  }

  return {
    head,
    append(drafts, change) {
      const mine = tail.then(() => append(drafts, change));
      tail = mine.catch(() => undefined);
      return mine;
    },
  };
}

type Attempt<T> =
  | { readonly kind: "made"; readonly value: T }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly error: unknown };

async function attemptOf<T>(change: () => Promise<T | undefined>): Promise<Attempt<T>> {
  try {
    const value = await change();
    return value === undefined ? { kind: "refused" } : { kind: "made", value };
  } catch (error) {
    return { kind: "failed", error };
  }
}

function link(before: AuditHead, drafts: readonly AuditDraft[], at: number): readonly AuditRow[] {
  const rows: AuditRow[] = [];
  for (const draft of drafts) rows.push(rowAfter(rows.at(-1) ?? before, draft, at));
  return rows;
}

function toStatements(before: AuditHead, rows: readonly AuditRow[]): readonly AuditStatement[] {
  return rows.map((row, index) => ({
    sql: APPEND,
    params: { ...row, previous: rows[index - 1]?.hash ?? before.hash, genesis: GENESIS.hash },
    atLeast: 1,
  }));
}
