import { MillraceError } from "millrace";
import { CAUSES, type Entity, type EventSeries } from "../domain/series.ts";
import type { Zone } from "../domain/zone.ts";
import { SeriesColumns } from "../events/series-columns.ts";
import { withoutPassword } from "../ingest/event-place.ts";
import { readEvents } from "../ingest/read-events.ts";
import { byte, float, signed, whole } from "../mine/columns.ts";

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

/**
 * Puts rows in order of time and, at one time, of the entity's id; entities and states are numbered as they then come up. So the order of
 * the lines in a file does not matter, but for those of one entity at one time.
 */
function inOrder(series: EventSeries): EventSeries {
  const { at, entity, state, cause, entities, states } = series;
  const rank = new Uint32Array(entities.length);
  const byId = entities.map((_, index) => index).sort((a, b) => compare(idOf(a), idOf(b)));
  for (const [place, index] of byId.entries()) rank[index] = place;
  const before = (a: number, b: number): number =>
    float(at, a) - float(at, b) || whole(rank, whole(entity, a)) - whole(rank, whole(entity, b)) || a - b;
  const order = Uint32Array.from(at, (_, index) => index);
  if (order.some((index) => index > 0 && before(index - 1, index) > 0)) order.sort(before);
  const newEntities = new Numbers(entities.length);
  const newStates = new Numbers(states.length);
  const sorted = {
    at: at.map((_, index) => float(at, whole(order, index))),
    entity: entity.map((_, index) => newEntities.of(whole(entity, whole(order, index)))),
    state: state.map((_, index) => newStates.of(whole(state, whole(order, index)))),
    cause: cause.map((_, index) => byte(cause, whole(order, index))),
  };
  return { ...sorted, entities: newEntities.pick(entities), states: newStates.pick(states) };

  function idOf(index: number): string {
    return entities[index]?.id ?? "";
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Numbers things anew, in the order in which they are asked for. */
class Numbers {
  readonly #numbers: Int32Array;
  readonly #order: number[] = [];

  constructor(count: number) {
    this.#numbers = new Int32Array(count).fill(-1);
  }

  of(old: number): number {
    const known = signed(this.#numbers, old);
    if (known >= 0) return known;
    this.#numbers[old] = this.#order.length;
    return this.#order.push(old) - 1;
  }

  pick<T>(items: readonly T[]): readonly T[] {
    return this.#order.flatMap((old) => items.slice(old, old + 1));
  }
}
