import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "./manual-clock.ts";

describe("manual clock", () => {
  it("fires timers in order, with their consequences settled in between", async () => {
    const clock = createManualClock(1_000);
    const seen: string[] = [];
    clock.after(20, () => seen.push("b"));
    clock.after(10, () => void clock.sleep(5).then(() => seen.push(`a at ${clock.now()}`)));
    await clock.advance(30);
    assert.deepEqual(seen, ["a at 1015", "b"]);
  });

  it("a jump moves the wall clock and no timer", async () => {
    const clock = createManualClock(0);
    let fired = false;
    clock.after(10, () => (fired = true));
    clock.jump(3_600_000);
    await clock.advance(0);
    assert.deepEqual([clock.now(), clock.monotonic(), fired], [3_600_000, 0, false]);
  });

  it("tells whole milliseconds, also between them", async () => {
    const clock = createManualClock(1_000);
    await clock.advance(2.5);
    assert.deepEqual([clock.now(), clock.monotonic()], [1_002, 2.5]);
  });

  it("an aborted sleep rejects with the reason, and a canceled timer stays quiet", async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(100, stop.signal);
    const timer = clock.after(50, () => assert.fail("canceled"));
    timer.cancel();
    stop.abort(new Error("enough"));
    await assert.rejects(sleeping, /enough/);
    await clock.advance(200);
  });
});
