import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveDays, toSeries, useAtRandom, ZONE } from "./made-up-home.test.ts";
import { mine } from "./mine.ts";

describe("mine: anomalies", () => {
  it("reports a day on which something happened far more often than usual, and one on which it did not at all", () => {
    const events = liveDays({ days: 50, seed: 31 }, (day) => {
      useAtRandom(day, "binary_sensor.fridge", day.index === 45 ? 60 : 8);
      if (day.index !== 47) useAtRandom(day, "light.kitchen", 14);
    });
    const { anomalies } = mine(toSeries(events), { zone: ZONE });
    assert.ok(
      anomalies.some(({ date, entity_id, seen }) => date === "2026-10-22" && entity_id.endsWith("fridge") && seen > 20),
    );
    assert.ok(
      anomalies.some(
        ({ date, entity_id, seen }) => date === "2026-10-24" && entity_id === "light.kitchen" && seen === 0,
      ),
    );
    assert.ok(anomalies.every(({ p, usual }) => p < 0.001 && usual > 5));
  });

  it("reports nothing of ordinary days", () => {
    const events = liveDays({ days: 50, seed: 32 }, (day) => {
      useAtRandom(day, "light.kitchen", 6);
      useAtRandom(day, "switch.kettle", 3);
    });
    assert.deepEqual(mine(toSeries(events), { zone: ZONE }).anomalies, []);
  });
});
