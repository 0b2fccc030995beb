import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "./clock.ts";

describe("system clock", () => {
  it("a sleep ends with the signal's reason when it is aborted", async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort(new Error("enough"));
    await assert.rejects(sleeping, /enough/);
  });

  it("a wait longer than a timeout of Node can hold does not fire at once", async () => {
    let fired = false;
    const timer = systemClock.after(2_147_483_647 + 10, () => (fired = true));
    await new Promise((resolve) => setImmediate(resolve));
    timer.cancel();
    assert.equal(fired, false);
  });

  it("a recent reading does not outlast its turn of the event loop: the machine may have slept since", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
    assert.equal(systemClock.recent(), 1_000);
    t.mock.timers.setTime(3_600_000);
    assert.equal(systemClock.recent(), 1_000, "one reading serves a turn");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(systemClock.recent(), 3_600_000);
  });

  it("a recent reading is taken anew in a turn that goes on and on", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 5_000_000 });
    for (let asks = 0; asks < 256; asks++) systemClock.recent();
    t.mock.timers.setTime(6_000_000);
    for (let asks = 0; asks < 256; asks++) systemClock.recent();
    assert.equal(systemClock.recent(), 6_000_000);
  });
});
