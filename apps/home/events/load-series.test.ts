import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Database, isErrorCode } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import type { Cause, HomeEvent } from "../domain/event.ts";
import { CAUSES } from "../domain/series.ts";
import { COUNTS, describeEntity, TIMES } from "./describe-entity.ts";
import { EntityKeys } from "./entities.ts";
import { openHome } from "./homes.ts";
import { loadSeries, PAGE } from "./load-series.ts";
import { storeEvents } from "./store-events.ts";

const clock = createManualClock();
const DAY_MS = 86_400_000;

describe("the event table", () => {
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

  async function homeWith(events: readonly HomeEvent[], timezone = "UTC"): Promise<string> {
    const name = `home ${count++}`;
    const { key } = await openHome({ db, clock, name, timezone });
    await storeEvents({ db, home: key, entities: await EntityKeys.open(db, key), events });
    return name;
  }
  async function rowsOf(params: { home: string; since?: number; until?: number }): Promise<readonly HomeEvent[]> {
    const series = await loadSeries({ db, ...params });
    return Array.from(series.at, (at, row) => ({
      at,
      entityId: series.entities[series.entity[row] ?? -1]?.id ?? "",
      state: series.states[series.state[row] ?? -1] ?? "",
      cause: CAUSES[series.cause[row] ?? -1] ?? "unknown",
    }));
  }

  it("gives the changes of any events in order, without gaps and repeats", async () => {
    const event = fc.record(
      {
        at: fc.integer({ min: 0, max: 50 }),
        entityId: fc.constantFrom("light.a", "light.b"),
        state: fc.constantFrom("on", "off", "unavailable", "unknown"),
        cause: fc.constantFrom<Cause[]>("user", "automation"),
      },
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(event, { selector: (it) => `${it.at} ${it.entityId} ${it.state}` }),
        async (events) => {
          const rows = await rowsOf({ home: await homeWith(events) });
          const expected = new Map<string, HomeEvent[]>([
            ["light.a", []],
            ["light.b", []],
          ]);
          for (const item of events.toSorted((a, b) => a.at - b.at || (a.state < b.state ? -1 : 1))) {
            const changes = expected.get(item.entityId);
            const isGap = item.state.startsWith("un");
            if (!isGap && changes?.at(-1)?.state !== item.state) changes?.push(item);
          }
          for (const [entityId, changes] of expected) {
            assert.deepEqual(
              rows.filter((row) => row.entityId === entityId),
              changes,
            );
          }
          assert.deepEqual(
            rows.map(({ at }) => at),
            rows.map(({ at }) => at).toSorted((a, b) => a - b),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("gives more than a page of rows, each once", async () => {
    const events = Array.from({ length: 45_000 }, (_, index) => ({
      at: Math.floor(index / 3),
      entityId: `light.${index % 3}`,
      state: `state ${Math.floor(index / 3)}`,
    }));
    const series = await loadSeries({ db, home: await homeWith(events) });
    assert.equal(series.at.length, 45_000);
    assert.equal(series.at.buffer.byteLength, 45_000 * 8);
    assert.equal(series.states.length, 15_000);
  });

  it("cuts at the instants it is asked for", async () => {
    const home = await homeWith([1, 2, 3].map((at) => ({ at, entityId: "light.a", state: `state ${at}` })));
    assert.deepEqual(
      (await rowsOf({ home, since: 2, until: 3 })).map(({ at }) => at),
      [2],
    );
  });

  it("keeps homes apart", async () => {
    const first = await homeWith([{ at: 1, entityId: "light.a", state: "on" }]);
    await homeWith([{ at: 2, entityId: "light.a", state: "off" }]);
    assert.equal((await rowsOf({ home: first })).length, 1);
  });

  it("knows no home that nobody has read", async () => {
    const error = await loadSeries({ db, home: "nowhere" }).catch((thrown: unknown) => thrown);
    assert.ok(isErrorCode(error, "NOT_FOUND"));
  });

  it("sums up an entity: states, changes, and the local hours it changes in", async () => {
    const days = Array.from({ length: 10 }, (_, day) => day * DAY_MS);
    const events = days.flatMap((start): HomeEvent[] => [
      { at: start + 5 * 3_600_000, entityId: "light.a", state: "on", area: "Hall" },
      { at: start + 5.5 * 3_600_000, entityId: "light.a", state: "on" },
      { at: start + 6 * 3_600_000, entityId: "light.a", state: "unavailable" },
      { at: start + 19 * 3_600_000, entityId: "light.a", state: "off" },
    ]);
    const home = await homeWith(events, "Asia/Tokyo");
    assert.deepEqual(await describeEntity({ db, home, entityId: "light.a" }), {
      entityId: "light.a",
      area: "Hall",
      deviceClass: null,
      states: { on: 10, off: 10 },
      changes: 20,
      firstAt: 5 * 3_600_000,
      lastAt: 9 * DAY_MS + 19 * 3_600_000,
      typicalHours: [4, 14],
    });
    const error = await describeEntity({ db, home, entityId: "light.b" }).catch((thrown: unknown) => thrown);
    assert.ok(isErrorCode(error, "NOT_FOUND"));
  });

  it("finds rows by an index and sorts none of them", async () => {
    const page = { home: 1, at: 0, entity: 0, state: "", until: 1, limit: 1 };
    assert.deepEqual(await planOf(PAGE, page), [
      "SEARCH home_events USING INDEX home_events_in_time (home=? AND (at,entity,state)>(?,?,?) AND at<?)",
    ]);
    const ofEntity = "SEARCH home_events USING COVERING INDEX home_events_of_entity (entity=?)";
    assert.deepEqual(await planOf(TIMES, { entity: 1, limit: 1 }), [ofEntity]);
    const counts = await planOf(COUNTS, { entity: 1 });
    assert.ok(counts.includes(ofEntity));
    assert.ok(!counts.some((step) => step.startsWith("SCAN home_")));
  });

  async function planOf(sql: string, params: Readonly<Record<string, number | string>>): Promise<readonly string[]> {
    return (await db.all(`explain query plan ${sql}`, params)).map(({ detail }) => String(detail));
  }
});
