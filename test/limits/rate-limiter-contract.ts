import assert from "node:assert/strict";
import { it } from "node:test";
import { MillraceError } from "../../src/core/errors.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import type { AxisLimit, RateLimiter } from "../../src/resilience/rate-limiter.ts";
import { createTestClock, type TestClock } from "../../src/resilience/test-clock.ts";

type Axis = "requests" | "tokens";

/** A limiter to test, whose buckets are full. */
export interface LimiterBench {
  readonly limiter: RateLimiter<Axis>;
  /** Resolves when what was asked has been heard everywhere, without the time moving on. */
  readonly settled: () => Promise<void>;
}

export type OpenLimiter = (params: {
  readonly clock: TestClock;
  readonly axes: { readonly [axis in Axis]: AxisLimit };
}) => Promise<LimiterBench>;

const AXES = { requests: { limit: 10 }, tokens: { limit: 1_000 } } as const;

/** Declares what every rate limiter keeps, wherever its buckets stand. */
export function rateLimiterContract(open: OpenLimiter): void {
  function test(
    title: string,
    work: (bench: LimiterBench & { clock: TestClock; pass: (ms: number) => Promise<void> }) => Promise<void>,
  ): void {
    void it(title, async () => {
      const clock = createTestClock();
      const bench = await open({ clock, axes: AXES });
      await work({
        ...bench,
        clock,
        async pass(ms) {
          await clock.advance(ms);
          await bench.settled();
        },
      });
    });
  }

  test("lets pass what every axis has, and waits until the scarcest has it", async ({ limiter, settled, pass }) => {
    assert.equal((await limiter.reserve({ requests: 1, tokens: 1_000 })).waitedMs, 0);
    const second = limiter.reserve({ requests: 1, tokens: 100 });
    await settled();
    await pass(5_999);
    assert.equal(limiter.stats().waiting, 1);
    await pass(1);
    assert.equal((await second).waitedMs, 6_000);
  });

  test("lets who waits pass when a call used less, or was not sent", async ({ limiter, settled, clock }) => {
    const first = await limiter.reserve({ tokens: 1_000 });
    const [second, third] = [limiter.reserve({ tokens: 500 }), limiter.reserve({ tokens: 400 })];
    await settled();
    first.settle({ tokens: 100 });
    const held = await second;
    held.release();
    held.settle({ tokens: 500 });
    await third;
    await settled();
    assert.equal(clock.monotonic(), 0);
    assert.equal(limiter.stats().axes.tokens.available, 500);
  });

  test("makes later ones wait for what was used beyond the estimate, or unreserved", async ({
    limiter,
    settled,
    pass,
  }) => {
    (await limiter.reserve({ tokens: 500 })).settle({ tokens: 900, requests: 5 });
    await settled();
    const next = limiter.reserve({ tokens: 200, requests: 1 });
    await settled();
    assert.deepEqual([limiter.stats().waiting, limiter.stats().axes.requests.available], [1, 5]);
    await pass(6_000);
    await next;
  });

  test("gives nothing back that a bucket without the draw would not hold", async ({ limiter, settled, pass }) => {
    const early = await limiter.reserve({ tokens: 500 });
    await pass(60_000);
    await limiter.reserve({ tokens: 1_000 });
    early.release();
    await settled();
    const over = limiter.reserve({ tokens: 1 });
    await settled();
    assert.equal(limiter.stats().waiting, 1, "more than the limit passed at one instant");
    await pass(100);
    await over;
  });

  test("refuses who cannot be in time, and tells when it could be", async ({ limiter, settled, clock }) => {
    await limiter.reserve({ requests: 10 });
    using deadline = startDeadline({ clock, ms: 2_500 });
    const refused = await limiter.reserve({ requests: 1 }, { deadline }).catch((error: unknown) => error);
    await settled();
    assert.ok(refused instanceof MillraceError);
    assert.deepEqual([refused.code, refused.facts["retryAfterMs"], refused.isRetryable], ["RATE_LIMITED", 6_000, true]);
  });

  test("follows what the server says, below its own limit", async ({ limiter, settled, pass }) => {
    await limiter.reserve({ requests: 1 });
    limiter.observe("requests", { limit: 5, remaining: 1, resetMs: 80_000 });
    await settled();
    await limiter.reserve({ requests: 1 });
    const next = limiter.reserve({ requests: 1 });
    await settled();
    await pass(19_999);
    assert.equal(limiter.stats().waiting, 1);
    await pass(2);
    await next;
    assert.equal(limiter.stats().axes.requests.limit, 5);
  });

  test("lets nothing pass while it is blocked", async ({ limiter, settled, pass }) => {
    limiter.blockFor(5_000);
    limiter.blockFor(1_000);
    await settled();
    const next = limiter.reserve({ requests: 1 });
    await settled();
    await pass(4_999);
    assert.equal(limiter.stats().waiting, 1);
    await pass(1);
    assert.equal((await next).waitedMs, 5_000);
  });

  test("forgets who was called off, and lets the next one go on", async ({ limiter, settled, clock }) => {
    await limiter.reserve({ tokens: 900 });
    const calling = new AbortController();
    const first = limiter.reserve({ tokens: 1_000 }, { signal: calling.signal });
    const second = limiter.reserve({ tokens: 100 });
    await settled();
    calling.abort(new Error("off"));
    await assert.rejects(first, /off/);
    await second;
    await settled();
    assert.equal(clock.waits, 0);
  });

  test("serves the more urgent first, and tenants in turn", async ({ limiter, settled, pass }) => {
    await limiter.reserve({ requests: 10 });
    const order: string[] = [];
    const ask = (name: string, options: object): void => {
      void limiter.reserve({ requests: 1 }, options).then(() => order.push(name));
    };
    ask("a1", { tenant: "a" });
    ask("a2", { tenant: "a" });
    ask("a3", { tenant: "a", priority: 1 });
    ask("b1", { tenant: "b" });
    await settled();
    for (let turn = 0; turn < 4; turn++) await pass(6_000);
    assert.deepEqual(order.slice(0, 2).toSorted(), ["a3", "b1"]);
    assert.deepEqual(order.slice(2), ["a1", "a2"]);
  });

  test("refuses who waits for more than the limit holds now that the server has told it", async ({
    limiter,
    settled,
  }) => {
    await limiter.reserve({ requests: 10 });
    const large = limiter.reserve({ requests: 8 });
    await settled();
    limiter.observe("requests", { limit: 5 });
    await assert.rejects(large, { code: "INPUT_INVALID" });
  });

  test("names more than a limit ever holds, and what is no amount", async ({ limiter }) => {
    await assert.rejects(limiter.reserve({ tokens: 1_001 }), { code: "INPUT_INVALID" });
    await assert.rejects(limiter.reserve({ tokens: -1 }), RangeError);
  });
}
