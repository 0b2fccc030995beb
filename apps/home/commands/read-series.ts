import { MillraceError } from "millrace";
import { CAUSES, type Entity, type EventSeries } from "../domain/series.ts";
import type { Zone } from "../domain/zone.ts";
import { SeriesColumns } from "../events/series-columns.ts";
import { withoutPassword } from "../ingest/event-place.ts";
import { readEvents } from "../ingest/read-events.ts";
import { float, whole } from "../mine/columns.ts";

export interface ReadSeriesOptions {
  readonly path: string;
  readonly zone: Zone;
  readonly signal?: AbortSignal;
}

/** Reads an event file into the columns that are mined, oldest first; lines that cannot be read are left out. */
export async function readSeries({ path, zone, signal }: ReadSeriesOptions): Promise<EventSeries> {
  const columns = new SeriesColumns();
  const places = new Map<string, number>();
  const entities: Entity[] = [];
  let events = 0;
  for await (const item of readEvents({ path, zone, ...(signal === undefined ? {} : { signal }) })) {
    if (item.kind !== "event") continue;
    const { at, entityId: id, state, area = null, deviceClass = null, cause = "unknown" } = item.event;
    let entity = places.get(id);
    if (entity === undefined) {
      entity = entities.length;
      places.set(id, entity);
      entities.push({ id, area, deviceClass });
    }
    columns.push({ at, entity, state }, CAUSES.indexOf(cause));
    events++;
  }
  if (events === 0) {
    throw new MillraceError("EVENTS_UNREADABLE", `${withoutPassword(path)} holds no event that can be read.`, {
      advice: "Look at its first lines: docs/guide/home.md lists the layouts.",
    });
  }
  return inOrder(columns.toSeries((entity) => entities[entity] ?? { id: "", area: null, deviceClass: null }));
}

function inOrder(series: EventSeries): EventSeries {
  const { at, entity, state, cause } = series;
  if (at.every((time, index) => index === 0 || float(at, index - 1) <= time)) return series;
  const order = Uint32Array.from(at, (_, index) => index).sort((a, b) => float(at, a) - float(at, b) || a - b);
  return {
    ...series,
    at: at.map((_, index) => float(at, whole(order, index))),
    entity: entity.map((_, index) => whole(entity, whole(order, index))),
    state: state.map((_, index) => whole(state, whole(order, index))),
    cause: cause.map((_, index) => cause[whole(order, index)] ?? 0),
  };
}
