import { userInfo } from "node:os";
import type { AuditEntry, AuditVerdict } from "../core/audit.ts";
import { auditHeadsPath } from "../host-audit.ts";
import { parseCursor, toCursor } from "../http/cursor.ts";
import { parseAnchor, readAnchors } from "../observe/audit/anchor.ts";
import { type CommonFlags, withHost } from "./open.ts";
import { out, outJson, say, toColumns } from "./output.ts";

export interface AuditListFlags extends CommonFlags {
  readonly actor?: string;
  readonly action?: string;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** Whoever types a command, as the audit log names them. */
export function commandActor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return `cli:${process.getuid?.() ?? "unknown"}`;
  }
}

/** Lists what people and the configuration did, newest first. */
export async function listAudit(flags: AuditListFlags): Promise<void> {
  await withHost(flags, async ({ audit }) => {
    const { actor, action, from, to, limit, cursor } = flags;
    const filter = Object.fromEntries(
      Object.entries({ actor, action, from, to }).filter(([, value]) => value !== undefined),
    );
    const identity = { list: "audit", ...filter };
    const [at, seq] = cursor === undefined ? [] : parseCursor(identity, cursor).split(" ").map(Number);
    const before = at === undefined || seq === undefined ? {} : { before: { at, seq } };
    const page = await audit.list(filter, { limit, ...before });
    const next = page.next === undefined ? null : toCursor(identity, `${page.next.at} ${page.next.seq}`);
    if (flags.json === true) return outJson({ items: page.entries.map(toView), total: page.total, next });
    if (page.entries.length === 0) return out("There are no such entries.");
    const rows = page.entries
      .map(toView)
      .map(({ seq, at, actor, action, subject, data }) => [
        String(seq),
        at,
        actor,
        action,
        subject,
        JSON.stringify(data),
      ]);
    out(toColumns([["SEQ", "AT", "WHO", "WHAT", "TO", "DATA"], ...rows]));
    say(`${rows.length} of ${page.total}${next === null ? "" : `; for the next page add --cursor ${next}`}`);
  });
}

export interface AuditVerifyFlags extends CommonFlags {
  readonly anchor?: string;
  readonly head?: readonly string[];
  readonly archive?: readonly string[];
}

export interface AuditArchiveFlags extends CommonFlags {
  /** Milliseconds since the epoch. */
  readonly before: number;
  readonly to: string;
}

/** Checks every entry, and the heads that were kept outside: those beside the data, or of another file, or typed from paper. */
export async function verifyAudit(flags: AuditVerifyFlags): Promise<number> {
  return await withHost(flags, async ({ audit, config }) => {
    const kept = await readAnchors(flags.anchor ?? auditHeadsPath(config));
    const typed = (flags.head ?? []).map((head) => parseAnchor(head, "--head"));
    const verdict = await audit.verify({ anchors: [...kept, ...typed], archives: flags.archive ?? [] });
    if (flags.json === true) outJson(verdict);
    else out(toWords(verdict));
    return verdict.kind === "whole" ? 0 : 1;
  });
}

/** Moves old entries to a file. */
export async function archiveAudit(flags: AuditArchiveFlags): Promise<void> {
  await withHost(flags, async ({ audit, config }) => {
    const anchors = await readAnchors(auditHeadsPath(config));
    const archive = await audit.archive({ actor: commandActor(), before: flags.before, path: flags.to, anchors });
    if (flags.json === true) return outJson(archive ?? null);
    if (archive === undefined) return out("There are no such entries: nothing was archived.");
    const { from, last, digest } = archive;
    out(`Entries ${from} to ${last.seq} are in ${flags.to} now (SHA-256 ${digest}) and no longer in the log.`);
    say("Keep the file: the log can be checked from its first entry on, and rebuilt from, with it only.");
  });
}

/** Prints where the log ends: to be kept where this machine cannot change it. */
export async function printAuditHead(flags: CommonFlags): Promise<void> {
  await withHost(flags, async ({ audit }) => {
    const head = await audit.head();
    if (flags.json === true) outJson(head);
    else out(`${head.seq}:${head.hash}`);
  });
}

function toView({ at, ...entry }: AuditEntry): Omit<AuditEntry, "at"> & { readonly at: string } {
  return { ...entry, at: new Date(at).toISOString() };
}

function toWords(verdict: AuditVerdict): string {
  const { kind, head } = verdict;
  if (kind !== "whole") return `The audit log is ${kind} at row ${verdict.seq}. ${verdict.detail}`;
  const heads = `${verdict.anchors} head${verdict.anchors === 1 ? "" : "s"} kept outside`;
  if (verdict.first === 1) return `The audit log is whole: ${head.seq} entries, checked against ${heads}.`;
  return (
    `The audit log is whole from entry ${verdict.first} to ${head.seq}, checked against ${heads}. ` +
    "Those before are in archives: give them with --archive, the oldest first, to check them too."
  );
}
