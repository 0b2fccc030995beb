import type { Clock, Database } from "millrace";
import { EntityKeys } from "../events/entities.ts";
import type { Home } from "../events/homes.ts";
import { storeEvents } from "../events/store-events.ts";
import type { Connection } from "./connection.ts";
import { type HistoryPage, readHistoryPage } from "./history.ts";
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
  for (let from = cursor === undefined ? now - days * DAY_MS : cursor - OVERLAP_MS; from < now; from += DAY_MS) {
    signal?.throwIfAborted();
    const until = Math.min(from + DAY_MS, now + OVERLAP_MS);
    const page = await readHistoryPage({ connection, entityIds, from, until, signal });
    const events = page.events.filter(({ at }) => at >= home.keptSince);
    const stored = await storeEvents({ db, home: home.key, entities, events });
    added += stored;
    known += events.length - stored;
    await keepGaps({ db, home: home.key, from, until: Math.min(until, now), page, cursor });
    await moveReadUntil(db, home.key, Math.min(until, now));
  }
  return { added, known };
}

interface KeepGapsParams {
  readonly db: Database;
  readonly home: number;
  readonly from: number;
  readonly until: number;
  readonly page: HistoryPage;
  readonly cursor: number | undefined;
}

async function keepGaps({ db, home, from, until, page, cursor }: KeepGapsParams): Promise<void> {
  // Before the first reading there is nothing that could have been lost.
  if (page.isEmpty && cursor !== undefined) {
    await addGap(db, { home, from: Math.max(from, cursor), until, reason: "purged" });
  }
  for (const down of page.downs) await addGap(db, { home, ...down, reason: "down" });
}
