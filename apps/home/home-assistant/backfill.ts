import type { Clock, Database } from "millrace";
import { EntityKeys } from "../events/entities.ts";
import type { Home } from "../events/homes.ts";
import { nameCauses, storeEvents } from "../events/store-events.ts";
import type { Connection } from "./connection.ts";
import { readHistoryPage } from "./history.ts";
import { addGap, moveReadUntil, readUntil } from "./link.ts";

const DAY_MS = 86_400_000;
/** A home writes its history a little later than it happens. */
const OVERLAP_MS = 600_000;

export interface BackfillParams {
  readonly connection: Connection;
  readonly db: Database;
  readonly clock: Clock;
  readonly home: Home;
  readonly entityIds: readonly string[];
  /** How many days are read of a home that was never read. */
  readonly days: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Backfilled {
  /** Events that were not known before. */
  readonly added: number;
  readonly known: number;
}

/**
 * Reads what happened since the history of a home was last read, day by day. Each day is stored before the next is read, so one that is cut
 * off goes on where it was. What the home keeps no more, and when it did not run, is remembered as a gap.
 */
export async function backfill(params: BackfillParams): Promise<Backfilled> {
  const { connection, db, clock, home, entityIds, days, signal } = params;
  const now = clock.now();
  const cursor = await readUntil(db, home.key);
  const entities = await EntityKeys.open(db, home.key);
  let added = 0;
  let known = 0;
  let lostFrom: number | undefined;
  for (let from = cursor === undefined ? now - days * DAY_MS : cursor - OVERLAP_MS; from < now; from += DAY_MS) {
    signal?.throwIfAborted();
    const until = Math.min(from + DAY_MS, now + OVERLAP_MS);
    const page = await readHistoryPage({ connection, entityIds, from, until, signal });
    const events = page.events.filter(({ at }) => at >= home.keptSince);
    const stored = await storeEvents({ db, home: home.key, entities, events });
    if (stored < events.length) await nameCauses({ db, home: home.key, entities, events });
    added += stored;
    known += events.length - stored;
    for (const down of page.downs) await addGap(db, { home: home.key, ...down, reason: "down" });
    if (!page.isEmpty) {
      // Before the first reading there is nothing that could have been lost.
      if (lostFrom !== undefined && cursor !== undefined) {
        await addGap(db, { home: home.key, from: Math.max(lostFrom, cursor), until: from, reason: "purged" });
      }
      lostFrom = undefined;
    } else {
      // The home also says nothing of a time since which nothing changed: only what comes after tells that it forgot.
      lostFrom ??= from;
    }
    await moveReadUntil(db, home.key, Math.min(until, now));
  }
  return { added, known };
}
