import assert from "node:assert/strict";
import { it } from "node:test";
import { isErrorCode, text } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { EntityKeys } from "../events/entities.ts";
import { openHome } from "../events/homes.ts";
import { storeEvents } from "../events/store-events.ts";
import { activityOf, CHANGES } from "./activity.ts";

it("counts when a device changes by the home's own clock, by an index, and refuses what the home does not have", async () => {
  const clock = createManualClock(0);
  const store = await openSqliteStore({ directory: ":memory:", clock });
  const { db } = store;
  await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  const { key } = await openHome({ db, clock, name: "main", timezone: "Europe/Amsterdam" });
  const entities = await EntityKeys.open(db, key);
  const event = (iso: string, state: string) =>
    ({ at: Date.parse(iso), entityId: "light.a", state, cause: "user" }) as const;
  // A Sunday evening in UTC that is Monday in Amsterdam, before and after the clocks change.
  const events = [
    event("2026-03-22T23:30:00Z", "on"),
    event("2026-03-29T22:30:00Z", "off"),
    event("2026-03-30T05:00:00Z", "unavailable"),
  ];
  await entities.prepare(events);
  await storeEvents({ db, home: key, entities, events });
  const { changes, weekdays } = await activityOf(db, "main", "light.a");
  assert.equal(changes, 2);
  assert.deepEqual([weekdays[0]?.day, weekdays[0]?.hours[0]], ["mon", 2]);
  assert.equal(
    weekdays.flatMap(({ hours }) => hours).reduce((sum, count) => sum + count, 0),
    2,
  );
  await assert.rejects(activityOf(db, "main", "light.b"), (error) => isErrorCode(error, "NOT_FOUND"));
  await assert.rejects(activityOf(db, "none", "light.a"), (error) => isErrorCode(error, "NOT_FOUND"));
  const plan = await db.all(`explain query plan ${CHANGES}`, { entity: 1, limit: 1 });
  assert.doesNotMatch(plan.map((row) => text(row, "detail")).join("; "), /SCAN|TEMP B-TREE/);
  await store.close();
});
