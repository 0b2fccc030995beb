import { type Database, MillraceError } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { CAUSES } from "../domain/series.ts";
import type { EntityKeys } from "./entities.ts";

const COLUMNS = ["home", "at", "entity", "state", "cause"] as const;
const DELETE = "delete from home_events where home = :home and at = :at and entity = :entity and state = :state";

const NAME_CAUSE = `
  update home_events set cause = :cause
  where home = :home and at = :at and entity = :entity and state = :state and cause = ${CAUSES.indexOf("unknown")}`;

export interface StoreEventsParams {
  readonly db: Database;
  readonly home: number;
  readonly entities: EntityKeys;
  readonly events: readonly HomeEvent[];
}

/** Stores events in one transaction; those that are there already stay as they are. Gives how many were new. */
export async function storeEvents({ db, home, entities, events }: StoreEventsParams): Promise<number> {
  if (events.length === 0) return 0;
  await entities.prepare(events);
  const rows = events.map(({ at, entityId, state, cause = "unknown" }) => [
    home,
    at,
    entities.keyOf(entityId),
    state,
    CAUSES.indexOf(cause),
  ]);
  const outcome = await db.insertMany({ into: "home_events", columns: COLUMNS, rows, onConflict: "ignore" });
  const refused = outcome.rejected[0];
  if (refused === undefined) return outcome.inserted;
  throw new MillraceError("STORE_FAILED", `The database refused an event: ${refused.reason}.`);
}

/** Takes events away again. Gives how many there were. */
export async function removeEvents({ db, home, entities, events }: StoreEventsParams): Promise<number> {
  if (events.length === 0) return 0;
  await entities.prepare(events);
  const results = await db.write(
    events.map(({ at, entityId, state }) => ({
      sql: DELETE,
      params: { home, at, entity: entities.keyOf(entityId), state },
    })),
  );
  return (results ?? []).reduce((sum, { changes }) => sum + changes, 0);
}

/** Notes who did it where nobody knew when the event was stored. */
export async function nameCauses({ db, home, entities, events }: StoreEventsParams): Promise<void> {
  const named = events.filter(({ cause = "unknown" }) => cause !== "unknown");
  if (named.length === 0) return;
  await entities.prepare(named);
  await db.write(
    named.map(({ at, entityId, state, cause = "unknown" }) => ({
      sql: NAME_CAUSE,
      params: { home, at, entity: entities.keyOf(entityId), state, cause: CAUSES.indexOf(cause) },
    })),
  );
}
