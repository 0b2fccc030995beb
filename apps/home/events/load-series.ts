import { type Database, number, text } from "millrace";
import type { Entity, EventSeries } from "../domain/series.ts";
import { isGap } from "../ingest/gaps.ts";
import { entitiesOf } from "./entities.ts";
import { requireHome } from "./homes.ts";
import { SeriesColumns } from "./series-columns.ts";

const ROWS_AT_ONCE = 20_000;

/** Keyset pages over the index that is also the natural key. */
export const PAGE = `
  select at, entity, state, cause from home_events
  where home = :home and (at, entity, state) > (:at, :entity, :state) and at < :until
  order by at, entity, state limit :limit`;

export interface LoadSeriesParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  /** Milliseconds since the epoch; what was before is left out. Default: from the first event. */
  readonly since?: number;
  /** Milliseconds since the epoch, exclusive. Default: to the last event. */
  readonly until?: number;
}

/**
 * Reads the state changes of a home in order of time. Gaps (unavailable, unknown) are left out, and so is what repeats the state that its entity
 * was in. Throws NOT_FOUND for a home that is not known.
 */
export async function loadSeries({
  db,
  home,
  since = Number.MIN_SAFE_INTEGER,
  until = Number.MAX_SAFE_INTEGER,
}: LoadSeriesParams): Promise<EventSeries> {
  const { key } = await requireHome(db, home);
  const entities = new Map((await entitiesOf(db, key)).map((entity) => [entity.key, entity]));
  const columns = new SeriesColumns();
  const stateOf = new Map<number, string>();
  let after = { at: since, entity: -1, state: "" };
  for (;;) {
    const rows = await db.all(PAGE, { home: key, ...after, until, limit: ROWS_AT_ONCE });
    for (const row of rows) {
      after = { at: number(row, "at"), entity: number(row, "entity"), state: text(row, "state") };
      if (isGap(after.state) || stateOf.get(after.entity) === after.state) continue;
      stateOf.set(after.entity, after.state);
      columns.push(after, number(row, "cause"));
    }
    if (rows.length < ROWS_AT_ONCE) break;
  }
  return columns.toSeries((entity) => toDomain(entities.get(entity)));
}

function toDomain(entity: Entity | undefined): Entity {
  if (entity === undefined) throw new RangeError("an event without an entity");
  return { id: entity.id, area: entity.area, deviceClass: entity.deviceClass };
}
