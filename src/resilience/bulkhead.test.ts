import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { isErrorCode } from "../core/errors.ts";
import { createBulkhead } from "./bulkhead.ts";
import { aimdLimit } from "./concurrency-limit.ts";
import { startDeadline } from "./deadline.ts";
import { createTestClock } from "./test-clock.ts";

describe("createBulkhead", () => {
  it("runs five at once by default, the others as soon as there is room", async () => {
    const clock = createTestClock();
    const bulkhead = createBulkhead({ clock });
    let most = 0;
    const runs = Array.from({ length: 12 }, (_, n) =>
      bulkhead.run(async () => {
        most = Math.max(most, bulkhead.stats().running);
        await clock.sleep(n === 0 ? 10_000 : 1_000);
      }),
    );
    assert.deepEqual(bulkhead.stats(), { running: 5, waiting: 7, limit: 5 });
    await clock.advance(3_000);
    assert.deepEqual(bulkhead.stats(), { running: 1, waiting: 0, limit: 5 });
    await clock.advance(10_000);
    await Promise.all(runs);
    assert.equal(most, 5);
  });

  it("shares places between tenants, and gives a tenant's urgent work its next one", async () => {
    const clock = createTestClock();
    const bulkhead = createBulkhead({ clock, parallel: 1 });
    const order: string[] = [];
    const run = (name: string, options: object): void =>
      void bulkhead.run(async () => {
        order.push(name);
        await clock.sleep(10);
      }, options);
    run("a1", { tenant: "a" });
    run("a2", { tenant: "a" });
    run("a3", { tenant: "a" });
    run("a urgent", { tenant: "a", priority: 1 });
    run("b1", { tenant: "b" });
    await clock.advance(100);
    assert.deepEqual(order, ["a1", "a urgent", "b1", "a2", "a3"]);
  });

  it("frees the place of work that fails, also of work that throws at once", async () => {
    const bulkhead = createBulkhead({ clock: createTestClock(), parallel: 1 });
    const atOnce = (): Promise<void> => {
      throw new Error("at once");
    };
    await assert.rejects(bulkhead.run(atOnce), /at once/);
    await assert.rejects(
      bulkhead.run(() => Promise.reject(new Error("later"))),
      /later/,
    );
    assert.equal(await bulkhead.run(async () => "fine"), "fine");
    assert.equal(bulkhead.stats().running, 0);
  });

  it("gives up waiting at the deadline and when it is called off, without starting the work", async () => {
    const clock = createTestClock();
    const bulkhead = createBulkhead({ clock, parallel: 1, maxWaiting: 2 });
    const first = bulkhead.run(() => clock.sleep(10_000));
    using deadline = startDeadline({ clock, ms: 1_000 });
    const off = new AbortController();
    const never = (): Promise<void> => assert.fail("was started");
    const late = assert.rejects(bulkhead.run(never, { deadline }), { name: "TimeoutError" });
    const stopped = assert.rejects(bulkhead.run(never, { signal: off.signal }), /stop/);
    await assert.rejects(bulkhead.run(never), (error) => isErrorCode(error, "QUEUE_FULL"));
    await clock.advance(1_000);
    off.abort(new Error("stop"));
    await Promise.all([late, stopped]);
    assert.deepEqual([bulkhead.stats().waiting, getEventListeners(off.signal, "abort").length], [0, 0]);
    await clock.advance(10_000);
    await first;
    assert.equal(clock.waits, 0);
  });

  it("finds about as many as a server takes at once, when it may learn", async () => {
    const clock = createTestClock();
    let running = 0;
    let refused = 0;
    const bulkhead = createBulkhead({ clock, parallel: aimdLimit({ initial: 2 }), isOverload: () => true });
    /** A server that refuses more than 20 at once. */
    async function ask(): Promise<void> {
      running += 1;
      try {
        await clock.sleep(running > 20 ? 10 : 100);
        if (running > 20) throw new Error("429");
      } finally {
        running -= 1;
      }
    }
    const ended = Promise.all(Array.from({ length: 1_000 }, () => bulkhead.run(ask).catch(() => (refused += 1))));
    await clock.advance(20_000);
    await ended;
    assert.ok(bulkhead.stats().limit >= 12 && bulkhead.stats().limit <= 25, `${bulkhead.stats().limit}`);
    assert.ok(refused < 100, `${refused}`);
    // 1 000 times 100 ms at 20 in parallel are 5 s.
    assert.equal(bulkhead.stats().running, 0);
  });

  it("names a bound that makes no sense", () => {
    const clock = createTestClock();
    assert.throws(() => createBulkhead({ clock, parallel: 0 }), /got 0/);
    assert.throws(() => createBulkhead({ clock, maxWaiting: -1 }), /maxWaiting .* got -1/);
  });
});
