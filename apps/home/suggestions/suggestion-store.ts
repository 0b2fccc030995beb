import {
  type Database,
  json,
  MillraceError,
  number,
  numberOrNull,
  type Page,
  type Row,
  type Source,
  type SqlParams,
  type SqlValue,
  text,
  textOrNull,
} from "millrace";
import type { Category, Priority, SuggestionStatus, SuggestionView } from "../api.ts";
import { type Approval, putApproval } from "../deploy/deployment-store.ts";
import type { Rule } from "../domain/rule.ts";
import { parseCursor, toCursor } from "../routes/cursor.ts";
import type { Words } from "./words.ts";

export interface DraftSuggestion {
  readonly id: string;
  readonly home: string;
  readonly rule: Rule;
  readonly sentence: string;
  readonly words: Words;
  readonly source: Source;
  readonly model: string;
  readonly degraded: string | null;
  readonly runId: string;
  /** Milliseconds since the epoch, UTC. */
  readonly createdAt: number;
}

export interface PutDraftsResult {
  readonly stored: number;
  /** Habits that had a suggestion already. */
  readonly known: number;
  /** Drafts the database refused; the others stand. */
  readonly rejected: readonly { readonly ruleId: string; readonly reason: string }[];
}

const COLUMNS = [
  "id",
  "home",
  "rule_id",
  "status",
  "title",
  "description",
  "rationale",
  "category",
  "priority",
  "confidence",
  "rule",
  "sentence",
  "source",
  "model",
  "degraded",
  "run_id",
  "created_at",
];

const SUGGESTED = "select rule_id from home_suggestions where home = :home";

const GET = "select * from home_suggestions where id = :id";

const REJECT = `
  update home_suggestions set status = 'rejected', decided_at = :now, decided_by = :by, reason = :reason
  where id = :id and status in ('draft', 'expired')`;

/** The fingerprints of all rules of a home that have a suggestion, whatever was decided about it. */
export async function suggestedRules(db: Database, home: string): Promise<ReadonlySet<string>> {
  const rows = await db.all(SUGGESTED, { home });
  return new Set(rows.map((row) => text(row, "rule_id")));
}

/** Stores drafts in one transaction. A habit that has a suggestion keeps it; a draft that is refused does not take the others with it. */
export async function putDrafts(db: Database, drafts: readonly DraftSuggestion[]): Promise<PutDraftsResult> {
  if (drafts.length === 0) return { stored: 0, known: 0, rejected: [] };
  const { inserted, ignored, rejected } = await db.insertMany({
    into: "home_suggestions",
    columns: COLUMNS,
    rows: drafts.map(toRow),
    onConflict: "ignore",
  });
  return {
    stored: inserted,
    known: ignored,
    rejected: rejected.map(({ index, reason }) => ({ ruleId: drafts[index]?.rule.id ?? "", reason })),
  };
}

/** Throws NOT_FOUND. */
export async function requireSuggestion(db: Database, id: string): Promise<SuggestionView> {
  const row = await db.get(GET, { id });
  if (row === undefined) {
    throw new MillraceError("NOT_FOUND", `There is no suggestion ${id}.`, {
      advice: "List the suggestions at /api/home/suggestions.",
    });
  }
  return toSuggestionView(row);
}

export interface DecideParams {
  readonly id: string;
  readonly status: "approved" | "rejected";
  /** Who decides. */
  readonly by: string;
  readonly reason?: string | undefined;
  /** What is allowed by name with an approval. Default: nothing. */
  readonly approval?: Approval | undefined;
  readonly now: number;
}

const NOTHING_BY_NAME: Approval = { optIn: [], accepts: [], replaces: null };

/**
 * Approves or rejects. Of two people who decide at once exactly one is first; the same decision again gives the suggestion unchanged, unless
 * it allows something else by name. What was deployed may be approved anew, not rejected. Throws NOT_FOUND, or SUGGESTION_STATE when the
 * opposite was decided.
 */
export async function decide(db: Database, params: DecideParams): Promise<SuggestionView> {
  const { id, status, by, reason, approval, now } = params;
  const before = await requireSuggestion(db, id);
  if (before.status === status && approval === undefined) return before;
  const isDone =
    status === "approved"
      ? await putApproval(db, { id, by, approval: approval ?? NOTHING_BY_NAME, now })
      : (await db.write([{ sql: REJECT, params: { id, by, now, reason: reason ?? null }, atLeast: 1 }])) !== undefined;
  const found = await requireSuggestion(db, id);
  if (isDone || found.status === status) return found;
  throw new MillraceError("SUGGESTION_STATE", `The suggestion is ${found.status} already.`, {
    facts: { id, status: found.status, asked: status },
  });
}

export interface ListSuggestionsParams {
  readonly home?: string | undefined;
  readonly status?: SuggestionStatus | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Lists suggestions, newest first. Throws CURSOR_INVALID. */
export async function listSuggestions(
  db: Database,
  { home, status, cursor, limit }: ListSuggestionsParams,
): Promise<Page<SuggestionView>> {
  const list = JSON.stringify(["suggestions", home ?? null, status ?? null]);
  const filters: string[] = [];
  const params: Record<string, string | number> = {};
  if (home !== undefined) {
    filters.push("home = :home");
    params["home"] = home;
  }
  if (status !== undefined) {
    filters.push("status = :status");
    params["status"] = status;
  }
  const total = await countSuggestions(db, filters, params);
  const paging: string[] = [];
  if (cursor !== undefined) {
    const [before = ""] = parseCursor(list, cursor, ["string"]);
    paging.push("id < :before");
    params["before"] = before;
  }
  const rows = await db.all(suggestionsPageSql([...filters, ...paging]), { ...params, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toSuggestionView),
    total,
    next: last === undefined ? null : toCursor(list, [text(last, "id")]),
  };
}

/** One page of suggestions under these conditions. Exported for the test of its plan. */
export function suggestionsPageSql(conditions: readonly string[]): string {
  return `select * from home_suggestions ${whereOf(conditions)} order by id desc limit :limit`;
}

async function countSuggestions(db: Database, filters: readonly string[], params: SqlParams): Promise<number> {
  const row = await db.get(`select count(*) as total from home_suggestions ${whereOf(filters)}`, params);
  return row === undefined ? 0 : number(row, "total");
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
}

function toRow(draft: DraftSuggestion): readonly SqlValue[] {
  const { words, rule } = draft;
  return [
    draft.id,
    draft.home,
    rule.id,
    "draft",
    words.title,
    words.description,
    words.rationale,
    words.category,
    words.priority,
    rule.confidence,
    JSON.stringify(rule),
    draft.sentence,
    draft.source,
    draft.model,
    draft.degraded,
    draft.runId,
    draft.createdAt,
  ];
}

function toSuggestionView(row: Row): SuggestionView {
  const decidedAt = numberOrNull(row, "decided_at");
  return {
    id: text(row, "id"),
    home: text(row, "home"),
    status: text(row, "status") as SuggestionStatus,
    title: text(row, "title"),
    description: text(row, "description"),
    rationale: text(row, "rationale"),
    category: text(row, "category") as Category,
    priority: text(row, "priority") as Priority,
    confidence: number(row, "confidence"),
    rule: json<Rule>(row, "rule"),
    sentence: text(row, "sentence"),
    source: text(row, "source") as Source,
    model: text(row, "model"),
    degraded: textOrNull(row, "degraded"),
    runId: text(row, "run_id"),
    createdAt: new Date(number(row, "created_at")).toISOString(),
    decidedBy: textOrNull(row, "decided_by"),
    decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString(),
    reason: textOrNull(row, "reason"),
  };
}
