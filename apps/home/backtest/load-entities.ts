import { setImmediate as nextTurn } from "node:timers/promises";
import { type Database, number, text } from "millrace";
import type { Entity, EventSeries } from "../domain/series.ts";
import { entitiesOf } from "../events/entities.ts";
import { SeriesColumns } from "../events/series-columns.ts";
import { isGap } from "../ingest/gaps.ts";

/** So many are read in a few milliseconds; others have their turn in between. */
const ROWS_AT_ONCE = 2_000;

/** Keyset pages over the index of one entity's changes. */
export const ENTITY_PAGE = `
  select at, state, cause from home_events where entity = :entity and (at, state) > (:at, :state) order by at, state limit :limit`;

export interface LoadEntitiesParams {
  readonly db: Database;
  /** The home's key. */
  readonly home: number;
  /** Entities that the home does not know are left out. */
  readonly entityIds: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Reads the changes of a few entities of a home, one entity after the other: as much as a rule needs, however much the home has. */
export async function loadEntities({ db, home, entityIds, signal }: LoadEntitiesParams): Promise<EventSeries> {
  const wanted = new Set(entityIds);
  const entities = (await entitiesOf(db, home)).filter(({ id }) => wanted.has(id));
  const columns = new SeriesColumns();
  for (const { key: entity } of entities) {
    let after = { at: Number.MIN_SAFE_INTEGER, state: "" };
    let last: string | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const page = await db.all(ENTITY_PAGE, { entity, ...after, limit: ROWS_AT_ONCE });
      for (const row of page) {
        after = { at: number(row, "at"), state: text(row, "state") };
        if (isGap(after.state) || after.state === last) continue;
        last = after.state;
        columns.push({ ...after, entity }, number(row, "cause"));
      }
      if (page.length < ROWS_AT_ONCE) break;
      await nextTurn();
    }
  }
  const byKey = new Map<number, Entity>(
    entities.map(({ key, id, area, deviceClass }) => [key, { id, area, deviceClass }]),
  );
  return columns.toSeries((key) => byKey.get(key) ?? { id: "", area: null, deviceClass: null });
}
