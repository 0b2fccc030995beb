import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode, MillraceError } from "../core/errors.ts";
import { startDeadline } from "./deadline.ts";
import { createRateLimiter, type RateLimiter, type Reservation } from "./rate-limiter.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

type Axis = "requests" | "tokens";

const AXES = { requests: { limit: 60 }, tokens: { limit: 1_000 } } as const;

/** Uses up what is there. */
function drain(limiter: RateLimiter<Axis>): void {
  for (let n = 0; n < 60; n++) assert.ok(limiter.tryReserve({ requests: 1 }));
}
/** Notes the order in which reservations come. */
function note(order: string[], name: string, reservation: Promise<Reservation<Axis>>): Promise<void> {
  return reservation.then(() => void order.push(name));
}
async function refusalOf(reservation: Promise<unknown>): Promise<MillraceError> {
  const error = await reservation.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(error instanceof MillraceError, String(error));
  return error;
}

describe("createRateLimiter", () => {
  it("lets pass at once what every axis has, and waits until the scarcest has it", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    const first = await limiter.reserve({ requests: 1, tokens: 1_000 });
    assert.equal(first.waitedMs, 0);
    const second = limiter.reserve({ requests: 1, tokens: 100 });
    await clock.advance(5_999);
    assert.equal(limiter.stats().waiting, 1);
    await clock.advance(1);
    assert.equal((await second).waitedMs, 6_000);
    assert.equal(clock.waits, 0);
  });

  it("lets those who wait pass as soon as a call turns out to have used less, or was not sent", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    const first = await limiter.reserve({ tokens: 1_000 });
    const second = limiter.reserve({ tokens: 500 });
    const third = limiter.reserve({ tokens: 400 });
    await clock.advance(0);
    first.settle({ tokens: 100 });
    const held = await second;
    held.release();
    held.settle({ tokens: 500 });
    await third;
    assert.equal(clock.monotonic(), 0);
    assert.equal(limiter.stats().axes.tokens.available, 500);
  });

  it("counts also what was used without having been reserved", async () => {
    const limiter = createRateLimiter({ clock: createTestClock(), axes: AXES });
    const held = await limiter.reserve({ requests: 1 });
    held.settle({ tokens: 300 });
    held.settle({ tokens: 300 });
    assert.equal(limiter.stats().axes.tokens.available, 700);
  });

  it("serves tenants by their weights, in what they use most", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES, weightOf: (tenant) => (tenant === "large" ? 3 : 1) });
    assert.ok(limiter.tryReserve({ tokens: 1_000 }));
    const served = { large: 0, small: 0 };
    for (let n = 0; n < 100; n++) {
      void limiter.reserve({ requests: 1, tokens: 50 }, { tenant: "small" }).then(() => (served.small += 50));
      void limiter.reserve({ requests: 1, tokens: 100 }, { tenant: "large" }).then(() => (served.large += 100));
    }
    await clock.advance(120_000);
    assert.ok(Math.abs(served.large / 3 - served.small) <= 100, JSON.stringify(served));
    assert.ok(served.large + served.small >= 1_900, JSON.stringify(served));
  });

  it("refuses at once what cannot be in time, and tells when it could be", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    drain(limiter);
    using late = startDeadline({ clock, ms: 2_500 });
    using later = startDeadline({ clock, ms: 3_500 });
    const order: string[] = [];
    void note(order, "first", limiter.reserve({ requests: 2 }));
    const refusal = await refusalOf(limiter.reserve({ requests: 1 }, { deadline: late }));
    assert.deepEqual([refusal.code, refusal.facts["retryAfterMs"], refusal.isRetryable], ["RATE_LIMITED", 3_000, true]);
    assert.match(refusal.message, /in 3000 ms, and 2500 ms are left/);
    void note(order, "second", limiter.reserve({ requests: 1 }, { deadline: later }));
    await clock.advance(3_000);
    assert.deepEqual(order, ["first", "second"]);
  });

  it("counts only those who come first into the wait: others of its tenant that are less urgent do not", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    drain(limiter);
    const order: string[] = [];
    for (let n = 0; n < 10; n++) void note(order, "routine", limiter.reserve({ requests: 1 }));
    using deadline = startDeadline({ clock, ms: 1_500 });
    await refusalOf(limiter.reserve({ requests: 1 }, { deadline }));
    void note(order, "urgent", limiter.reserve({ requests: 1 }, { deadline, priority: 1 }));
    await clock.advance(1_000);
    assert.deepEqual(order, ["urgent"]);
    void note(
      order,
      "guest",
      limiter.reserve({ requests: 1 }, { deadline: startDeadline({ clock, ms: 2_500 }), tenant: "guest" }),
    );
    await clock.advance(2_000);
    assert.ok(order.includes("guest"));
  });

  it("refuses who waits in vain once the line has moved more slowly than was thought", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    drain(limiter);
    using deadline = startDeadline({ clock, ms: 2_000 });
    const refused = refusalOf(limiter.reserve({ requests: 1 }, { deadline }));
    limiter.observe("requests", { remaining: 0, resetMs: 600_000 });
    assert.equal((await refused).code, "RATE_LIMITED");
    const another = createRateLimiter({ clock, axes: AXES });
    drain(another);
    const blocked = refusalOf(another.reserve({ requests: 1 }, { deadline }));
    another.blockFor(30_000);
    assert.equal((await blocked).facts["retryAfterMs"], 30_000);
    await clock.advance(2_000);
    assert.equal(clock.waits, 0);
  });

  it("never passes anything while a server's wait lasts, and the shorter of two does not end the longer", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    limiter.blockFor(5_000);
    limiter.blockFor(1_000);
    assert.equal(limiter.tryReserve({ requests: 1 }), undefined);
    const waiting = limiter.reserve({ requests: 1 });
    await clock.advance(4_999);
    assert.deepEqual([limiter.stats().waiting, limiter.stats().blockedMs], [1, 1]);
    await clock.advance(1);
    assert.equal((await waiting).waitedMs, 5_000);
  });

  it("stops waiting when it is called off, leaves no listener, and lets the next one go on", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    assert.ok(limiter.tryReserve({ tokens: 900 }));
    const off = new AbortController();
    const large = limiter.reserve({ tokens: 1_000 }, { signal: off.signal });
    const small = limiter.reserve({ tokens: 100 });
    await clock.advance(0);
    assert.equal(getEventListeners(off.signal, "abort").length, 1);
    off.abort(new Error("stop"));
    await assert.rejects(large, /stop/);
    assert.equal((await small).waitedMs, 0);
    assert.deepEqual([getEventListeners(off.signal, "abort").length, clock.waits], [0, 0]);
    await assert.rejects(limiter.reserve({ tokens: 1 }, { signal: off.signal }), /stop/);
  });

  it("refuses clearly when too many wait", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES, maxWaiting: 2 });
    drain(limiter);
    const waiting = [limiter.reserve({ requests: 1 }), limiter.reserve({ requests: 1 })];
    const refusal = await refusalOf(limiter.reserve({ requests: 1 }));
    assert.deepEqual([refusal.code, refusal.facts["maxWaiting"]], ["QUEUE_FULL", 2]);
    await clock.advance(2_000);
    await Promise.all(waiting);
  });

  it("refuses at once more than a limit ever holds, also when a server has lowered it in the meantime", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    assert.match((await refusalOf(limiter.reserve({ tokens: 1_001 }))).message, /tokens: 1001 .* limit is 1000/);
    assert.ok(limiter.tryReserve({ tokens: 1_000 }));
    const waiting = refusalOf(limiter.reserve({ tokens: 600 }));
    limiter.observe("tokens", { limit: 500 });
    assert.ok(isErrorCode(await waiting, "INPUT_INVALID"));
    assert.equal(clock.waits, 0);
  });

  it("holds the line for a large call, so that small ones do not starve it", async () => {
    const clock = createTestClock();
    const limiter = createRateLimiter({ clock, axes: AXES });
    assert.ok(limiter.tryReserve({ tokens: 900 }));
    const order: string[] = [];
    void note(order, "large", limiter.reserve({ tokens: 1_000 }));
    assert.equal(limiter.tryReserve({ tokens: 10 }), undefined);
    for (let n = 0; n < 3; n++) void note(order, "small", limiter.reserve({ tokens: 10 }));
    await clock.advance(53_999);
    assert.deepEqual(order, []);
    await clock.advance(2_000);
    assert.deepEqual(order, ["large", "small", "small", "small"]);
  });

  it("names a bad axis, amount or priority", async () => {
    const limiter = createRateLimiter({ clock: createTestClock(), axes: AXES });
    await assert.rejects(limiter.reserve({ pages: 1 } as object), /no axis is called "pages": requests, tokens/);
    await assert.rejects(limiter.reserve({ tokens: -1 }), /tokens must be .* got -1/);
    drain(limiter);
    await assert.rejects(limiter.reserve({ requests: 1 }, { priority: 11 }), /priority .* got 11/);
    assert.throws(
      () => createRateLimiter({ clock: createTestClock(), axes: { a: { limit: 0 } } }),
      /limit of a .* got 0/,
    );
  });

  const arrival = fc.record({
    atMs: fc.nat(40_000),
    tenant: fc.constantFrom("a", "b", "c"),
    priority: fc.integer({ min: -10, max: 10 }),
    tokens: fc.integer({ min: 1, max: 400 }),
    usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    takesMs: fc.nat(20_000),
  });

  it("keeps every window within the limit, idles while nobody must wait, and serves everybody, whoever comes when", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 60 }), async (arrivals) => {
        const clock = createTestClock();
        const limiter = createRateLimiter({
          clock,
          axes: { requests: { limit: 10, perMs: 10_000 }, tokens: { limit: 500, perMs: 10_000 } },
        });
        const used: { readonly at: number; readonly tokens: number }[] = [];
        const calls = arrivals.map(async ({ atMs, tenant, priority, tokens, usedShare, takesMs }) => {
          await clock.sleep(atMs);
          const reservation = await limiter.reserve({ requests: 1, tokens }, { tenant, priority });
          used.push({ at: clock.monotonic(), tokens: tokens * usedShare });
          await clock.sleep(takesMs);
          reservation.settle({ tokens: tokens * usedShare });
          assertWorkConserving(limiter, clock);
        });
        await clock.advance(1_000_000);
        await Promise.all(calls);
        assert.equal(used.length, arrivals.length);
        assertWithin(
          used.map(({ at }) => ({ at, amount: 1 })),
          10,
          10_000,
        );
        assertWithin(
          used.map(({ at, tokens }) => ({ at, amount: tokens })),
          500,
          10_000,
        );
        assert.deepEqual([limiter.stats().waiting, clock.waits], [0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Whoever waits does so because an axis is short of the largest amount that is asked for, and something will wake it. */
function assertWorkConserving(limiter: RateLimiter<Axis>, clock: TestClock): void {
  const { waiting, axes } = limiter.stats();
  if (waiting === 0) return;
  assert.ok(axes.requests.available < 1 || axes.tokens.available < 400, JSON.stringify(axes));
  assert.ok(clock.waits > 0);
}

function assertWithin(
  used: readonly { readonly at: number; readonly amount: number }[],
  limit: number,
  perMs: number,
): void {
  for (const [from, { at: start }] of used.entries()) {
    let sum = 0;
    for (const { at, amount } of used.slice(from)) {
      sum += amount;
      const allowed = limit + ((at - start) * limit) / perMs;
      assert.ok(sum <= allowed + 1e-6, `${sum} of ${allowed} in ${at - start} ms`);
    }
  }
}
