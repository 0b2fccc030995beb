import assert from "node:assert/strict";
import { it } from "node:test";
import { isErrorCode } from "../../src/core/errors.ts";
import type { Breaker, BreakerOptions } from "../../src/resilience/breaker.ts";
import { createTestClock, type TestClock } from "../../src/resilience/test-clock.ts";

/** A breaker to test as two see it that may be in two processes. */
export interface BreakerBench {
  readonly here: Breaker;
  readonly there: Breaker;
  /** Resolves when each side knows what the other does, without the time moving on. */
  readonly settled: () => Promise<void>;
}

/** `options` is asked once for each breaker that is made. */
export type OpenBreaker = (options: () => BreakerOptions) => Promise<BreakerBench>;

interface Bench extends BreakerBench {
  readonly clock: TestClock;
  /** What each breaker that was made told of its changes. */
  readonly changes: readonly string[][];
  /** Opens it by failures at one side, and lets both know. */
  readonly open: (breaker: Breaker) => Promise<void>;
}

const FAILURES = 3;
const FIRST_PROBE_MS = 5_000;
const OPEN_MS = 60_000;
const NO_JITTER = { next: () => 0 };

const fail = (): Promise<never> => Promise.reject(new Error("down"));
const succeed = (): Promise<string> => Promise.resolve("fine");

async function failTimes(breaker: Breaker, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await assert.rejects(breaker.run(fail), /down/);
}

async function refusedMs(breaker: Breaker): Promise<unknown> {
  const error: unknown = await breaker.run(succeed).catch((error: unknown) => error);
  assert.ok(isErrorCode(error, "BREAKER_OPEN"), "it let something pass");
  return error.facts["retryAfterMs"];
}

/** Declares what every breaker keeps, whether one process knows it or several do. */
export function breakerContract(openBreaker: OpenBreaker): void {
  function test(title: string, work: (bench: Bench) => Promise<void>): void {
    void it(title, async () => {
      const clock = createTestClock();
      const changes: string[][] = [];
      const bench = await openBreaker(() => {
        const told: string[] = [];
        changes.push(told);
        return {
          clock,
          random: NO_JITTER,
          failures: FAILURES,
          firstProbeMs: FIRST_PROBE_MS,
          openMs: OPEN_MS,
          onChange: ({ status }) => void told.push(status),
        };
      });
      async function open(breaker: Breaker): Promise<void> {
        await failTimes(breaker, FAILURES);
        await bench.settled();
      }
      await work({ ...bench, clock, changes, open });
    });
  }

  test("opens after failures in a row, not after as many in all", async ({ here, there, settled }) => {
    await failTimes(here, FAILURES - 1);
    await here.run(succeed);
    await failTimes(here, FAILURES - 1);
    await settled();
    assert.deepEqual([await here.run(succeed), await there.run(succeed)], ["fine", "fine"]);
  });

  test("lets nothing pass anywhere once it is open, and tells when the probe goes", async ({
    here,
    there,
    open,
    clock,
  }) => {
    await open(here);
    await clock.advance(1_000);
    assert.deepEqual([await refusedMs(here), await refusedMs(there)], [4_000, 4_000]);
  });

  test("lets one probe pass for all, and everything after it worked", async ({ here, there, open, settled, clock }) => {
    await open(here);
    await clock.advance(FIRST_PROBE_MS);
    const probe = there.run(() => clock.sleep(1_000));
    await settled();
    await refusedMs(here);
    await refusedMs(there);
    await clock.advance(1_000);
    await probe;
    await settled();
    assert.deepEqual([await here.run(succeed), await there.run(succeed)], ["fine", "fine"]);
  });

  test("waits twice as long after each probe that failed, whoever sent it", async ({
    here,
    there,
    open,
    settled,
    clock,
  }) => {
    await open(here);
    const waits: unknown[] = [];
    let waitMs = FIRST_PROBE_MS;
    for (const prober of [there, here, there, here, there]) {
      await clock.advance(waitMs);
      await failTimes(prober, 1);
      await settled();
      waitMs = Number(await refusedMs(prober === here ? there : here));
      waits.push(waitMs);
    }
    assert.deepEqual(waits, [10_000, 20_000, 40_000, OPEN_MS, OPEN_MS]);
  });

  test("sends the next probe at once when one was given up", async ({ here, there, open, settled, clock }) => {
    await open(here);
    await clock.advance(FIRST_PROBE_MS);
    await assert.rejects(
      there.run(() => Promise.reject(new DOMException("stop", "AbortError"))),
      /stop/,
    );
    await settled();
    assert.equal(await here.run(succeed), "fine");
  });

  test("sends another probe when nothing is heard of one", async ({ here, there, open, settled, clock }) => {
    await open(here);
    await clock.advance(FIRST_PROBE_MS);
    assert.equal(here.admit().isGranted, true);
    await settled();
    await clock.advance(OPEN_MS - 1);
    await refusedMs(there);
    await clock.advance(1);
    assert.equal(await there.run(succeed), "fine");
  });

  test("takes nothing from what began before it opened", async ({ here, there, open, settled, clock }) => {
    const [slow, slowFailure] = [there.admit(), there.admit()];
    assert.ok(slow.isGranted && slowFailure.isGranted);
    await open(here);
    slow.end("working");
    await settled();
    await refusedMs(there);
    await clock.advance(FIRST_PROBE_MS);
    const probe = there.admit();
    assert.ok(probe.isGranted);
    slowFailure.end("failing");
    probe.end("working");
    probe.end("failing");
    await settled();
    assert.deepEqual([await here.run(succeed), await there.run(succeed)], ["fine", "fine"]);
  });

  test("keeps its times when the machine's clock is set back", async ({ here, there, open, settled, clock }) => {
    await open(here);
    clock.jump(-3_600_000);
    await clock.advance(FIRST_PROBE_MS - 1);
    await refusedMs(here);
    await clock.advance(1);
    assert.equal(await here.run(succeed), "fine");
    await settled();
    assert.equal(await there.run(succeed), "fine");
  });

  test("tells each change of its status once", async ({ here, open, settled, clock, changes }) => {
    await open(here);
    await settled();
    await clock.advance(FIRST_PROBE_MS);
    const probe = here.admit();
    await settled();
    assert.ok(probe.isGranted);
    probe.end("working");
    await settled();
    await settled();
    for (const told of changes) assert.deepEqual(told, ["open", "half-open", "closed"]);
  });
}
