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
});
