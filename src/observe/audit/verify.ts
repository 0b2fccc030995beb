import type { AuditChecks, AuditHead, AuditVerdict } from "../../core/audit.ts";
import type { ObserveDatabase } from "../database.ts";
import { archivedRows, logStart } from "./archive.ts";
import { type AuditRow, GENESIS, hashOf } from "./entry.ts";
import { rowsAfter } from "./list-entries.ts";

/** How many rows ahead one is looked for that stands in the wrong place. */
const LOOK_AHEAD = 1_000;

/**
 * Reads the archives and the whole log and checks every hash, then the heads that were kept outside of what was read. Streams: memory does
 * not grow with the log.
 */
export async function verifyAudit(db: ObserveDatabase, { anchors, archives = [] }: AuditChecks): Promise<AuditVerdict> {
  const start = archives.length === 0 ? await logStart(db) : GENESIS;
  const wanted = anchors.filter(({ seq }) => seq > start.seq).toSorted((a, b) => a.seq - b.seq);
  let next = 0;
  let head = start;
  for await (const row of allRows(db, archives)) {
    if (row.seq !== head.seq + 1) {
      const gone = row.seq - head.seq - 1;
      return found(
        "missing",
        head.seq + 1,
        head,
        `${gone} row${gone === 1 ? " is" : "s are"} gone before row ${row.seq}.`,
      );
    }
    if (hashOf(head.hash, row) !== row.hash) {
      const right = await rightfulRow(db, head);
      if (right === undefined) return found("changed", row.seq, head, `Row ${row.seq} is not what its hash covers.`);
      return found("reordered", row.seq, head, `What belongs to ${row.seq} stands at ${right.seq}.`);
    }
    head = { seq: row.seq, hash: row.hash };
    for (; wanted[next]?.seq === head.seq; next++) {
      if (wanted[next]?.hash !== head.hash) {
        return found("rewritten", head.seq, head, `The head that was kept of row ${head.seq} is another one.`);
      }
    }
  }
  const cut = wanted[next];
  if (cut === undefined) return { kind: "whole", head, anchors: wanted.length, first: start.seq + 1 };
  return found("cut", head.seq + 1, head, `It ends at ${head.seq}, and a head of row ${wanted.at(-1)?.seq} was kept.`);
}

/** Those of archives, which may hold what the log still does when a crash came between, then those of the log. */
export async function* allRows(db: ObserveDatabase, archives: readonly string[], after = 0): AsyncIterable<AuditRow> {
  let last = after;
  for await (const row of archivedRows(archives)) {
    if (row.seq <= after) continue;
    yield row;
    last = row.seq;
  }
  yield* rowsAfter(db, last);
}

/** The row that continues a head, from another place. */
async function rightfulRow(db: ObserveDatabase, head: AuditHead): Promise<AuditRow | undefined> {
  let looked = 0;
  for await (const row of rowsAfter(db, head.seq + 1)) {
    if (hashOf(head.hash, { ...row, seq: head.seq + 1 }) === row.hash) return row;
    if (++looked === LOOK_AHEAD) return undefined;
  }
  return undefined;
}

function found(
  kind: Exclude<AuditVerdict["kind"], "whole">,
  seq: number,
  head: AuditHead,
  detail: string,
): AuditVerdict {
  return { kind, seq, head, detail };
}
