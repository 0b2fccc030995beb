import { type Database, number, text } from "millrace";
import type { Entity, EventSeries } from "../domain/series.ts";
import { entitiesOf } from "../events/entities.ts";
import { SeriesColumns } from "../events/series-columns.ts";
import { isGap } from "../ingest/gaps.ts";

const ROWS_AT_ONCE = 20_000;

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

/** Reads the changes of a few entities of a home, in order of time: as much as a rule needs, however much the home has. */
export async function loadEntities({ db, home, entityIds, signal }: LoadEntitiesParams): Promise<EventSeries> {
  const wanted = new Set(entityIds);
  const entities = (await entitiesOf(db, home)).filter(({ id }) => wanted.has(id));
  const rows: { readonly at: number; readonly entity: number; readonly state: string; readonly cause: number }[] = [];
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
        rows.push({ ...after, entity, cause: number(row, "cause") });
      }
      if (page.length < ROWS_AT_ONCE) break;
    }
  }
  rows.sort((a, b) => a.at - b.at || a.entity - b.entity);
  const columns = new SeriesColumns();
  for (const row of rows) columns.push(row, row.cause);
  const byKey = new Map<number, Entity>(
    entities.map(({ key, id, area, deviceClass }) => [key, { id, area, deviceClass }]),
  );
  return columns.toSeries((key) => byKey.get(key) ?? { id: "", area: null, deviceClass: null });
}
