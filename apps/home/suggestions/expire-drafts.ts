import { type Database, json, number, text } from "millrace";
import type { Rule } from "../domain/rule.ts";
import { isKnownHabit } from "./same-habit.ts";

const DAY_MS = 86_400_000;
/** A draft whose habit was not found for so long is of no use to anybody. */
const UNSEEN_MS = 30 * DAY_MS;

const SEEN = "select rule from home_patterns where home = :home and last_seen_at >= :since";
const UNDECIDED = `
  select id, status, created_at, rule from home_suggestions where home = :home and status in ('draft', 'expired')`;
const SET_STATUS = "update home_suggestions set status = :to where id = :id and status = :from";

export interface ExpireDraftsParams {
  readonly db: Database;
  readonly home: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Lets drafts expire whose habit was not seen for 30 days, and brings those back whose habit was seen again, also where it wandered or its
 * device was renamed. Decisions stay. Gives how many expired.
 */
export async function expireDrafts({ db, home, now }: ExpireDraftsParams): Promise<number> {
  const since = now - UNSEEN_MS;
  const [patterns, suggestions] = await Promise.all([db.all(SEEN, { home, since }), db.all(UNDECIDED, { home })]);
  const seen = patterns.map((row) => json<Rule>(row, "rule"));
  const expired: string[] = [];
  const revived: string[] = [];
  for (const row of suggestions) {
    const suggested = json<Rule>(row, "rule");
    const isSeen = seen.some((rule) => isKnownHabit(rule, suggested));
    const isDraft = text(row, "status") === "draft";
    if (isDraft && !isSeen && number(row, "created_at") < since) expired.push(text(row, "id"));
    if (!isDraft && isSeen) revived.push(text(row, "id"));
  }
  if (expired.length + revived.length === 0) return 0;
  const results = await db.write([
    ...expired.map((id) => ({ sql: SET_STATUS, params: { id, from: "draft", to: "expired" } })),
    ...revived.map((id) => ({ sql: SET_STATUS, params: { id, from: "expired", to: "draft" } })),
  ]);
  return (results ?? []).slice(0, expired.length).reduce((sum, { changes }) => sum + changes, 0);
}
