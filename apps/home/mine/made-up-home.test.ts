import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom, type Random } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { CAUSES, type Entity, type EventSeries } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";

/* A made-up home for the miner's tests: habits are planted where the test says, everything else is chance from a seed. */

export const ZONE = "Europe/Berlin";
const MONDAY = Date.UTC(2026, 8, 7);
const DAY_MS = 86_400_000;

export interface Day {
  readonly index: number;
  /** 0 for Monday. */
  readonly weekday: number;
  readonly random: Random;
  /** Adds a change at a local time of this day, in minutes since midnight; more than 1 440 is the next day. */
  put(minute: number, entityId: string, state: string, cause?: HomeEvent["cause"]): void;
  /** The minute, give or take up to `spread`. */
  about(minute: number, spread: number): number;
}

export interface MadeUpHome {
  readonly days: number;
  readonly seed: number;
  /** Days since Monday, 7 September 2026 on which the home begins; default 0. */
  readonly firstDay?: number;
}

/** Lives so many days. */
export function liveDays({ days, seed, firstDay = 0 }: MadeUpHome, live: (day: Day) => void): HomeEvent[] {
  const zone = openZone(ZONE);
  const random = createSeededRandom(seed);
  const events: HomeEvent[] = [];
  for (let index = firstDay; index < firstDay + days; index++) {
    const midnight = MONDAY + index * DAY_MS;
    live({
      index,
      weekday: index % 7,
      random,
      about: (minute, spread) => minute + (2 * random.next() - 1) * spread,
      put(minute, entityId, state, cause = "user") {
        events.push({ at: Math.round(zone.instant(midnight + minute * 60_000)), entityId, state, cause });
      },
    });
  }
  return events;
}

/** Puts events in order, as the columns that the miner reads. */
export function toSeries(events: readonly HomeEvent[]): EventSeries {
  const sorted = events.toSorted((a, b) => a.at - b.at);
  const entities = new Map<string, Entity>();
  for (const { entityId: id, area = null, deviceClass = null } of sorted) {
    if (!entities.has(id)) entities.set(id, { id, area, deviceClass });
  }
  const ids = [...entities.keys()];
  const states = [...new Set(sorted.map(({ state }) => state))];
  const placeOfId = new Map(ids.map((id, place) => [id, place]));
  const placeOfState = new Map(states.map((state, place) => [state, place]));
  return {
    at: Float64Array.from(sorted, ({ at }) => at),
    entity: Uint32Array.from(sorted, ({ entityId }) => placeOfId.get(entityId) ?? 0),
    state: Uint32Array.from(sorted, ({ state }) => placeOfState.get(state) ?? 0),
    cause: Uint8Array.from(sorted, ({ cause = "unknown" }) => CAUSES.indexOf(cause)),
    entities: [...entities.values()],
    states,
  };
}

/** Uses a device for a while, `times` a day, at any time between seven and `until`, in minutes since midnight. */
export function useAtRandom(day: Day, entityId: string, times: number, until = 1_400): void {
  const starts = Array.from({ length: times }, () => 420 + day.random.next() * (until - 420)).sort((a, b) => a - b);
  for (const start of starts) {
    day.put(start, entityId, "on");
    day.put(start + 5 + day.random.next() * 20, entityId, "off");
  }
}

describe("a made-up home", () => {
  it("is the same for the same seed, and in order", () => {
    const live = (day: Day): void => useAtRandom(day, "light.hall", 3);
    const series = toSeries(liveDays({ days: 5, seed: 3 }, live));
    assert.deepEqual(series, toSeries(liveDays({ days: 5, seed: 3 }, live)));
    assert.deepEqual(series.at, series.at.toSorted());
    assert.equal(series.at.length, 30);
  });
});
