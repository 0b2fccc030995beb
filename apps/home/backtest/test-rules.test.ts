import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import type { HomeEvent } from "../domain/event.ts";
import { EntityKeys } from "../events/entities.ts";
import { openHome } from "../events/homes.ts";
import { storeEvents } from "../events/store-events.ts";
import { backtest, type RuleCore } from "./backtest.ts";
import { inOrder } from "./in-order.ts";
import { loadEntities } from "./load-entities.ts";
import { testRules } from "./test-rules.ts";

const MINUTE_MS = 60_000;
const START = Date.parse("2026-03-02T00:00:00Z");
const CHANGES = 12_000;
const RULE: RuleCore = {
  kind: "state_pair",
  trigger: { type: "state", entity_id: "binary_sensor.hall", to: "on" },
  conditions: [],
  action: { entity_ids: ["light.hall"], to: "on" },
  window_s: 300,
};

/** A sensor that changes every minute; every tenth time the lamp goes on a minute later, and off again. */
function busy(): readonly HomeEvent[] {
  return Array.from({ length: CHANGES }, (_, index): readonly HomeEvent[] => {
    const at = START + index * MINUTE_MS;
    const sensor = {
      at,
      entityId: "binary_sensor.hall",
      state: index % 2 === 0 ? "on" : "off",
      cause: "physical",
    } as const;
    if (index % 10 > 1) return [sensor];
    const lamp = {
      at: at + 1_000,
      entityId: "light.hall",
      state: index % 10 === 0 ? "on" : "off",
      cause: "user",
    } as const;
    return [sensor, lamp];
  }).flat();
}

describe("rules on a long history", () => {
  let store: Awaited<ReturnType<typeof openSqliteStore>>;
  let home = 0;
  before(async () => {
    const clock = createManualClock(START);
    store = await openSqliteStore({ directory: ":memory:", clock });
    const { db } = store;
    await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
    home = (await openHome({ db, clock, name: "busy", timezone: "Europe/Amsterdam" })).key;
    const entities = await EntityKeys.open(db, home);
    await storeEvents({ db, home, entities, events: busy() });
  });
  after(() => store.close());

  it("are tried while others have their turn, and give what they give on a short one", async () => {
    const { db } = store;
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const tested = await testRules({ db, home: "busy", rules: [RULE, { ...RULE, window_s: 60 }] });
    isOver = true;
    // One turn at least for each page of the sensor and of the lamp, and those in which the thread works.
    assert.ok(turns > 8, `${turns} turns`);
    const series = await loadEntities({ db, home, entityIds: ["binary_sensor.hall", "light.hall"] });
    const lastAt = series.at.toSorted().at(-1) ?? 0;
    const options = { zone: "Europe/Amsterdam", firstAt: START, lastAt };
    const ordered = inOrder(series);
    assert.deepEqual(
      tested,
      [RULE, { ...RULE, window_s: 60 }].map((rule) => backtest(ordered, rule, options)),
    );
    assert.ok((tested[0]?.matched ?? 0) > 1_000, JSON.stringify(tested[0]?.matched));
  });

  it("end at once when nobody waits any more", async () => {
    const { signal } = new AbortController();
    const gone = AbortSignal.any([signal, AbortSignal.abort(new Error("gone"))]);
    await assert.rejects(testRules({ db: store.db, home: "busy", rules: [RULE], signal: gone }), /gone/);
  });
});
