import type { Database } from "millrace";

const DAY_MS = 86_400_000;
/** A draft whose habit was not found for so long is of no use to anybody. */
const UNSEEN_MS = 30 * DAY_MS;

const SEEN = `
  select 1 from home_patterns p
  where p.home = home_suggestions.home and p.rule_id = home_suggestions.rule_id and p.last_seen_at >= :since`;
const EXPIRE = `
  update home_suggestions set status = 'expired'
  where home = :home and status = 'draft' and created_at < :since and not exists (${SEEN})`;
const REVIVE = `update home_suggestions set status = 'draft' where home = :home and status = 'expired' and exists (${SEEN})`;

export interface ExpireDraftsParams {
  readonly db: Database;
  readonly home: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Lets drafts expire whose habit was not seen for 30 days, and brings those back whose habit was seen again. Decisions stay. Gives how many expired. */
export async function expireDrafts({ db, home, now }: ExpireDraftsParams): Promise<number> {
  const params = { home, since: now - UNSEEN_MS };
  const results = await db.write([
    { sql: EXPIRE, params },
    { sql: REVIVE, params },
  ]);
  return results?.[0]?.changes ?? 0;
}
