import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aimdLimit, type ConcurrencyLimit, gradientLimit } from "./concurrency-limit.ts";

/** A round: as many samples as may run at once. */
function round(limit: ConcurrencyLimit, { ms = 100, isOverload = false, at = 0 } = {}): void {
  const running = limit.current();
  for (let n = 0; n < running; n++) limit.learn({ ms, running, isOverload, startedAt: at }, at + ms);
}

describe("aimdLimit", () => {
  it("grows by one a round", () => {
    const limit = aimdLimit({ initial: 10 });
    for (let n = 0; n < 10; n++) round(limit);
    assert.ok(limit.current() >= 18 && limit.current() <= 20, `${limit.current()}`);
  });

  it("shrinks once for a whole round of refusals, not once for each", () => {
    const limit = aimdLimit({ initial: 10, backoff: 0.5 });
    round(limit, { isOverload: true, at: 0 });
    assert.equal(limit.current(), 5);
    round(limit, { isOverload: true, at: 200 });
    assert.equal(limit.current(), 2);
  });

  it("stays where it is while it is not reached, and within its bounds", () => {
    const limit = aimdLimit({ initial: 10, min: 4, max: 11 });
    for (let n = 0; n < 100; n++) limit.learn({ ms: 1, running: 4, isOverload: false, startedAt: 0 }, 1);
    assert.equal(limit.current(), 10);
    for (let n = 0; n < 9; n++) round(limit);
    assert.equal(limit.current(), 11);
    for (let n = 1; n < 20; n++) round(limit, { isOverload: true, at: n * 1_000 });
    assert.equal(limit.current(), 4);
  });
});

describe("gradientLimit", () => {
  it("stays near what a server does at once that queues the rest silently, however long that lasts", () => {
    const limit = gradientLimit({ initial: 5, max: 1_000 });
    let least = Infinity;
    let most = 0;
    // Ten places of 100 ms each: what is beyond them waits.
    for (let n = 0; n < 1_000; n++) {
      round(limit, { ms: Math.max(100, limit.current() * 10), at: n * 10_000 });
      if (n > 20) [least, most] = [Math.min(least, limit.current()), Math.max(most, limit.current())];
    }
    assert.ok(least >= 3 && most >= 10 && most <= 60, `${least} to ${most}`);
  });

  it("falls when answers become slow, and at a sign of overload", () => {
    const limit = gradientLimit({ initial: 50, max: 50 });
    for (let n = 0; n < 10; n++) round(limit);
    assert.equal(limit.current(), 50);
    for (let n = 0; n < 5; n++) limit.learn({ ms: 1_000, running: 50, isOverload: false, startedAt: 0 }, 0);
    const slowed = limit.current();
    assert.ok(slowed < 40, `${slowed}`);
    limit.learn({ ms: 1, running: 50, isOverload: true, startedAt: 0 }, 0);
    assert.ok(limit.current() < slowed);
  });

  it("names bounds that make no sense", () => {
    assert.throws(() => gradientLimit({ min: 5, initial: 4 }), /got 5, 4 and 100/);
    assert.throws(() => aimdLimit({ backoff: 1 }), /got 1/);
  });
});
