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
  "rank",
  "rule",
  "version",
  "sentence",
  "source",
  "model",
  "degraded",
  "run_id",
  "created_at",
];

const SUGGESTED = "select rule from home_suggestions where home = :home";

const GET = "select * from home_suggestions where id = :id";

const REJECT = `
  update home_suggestions set status = 'rejected', decided_at = :now, decided_by = :by, reason = :reason
  where id = :id and version = :version and status in ('draft', 'refined', 'expired')`;

/** What stands in a home is taken back first. */
const RETIRE = `
  update home_suggestions set status = 'retired', decided_at = :now, decided_by = :by, reason = :reason
  where id = :id and version = :version and status in ('approved', 'rolled_back', 'removed')`;

const RANK_OF_PRIORITY: Readonly<Record<Priority, number>> = { high: 2, medium: 1, low: 0 };

/** The rules of a home that have a suggestion, as they are now, whatever was decided about it. */
export async function suggestedRules(db: Database, home: string): Promise<readonly Rule[]> {
  const rows = await db.all(SUGGESTED, { home });
  return rows.map((row) => json<Rule>(row, "rule"));
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

/** What a person can decide. */
export type Decided = "approved" | "rejected" | "retired";

export interface DecideParams {
  readonly id: string;
  readonly status: Decided;
  /** Who decides. */
  readonly by: string;
  readonly reason?: string | undefined;
  /** What is allowed by name with an approval. Default: nothing. */
  readonly approval?: Approval | undefined;
  /** The version that was looked at. Default: whichever there is. */
  readonly version?: number | undefined;
  readonly now: number;
}

const NOTHING_BY_NAME: Approval = { optIn: [], accepts: [], replaces: null };

/**
 * Approves, rejects or retires. Of two people who decide at once exactly one is first, and the other is told. The same decision by the same person again
 * gives the suggestion unchanged, unless it allows something else by name. What was deployed may be approved anew, not rejected. Throws
 * NOT_FOUND, or SUGGESTION_STATE when somebody else decided, the rule is another by now, or the state takes no such decision.
 */
export async function decide(db: Database, params: DecideParams): Promise<SuggestionView> {
  const { id, status, by, approval } = params;
  const before = await requireSuggestion(db, id);
  if (params.version !== undefined && params.version !== before.version) throw refinedMeanwhile(before);
  const isRepeated = before.status === status && approval === undefined;
  const isDone = !isRepeated && (await write(db, params, before));
  const found = await requireSuggestion(db, id);
  if (isDone || (found.status === status && found.decidedBy === by)) return found;
  throw new MillraceError(
    "SUGGESTION_STATE",
    found.status === status && found.decidedBy !== null
      ? `The suggestion was ${status} by ${found.decidedBy} already.`
      : `The suggestion is ${found.status} already.`,
    { facts: { id, status: found.status, asked: status, decidedBy: found.decidedBy } },
  );
}

async function write(db: Database, params: DecideParams, before: SuggestionView): Promise<boolean> {
  const { id, status, by, reason, approval, now } = params;
  const { version, status: seen } = before;
  if (status === "approved") {
    return await putApproval(db, { id, by, approval: approval ?? NOTHING_BY_NAME, seen, version, now });
  }
  const sql = status === "rejected" ? REJECT : RETIRE;
  const written = await db.write([{ sql, params: { id, by, now, version, reason: reason ?? null }, atLeast: 1 }]);
  return written !== undefined;
}

/** Somebody changed the rule after it was looked at. */
export function refinedMeanwhile({ id, version, status }: SuggestionView): MillraceError {
  return new MillraceError("SUGGESTION_STATE", `The suggestion was refined meanwhile: it is at version ${version}.`, {
    facts: { id, version, status },
    advice: "Look at it again, and decide on what it is now.",
  });
}

export interface ListSuggestionsParams {
  readonly home?: string | undefined;
  readonly status?: SuggestionStatus | undefined;
  /** Default: newest first. */
  readonly order?: SuggestionOrder | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** `rank`: by priority and confidence, the best first. */
export const SUGGESTION_ORDERS = ["newest", "rank"] as const;

export type SuggestionOrder = (typeof SUGGESTION_ORDERS)[number];

/** Lists suggestions. Throws CURSOR_INVALID. */
export async function listSuggestions(
  db: Database,
  { home, status, order = "newest", cursor, limit }: ListSuggestionsParams,
): Promise<Page<SuggestionView>> {
  const list = JSON.stringify(["suggestions", home ?? null, status ?? null, order]);
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
    const [rank = 0, before = ""] = parseCursor(list, cursor, ["number", "string"]);
    // The first half lets the index start at the cursor, the second settles ties.
    paging.push(order === "newest" ? "id < :before" : "rank <= :rank and (rank < :rank or id < :before)");
    Object.assign(params, { before, ...(order === "newest" ? {} : { rank }) });
  }
  const rows = await db.all(suggestionsPageSql([...filters, ...paging], order), { ...params, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toSuggestionView),
    total,
    next: last === undefined ? null : toCursor(list, [number(last, "rank"), text(last, "id")]),
  };
}

/** One page of suggestions under these conditions. Exported for the test of its plan. */
export function suggestionsPageSql(conditions: readonly string[], order: SuggestionOrder = "newest"): string {
  const by = order === "newest" ? "id desc" : "rank desc, id desc";
  return `select * from home_suggestions ${whereOf(conditions)} order by ${by} limit :limit`;
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
    RANK_OF_PRIORITY[words.priority] + rule.confidence,
    JSON.stringify(rule),
    1,
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
    version: number(row, "version"),
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
