import type { AuditDraft, AuditLog, AuditTrail } from "../../core/audit.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { ObserveDatabase } from "../database.ts";
import type { AnchorFile } from "./anchor.ts";
import { createChain } from "./chain.ts";
import { toEntry } from "./entry.ts";
import { archiveRows } from "./archive.ts";
import { listEntries } from "./list-entries.ts";
import { allRows, verifyAudit } from "./verify.ts";

export interface AuditLogOptions {
  readonly db: ObserveDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps the heads of what this process appended. Default: nobody does. */
  readonly anchor?: AnchorFile;
}

const BULK = 100;
const FLUSH_MS = 1_000;
const MOST_WAITING = 10_000;

/** Opens the log. While the store is away up to 10 000 notes wait; what comes then is left out, and how many were is recorded. */
export function openAuditLog({ db, clock, log, anchor }: AuditLogOptions): AuditLog {
  const chain = createChain({ db, clock, onAppended: (head) => anchor?.keep(head) });
  let waiting: AuditDraft[] = [];
  let lost = 0;
  let timer: Timer | undefined;
  let writing: Promise<void> | undefined;

  const beside: AuditTrail["beside"] = (drafts, change) => chain.append(drafts, change);

  async function record(...drafts: readonly AuditDraft[]): Promise<void> {
    for (let from = 0; from < drafts.length; from += BULK) {
      await beside(drafts.slice(from, from + BULK), (statements) => db.write(statements));
    }
  }

  function schedule(): void {
    timer ??= clock.after(FLUSH_MS, () => {
      timer = undefined;
      void flush();
    });
  }

  function flush(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0) schedule();
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const bulk = waiting.slice(0, BULK);
        const gone = lost;
        await record(...bulk, ...(gone === 0 ? [] : [lostOf(gone)]));
        waiting = waiting.slice(bulk.length);
        lost -= gone;
      }
    } catch (error) {
      log.error(
        { error, waiting: waiting.length, lost },
        "actions could not be written to the audit log; they are tried again",
      );
    }
  }

  return {
    note(draft) {
      if (waiting.length >= MOST_WAITING) lost++;
      else waiting.push(draft);
      if (waiting.length >= BULK) void flush();
      else schedule();
    },
    record,
    beside,
    async list(filter = {}, { before, limit = 50 } = {}) {
      await flush();
      return await listEntries(db, filter, { before, limit });
    },
    async *entries({ after = 0, archives = [] } = {}) {
      let last = after;
      for await (const row of allRows(db, archives, after)) {
        if (row.seq !== last + 1) throw archived(last + 1, row.seq - 1);
        last = row.seq;
        yield toEntry(row);
      }
    },
    async archive({ anchors, ...archiving }) {
      await flush();
      const verdict = await verifyAudit(db, { anchors });
      if (verdict.kind !== "whole") throw unfitToLeave(verdict.detail);
      return await archiveRows({ db, trail: { beside }, ...archiving });
    },
    head: () => chain.head(),
    async verify(options) {
      await flush();
      return await verifyAudit(db, options);
    },
    flush,
    async close() {
      timer?.cancel();
      await writing;
      await flush();
      timer?.cancel();
      await anchor?.close();
    },
  };
}

function archived(from: number, last: number): MillraceError {
  return new MillraceError("INPUT_INVALID", `Entries ${from} to ${last} of the audit log are not in it.`, {
    advice: "Give the archives that hold them, the oldest first.",
  });
}

function unfitToLeave(detail: string): MillraceError {
  return new MillraceError("DATA_UNUSABLE", `The audit log is not whole, so nothing was archived. ${detail}`, {
    advice: "Keep it as it is, and find out what `millrace audit verify` tells of it.",
  });
}

function lostOf(count: number): AuditDraft {
  return { actor: "millrace", action: "audit.lost", subject: "audit", data: { count } };
}
