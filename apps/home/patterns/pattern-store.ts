import {
  type Database,
  json,
  number,
  type Page,
  type Row,
  type SqlParams,
  type Statement,
  text,
  textOrNull,
} from "millrace";
import type { PatternView } from "../api.ts";
import type { Rule } from "../domain/rule.ts";
import { parseCursor, toCursor } from "../routes/cursor.ts";

/** How long a habit that is found no more is remembered, so that it keeps its first date when it comes back. */
export const FORGOTTEN_AFTER_MS = 90 * 86_400_000;

export interface FoundPattern {
  /** Used when the habit is new; one that is known keeps its own. */
  readonly id: string;
  readonly rule: Rule;
  readonly sentence: string;
}

export interface StoredPattern {
  readonly rule: Rule;
  readonly sentence: string;
}

const RETIRE = "update home_patterns set is_current = 0 where home = :home and is_current = 1";

const PUT = `
  insert into home_patterns
    (id, home, rule_id, kind, is_current, place, confidence, rule, sentence, run_id, first_seen_at, last_seen_at)
  values (:id, :home, :rule_id, :kind, 1, :place, :confidence, :rule, :sentence, :run_id, :now, :now)
  on conflict (home, rule_id) do update set
    kind = excluded.kind, is_current = 1, place = excluded.place, confidence = excluded.confidence, rule = excluded.rule,
    sentence = excluded.sentence, run_id = excluded.run_id, last_seen_at = excluded.last_seen_at`;

const FORGET = "delete from home_patterns where is_current = 0 and last_seen_at < :before";

/** Puts the rules of a run in place of those of the run before, in one transaction. Doing it again changes nothing. */
export async function putPatterns({
  db,
  home,
  runId,
  now,
  patterns,
}: {
  readonly db: Database;
  readonly home: string;
  readonly runId: string;
  readonly now: number;
  readonly patterns: readonly FoundPattern[];
}): Promise<void> {
  const puts = patterns.map(({ id, rule, sentence }, place): Statement => ({
    sql: PUT,
    params: {
      id,
      home,
      rule_id: rule.id,
      kind: rule.kind,
      place,
      confidence: rule.confidence,
      rule: JSON.stringify(rule),
      sentence,
      run_id: runId,
      now,
    },
  }));
  await db.write([
    { sql: RETIRE, params: { home } },
    ...puts,
    { sql: FORGET, params: { before: now - FORGOTTEN_AFTER_MS } },
  ]);
}

/** Reads the patterns of these rules at once, by the rule's id; a rule that is not kept is left out. */
export async function getPatterns(
  db: Database,
  home: string,
  ruleIds: readonly string[],
): Promise<ReadonlyMap<string, StoredPattern>> {
  if (ruleIds.length === 0) return new Map();
  const params = Object.fromEntries(ruleIds.map((id, index) => [`rule${index}`, id]));
  const rows = await db.all(patternsOfRulesSql(ruleIds.length), { home, ...params });
  return new Map(
    rows.map((row) => [text(row, "rule_id"), { rule: json<Rule>(row, "rule"), sentence: text(row, "sentence") }]),
  );
}

/** Looks up this many rules of a home. */
function patternsOfRulesSql(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `:rule${index}`).join(", ");
  return `select rule_id, rule, sentence from home_patterns where home = :home and rule_id in (${names})`;
}

export interface ListPatternsParams {
  readonly home?: string | undefined;
  readonly kind?: Rule["kind"] | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Lists the current rules, strongest first. Throws CURSOR_INVALID. */
export async function listPatterns(
  db: Database,
  { home, kind, cursor, limit }: ListPatternsParams,
): Promise<Page<PatternView>> {
  const list = JSON.stringify(["patterns", home ?? null, kind ?? null]);
  const filters: string[] = ["p.is_current = 1"];
  const params: Record<string, string | number> = {};
  if (home !== undefined) {
    filters.push("p.home = :home");
    params["home"] = home;
  }
  if (kind !== undefined) {
    filters.push("p.kind = :kind");
    params["kind"] = kind;
  }
  const total = await countPatterns(db, filters, params);
  const paging: string[] = [];
  if (cursor !== undefined) {
    const [confidence = 0, id = ""] = parseCursor(list, cursor, ["number", "string"]);
    // The first half lets the index start at the cursor, the second settles ties.
    paging.push("p.confidence <= :confidence and (p.confidence < :confidence or p.id > :id)");
    Object.assign(params, { confidence, id });
  }
  const rows = await db.all(patternsPageSql([...filters, ...paging]), { ...params, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toPatternView),
    total,
    next: last === undefined ? null : toCursor(list, [number(last, "confidence"), text(last, "id")]),
  };
}

/** One page of patterns under these conditions. Exported for the test of its plan. */
export function patternsPageSql(conditions: readonly string[]): string {
  return `
    select p.id, p.home, p.rule, p.sentence, p.confidence, p.first_seen_at, p.last_seen_at, s.id as suggestion_id
    from home_patterns p left join home_suggestions s on s.home = p.home and s.rule_id = p.rule_id
    where ${conditions.join(" and ")}
    order by p.confidence desc, p.id limit :limit`;
}

async function countPatterns(db: Database, filters: readonly string[], params: SqlParams): Promise<number> {
  const row = await db.get(`select count(*) as total from home_patterns p where ${filters.join(" and ")}`, params);
  return row === undefined ? 0 : number(row, "total");
}

function toPatternView(row: Row): PatternView {
  return {
    id: text(row, "id"),
    home: text(row, "home"),
    rule: json<Rule>(row, "rule"),
    sentence: text(row, "sentence"),
    suggestionId: textOrNull(row, "suggestion_id"),
    firstSeenAt: new Date(number(row, "first_seen_at")).toISOString(),
    lastSeenAt: new Date(number(row, "last_seen_at")).toISOString(),
  };
}
