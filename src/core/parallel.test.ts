import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "./manual-clock.ts";
import { mapParallel } from "./parallel.ts";

describe("mapParallel", () => {
  it("lets a free place take the next item while a slow one still runs", async () => {
    const clock = createManualClock();
    const done = mapParallel([30, 10, 10, 10], async (ms) => clock.sleep(ms).then(() => clock.monotonic()), {
      parallel: 2,
    });
    await clock.advance(30);
    assert.deepEqual(
      await done,
      [30, 10, 20, 30].map((value) => ({ status: "fulfilled", value })),
    );
  });

  it("never runs more at once than it was told", async () => {
    let running = 0;
    let most = 0;
    await mapParallel(
      Array.from({ length: 40 }, (_, index) => index),
      async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
      },
      { parallel: 7 },
    );
    assert.equal(most, 7);
  });

  it("keeps a failure apart from its neighbours", async () => {
    const [first, second] = await mapParallel([1, 2], (item) =>
      item === 1 ? Promise.reject(new Error("no")) : Promise.resolve(item),
    );
    assert.equal(first?.status, "rejected");
    assert.deepEqual(second, { status: "fulfilled", value: 2 });
  });

  it("starts nothing more after an abort and waits for what is in flight", async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const started: number[] = [];
    const outcome = mapParallel(
      [1, 2, 3],
      async (item) => {
        started.push(item);
        await clock.sleep(10);
        return item;
      },
      { parallel: 1, signal: stop.signal },
    );
    await clock.advance(5);
    stop.abort(new Error("enough"));
    await clock.advance(10);
    assert.deepEqual(
      (await outcome).map(({ status }) => status),
      ["fulfilled", "rejected", "rejected"],
    );
    assert.deepEqual(started, [1]);
  });

  it("refuses a bound that is not a whole number of at least 1", async () => {
    for (const parallel of [0, -1, 1.5, Number.NaN])
      await assert.rejects(
        mapParallel([1], async () => 1, { parallel }),
        RangeError,
      );
  });
});
