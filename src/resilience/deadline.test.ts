import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { startDeadline } from "./deadline.ts";

describe("startDeadline", () => {
  it("fires when the time is up, and says what is left until then", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 1_000 });
    await clock.advance(400);
    assert.equal(deadline.leftMs(), 600);
    assert.equal(deadline.signal.aborted, false);
    await clock.advance(600);
    assert.equal(deadline.leftMs(), 0);
    assert.equal(deadline.isOver(), true);
    assert.equal(deadline.signal.aborted, true);
  });

  it("ends with an outer signal, which is not the same as being over", () => {
    const outer = new AbortController();
    using deadline = startDeadline({ clock: createManualClock(), ms: 1_000, signals: [outer.signal] });
    outer.abort(new Error("stop"));
    assert.equal((deadline.signal.reason as Error).message, "stop");
    assert.equal(deadline.isOver(), false);
  });

  it("has ended already where an outer signal has", () => {
    using deadline = startDeadline({ clock: createManualClock(), ms: 1_000, signals: [AbortSignal.abort("gone")] });
    assert.equal(deadline.signal.reason, "gone");
  });

  it("leaves nothing behind with a signal that outlives it", () => {
    const outer = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const clock = createManualClock();
    const deadlines = Array.from({ length: 100 }, () => startDeadline({ clock, ms: 1_000, signals: [outer.signal] }));
    assert.equal(getEventListeners(outer.signal, "abort").length, 100);
    for (const deadline of deadlines) deadline[Symbol.dispose]();
    assert.equal(getEventListeners(outer.signal, "abort").length, 0);
    process.off("warning", onWarning);
    assert.deepEqual(warnings, []);
  });

  it("does not fire once it was disposed of", async () => {
    const clock = createManualClock();
    const deadline = startDeadline({ clock, ms: 1_000 });
    deadline[Symbol.dispose]();
    await clock.advance(5_000);
    assert.equal(deadline.signal.aborted, false);
  });

  it("refuses a time that is not positive", () => {
    assert.throws(() => startDeadline({ clock: createManualClock(), ms: 0 }), /got 0/);
  });
});
