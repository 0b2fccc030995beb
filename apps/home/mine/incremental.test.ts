import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Database } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import type { HomeEvent } from "../domain/event.ts";
import { EntityKeys } from "../events/entities.ts";
import { openHome } from "../events/homes.ts";
import { loadSeries } from "../events/load-series.ts";
import { storeEvents } from "../events/store-events.ts";
import { liveDays, useAtRandom, ZONE } from "./made-up-home.test.ts";
import { mine, type MineResult } from "./mine.ts";

const clock = createManualClock();

describe("mine: day by day", () => {
  let db: Database;
  let close: () => Promise<void>;
  let count = 0;
  before(async () => {
    const store = await openSqliteStore({ directory: ":memory:", clock });
    ({ db } = store);
    close = () => store.close();
    await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  });
  after(() => close());

  async function minedOf(parts: readonly (readonly HomeEvent[])[]): Promise<MineResult> {
    const name = `home ${count++}`;
    const { key } = await openHome({ db, clock, name, timezone: ZONE });
    for (const events of parts) {
      await storeEvents({ db, home: key, entities: await EntityKeys.open(db, key), events });
    }
    return mine(await loadSeries({ db, home: name }), { zone: ZONE });
  }

  it("finds the same rules whether a history comes at once or in any parts, in any order and some of them twice", async () => {
    const events = liveDays({ days: 35, seed: 30 }, (day) => {
      day.put(day.about(420, 8), "light.kitchen", "on");
      day.put(day.about(500, 20), "light.kitchen", "off");
      const door = day.about(1_000, 120);
      day.put(door, "binary_sensor.door", "on", "physical");
      day.put(door + 0.2, "binary_sensor.door", "off", "physical");
      if (day.random.next() < 0.95) day.put(door + 0.5, "light.hall", "on");
      day.put(door + 15, "light.hall", "off");
      useAtRandom(day, "switch.kettle", 3);
    });
    const whole = await minedOf([events]);
    assert.ok(whole.rules.length >= 2);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: events.length - 1 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.integer({ min: 0, max: 4 }), async (places, again) => {
        const edges = [0, ...places.toSorted((a, b) => a - b), events.length];
        const parts = edges.slice(1).map((to, index) => events.slice(edges[index], to));
        const twice = parts[again % parts.length] ?? [];
        assert.deepEqual(await minedOf([...parts.toReversed(), twice]), whole);
      }),
      { numRuns: 8 },
    );
  });
});
