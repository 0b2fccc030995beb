import { CAUSES, type Entity, type EventSeries } from "../../apps/home/domain/series.ts";
import { sampleHome } from "../../apps/home/sample/sample-home.ts";

export const MADE_UP_ZONE = "Europe/Berlin";
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const UNTIL = Date.UTC(2026, 10, 22);

export interface MadeUpOptions {
  readonly seed: number;
  /** How many households live in one home: more entities, and more that has nothing to do with each other. Default 1. */
  readonly households?: number;
  readonly days: number;
}

/** The columns of one or several sample households under one roof. */
export function madeUpSeries({ seed, households = 1, days }: MadeUpOptions): EventSeries {
  const entities: Entity[] = [];
  const places = new Map<string, number>();
  const states = new Map<string, number>();
  const rows: { at: number; entity: number; state: number; cause: number }[] = [];
  for (let household = 0; household < households; household++) {
    const { events } = sampleHome({
      seed: seed + household,
      timezone: MADE_UP_ZONE,
      from: UNTIL - days * DAY_MS,
      until: UNTIL,
    });
    for (const { at, entityId, state, area = null, deviceClass = null, cause = "unknown" } of events) {
      const id = household === 0 ? entityId : entityId.replace(".", `.of${household}_`);
      const entity = placeOf(places, id);
      entities[entity] ??= { id, area, deviceClass };
      rows.push({ at, entity, state: placeOf(states, state), cause: CAUSES.indexOf(cause) });
    }
  }
  rows.sort((a, b) => a.at - b.at);
  return {
    at: Float64Array.from(rows, ({ at }) => at),
    entity: Uint32Array.from(rows, ({ entity }) => entity),
    state: Uint32Array.from(rows, ({ state }) => state),
    cause: Uint8Array.from(rows, ({ cause }) => cause),
    entities,
    states: [...states.keys()],
  };
}

function placeOf(places: Map<string, number>, name: string): number {
  const place = places.get(name) ?? places.size;
  places.set(name, place);
  return place;
}

/** The latest so many events of a home that lived its weeks again and again. */
export function repeated(series: EventSeries, events: number): EventSeries {
  const count = series.at.length;
  const first = series.at[0] ?? 0;
  const weeks = Math.ceil(((series.at.at(-1) ?? 0) - first + 1) / WEEK_MS);
  const start = Math.ceil(events / count) * count - events;
  const column = <T extends Float64Array | Uint32Array | Uint8Array>(
    from: T,
    to: T,
    add: (round: number) => number,
  ): T => {
    for (let index = 0; index < events; index++) {
      const source = start + index;
      to[index] = (from[source % count] ?? 0) + add(Math.floor(source / count));
    }
    return to;
  };
  return {
    ...series,
    at: column(series.at, new Float64Array(events), (round) => round * weeks * WEEK_MS),
    entity: column(series.entity, new Uint32Array(events), () => 0),
    state: column(series.state, new Uint32Array(events), () => 0),
    cause: column(series.cause, new Uint8Array(events), () => 0),
  };
}

/** The same changes at each other's times. */
export function shuffled(series: EventSeries, random: { next(): number }): EventSeries {
  const order = Uint32Array.from(series.at, (_, index) => index);
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(random.next() * (index + 1));
    const moved = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = moved;
  }
  const pick =
    (from: Uint32Array | Uint8Array) =>
    (index: number): number =>
      from[index] ?? 0;
  return {
    ...series,
    entity: Uint32Array.from(order, pick(series.entity)),
    state: Uint32Array.from(order, pick(series.state)),
    cause: Uint8Array.from(order, pick(series.cause)),
  };
}
