import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveDays, toSeries, useAtRandom, ZONE } from "./made-up-home.test.ts";
import { mine } from "./mine.ts";
import { mineOffThread } from "./mine-off-thread.ts";

const series = toSeries(
  liveDays({ days: 40, seed: 1 }, (day) => {
    day.put(day.about(420, 5), "light.kitchen", "on");
    day.put(day.about(900, 100), "light.kitchen", "off");
    useAtRandom(day, "light.hall", 3);
  }),
);

describe("mineOffThread", () => {
  it("finds what mine finds, and leaves the caller's series as it was", async () => {
    const expected = mine(series, { zone: ZONE });
    assert.ok(expected.rules.length > 0);
    assert.deepEqual(await mineOffThread(series, { zone: ZONE }), expected);
    assert.deepEqual(await mineOffThread(series, { zone: ZONE }), expected);
  });

  it("takes a series that is still being loaded, and fails when that does", async () => {
    assert.deepEqual(await mineOffThread(Promise.resolve(series), { zone: ZONE }), mine(series, { zone: ZONE }));
    await assert.rejects(mineOffThread(Promise.reject(new Error("no such home")), { zone: ZONE }), /no such home/);
  });

  it("refuses what mine refuses", async () => {
    await assert.rejects(mineOffThread(series, { zone: "Mars/Olympus" }), RangeError);
  });

  it("ends its thread and rejects with the reason when it is aborted", async () => {
    const controller = new AbortController();
    const mining = mineOffThread(series, { zone: ZONE }, controller.signal);
    controller.abort(new Error("enough"));
    await assert.rejects(mining, /enough/);
    await assert.rejects(mineOffThread(series, { zone: ZONE }, controller.signal), /enough/);
  });
});
