import { type Database, number } from "millrace";
import { requireHome } from "./homes.ts";

/** The youngest event that is too many; none while there is room. */
export const FIRST_TOO_OLD = `
  select at from home_events where home = :home
  order by home desc, at desc, entity desc, state desc limit 1 offset :most`;

const FORGET = "delete from home_events where home = :home and at < :since";
const KEEP_SINCE = "update homes set kept_since = :since where key = :home and kept_since < :since";

export interface ForgetEventsParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  /** How many events stay, at most. */
  readonly most: number;
}

/**
 * Forgets the oldest events of a home beyond a number, and remembers since when its history is kept, so that reading an old file again does
 * not bring them back. Counted, not dated: one wrong year in a file would else empty a home. Gives how many were forgotten.
 */
export async function forgetEvents({ db, home, most }: ForgetEventsParams): Promise<number> {
  const { key } = await requireHome(db, home);
  const first = await db.get(FIRST_TOO_OLD, { home: key, most });
  if (first === undefined) return 0;
  // Events of one instant go together.
  const params = { home: key, since: number(first, "at") + 1 };
  const results = await db.write([
    { sql: FORGET, params },
    { sql: KEEP_SINCE, params },
  ]);
  return results?.[0]?.changes ?? 0;
}
