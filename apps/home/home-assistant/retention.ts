import type { Database } from "millrace";

const DAY_MS = 86_400_000;
const FORGET = "delete from home_events where home = :home and at < :since";
const KEEP_SINCE = "update homes set kept_since = :since where key = :home and kept_since < :since";

export interface ForgetOlderParams {
  readonly db: Database;
  readonly home: number;
  readonly now: number;
  readonly days: number;
}

/** Forgets what is older than so many days, for good: reading the history again does not bring it back. */
export async function forgetOlder({ db, home, now, days }: ForgetOlderParams): Promise<void> {
  const params = { home, since: now - days * DAY_MS };
  await db.write([
    { sql: FORGET, params },
    { sql: KEEP_SINCE, params },
  ]);
}
