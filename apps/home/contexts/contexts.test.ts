import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Log, LogFields } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { describerOf } from "../events/describe-entity.ts";
import { importSample } from "../sample/import-sample.ts";
import { exampleRule } from "../patterns/example-rule.ts";
import { toHabit } from "../patterns/habit.ts";
import { prefetchContexts } from "./contexts.ts";

function recordingLog(lines: LogFields[]): Log {
  const record = (fields: LogFields): void => void lines.push(fields);
  const log: Log = { debug: record, info: record, warn: record, error: record, child: () => log };
  return log;
}

describe("prefetchContexts", () => {
  let store: Awaited<ReturnType<typeof openSqliteStore>>;
  before(async () => {
    const clock = createManualClock();
    store = await openSqliteStore({ directory: ":memory:", clock });
    await store.db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
    await importSample({ db: store.db, clock, seed: 1, timezone: "Europe/Amsterdam" });
  });
  after(() => store.close());

  const habits = [
    exampleRule({ id: "a", action: { entity_ids: ["light.hall", "light.bathroom"], to: "on" } }),
    exampleRule({
      id: "b",
      trigger: { type: "state", entity_id: "binary_sensor.hall_motion", to: "on" },
      action: { entity_ids: ["light.hall"], to: "on" },
    }),
    exampleRule({ id: "c", action: { entity_ids: ["light.gone"], to: "on" } }),
  ].map(toHabit);

  it("looks each device up once, a few at a time, and leaves one that fails empty and counted", async () => {
    const asked: string[] = [];
    const lines: LogFields[] = [];
    let inFlight = 0;
    let most = 0;
    const { devices, lookUps, failed } = await prefetchContexts({
      habits,
      parallel: 2,
      signal: new AbortController().signal,
      log: recordingLog(lines),
      async open(entityIds) {
        const describe = await describerOf({ db: store.db, home: "sample", entityIds });
        return async (entityId) => {
          asked.push(entityId);
          most = Math.max(most, ++inFlight);
          try {
            return await describe(entityId);
          } finally {
            inFlight -= 1;
          }
        };
      },
    });
    assert.deepEqual(asked.toSorted(), ["binary_sensor.hall_motion", "light.bathroom", "light.gone", "light.hall"]);
    assert.deepEqual([lookUps, failed, most], [4, 1, 2]);
    const areas = Object.fromEntries(devices.map(({ entityId, area }) => [entityId, area]));
    assert.deepEqual(areas, {
      "binary_sensor.hall_motion": "Hall",
      "light.bathroom": "Bathroom",
      "light.gone": null,
      "light.hall": "Hall",
    });
    assert.partialDeepStrictEqual(lines.at(-1), { lookUps: 4, failed: 1 });
  });

  it("stops when the run is stopped", async () => {
    const stopped = AbortSignal.abort(new Error("stopped"));
    const params = { habits, parallel: 2, signal: stopped, log: recordingLog([]) };
    const open = (entityIds: readonly string[]) => describerOf({ db: store.db, home: "sample", entityIds });
    await assert.rejects(prefetchContexts({ ...params, open }), /stopped/);
  });
});
