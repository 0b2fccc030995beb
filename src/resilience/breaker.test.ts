import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode } from "../core/errors.ts";
import { createSeededRandom } from "../core/random.ts";
import { type Breaker, type BreakerOptions, type BreakerState, createBreaker } from "./breaker.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

/** Without jitter, so that instants are round. */
const NO_JITTER = { next: () => 0 };

function open(options: Partial<BreakerOptions> = {}): { clock: TestClock; breaker: Breaker } {
  const clock = createTestClock();
  return { clock, breaker: createBreaker({ clock, random: NO_JITTER, ...options }) };
}
const fail = (): Promise<never> => Promise.reject(new Error("down"));
const succeed = (): Promise<string> => Promise.resolve("fine");

async function failTimes(breaker: Breaker, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await assert.rejects(breaker.run(fail), /down/);
}
async function assertOpen(breaker: Breaker): Promise<void> {
  await assert.rejects(breaker.run(succeed), (error) => isErrorCode(error, "BREAKER_OPEN"));
}

describe("createBreaker", () => {
  it("opens after five failures in a row, not after five in all", async () => {
    const { breaker } = open();
    await failTimes(breaker, 4);
    await breaker.run(succeed);
    await failTimes(breaker, 4);
    assert.equal(breaker.state().status, "closed");
    await failTimes(breaker, 1);
    assert.equal(breaker.state().status, "open");
  });

  it("starts nothing while it is open, and tells when the next probe goes", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    await clock.advance(1_000);
    let starts = 0;
    const error: unknown = await breaker.run(async () => (starts += 1)).catch((error: unknown) => error);
    assert.ok(isErrorCode(error, "BREAKER_OPEN"));
    assert.deepEqual([starts, error.facts["retryAfterMs"]], [0, 4_000]);
  });

  it("closes with the first probe that succeeds", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    await clock.advance(4_999);
    await assertOpen(breaker);
    await clock.advance(1);
    assert.equal(await breaker.run(succeed), "fine");
    assert.equal(breaker.state().status, "closed");
  });

  it("probes after 5, 10, 20, 40 and then each 60 seconds, so that the end of an outage is noticed", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    const probes: number[] = [];
    for (let second = 1; second <= 260; second++) {
      await clock.advance(1_000);
      await breaker
        .run(async () => {
          probes.push(second);
          throw new Error("down");
        })
        .catch(() => undefined);
    }
    assert.deepEqual(probes, [5, 15, 35, 75, 135, 195, 255]);
  });

  it("notices the end of an outage of a minute within half a minute, at the cost of four probes at most", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { clock, breaker } = open({ random: createSeededRandom(seed) });
      await failTimes(breaker, 5);
      let probes = 0;
      let second = 0;
      while (breaker.state().status !== "closed") {
        second += 1;
        await clock.advance(1_000);
        await breaker
          .run(async () => {
            if (second >= 60) return;
            probes += 1;
            throw new Error("down");
          })
          .catch(() => undefined);
      }
      assert.ok(second <= 90 && probes <= 4, `seed ${seed}: ${second} s, ${probes} probes`);
    }
  });

  it("lets one probe through at a time", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    await clock.advance(5_000);
    const probe = breaker.run(() => clock.sleep(1_000));
    assert.equal(breaker.state().status, "half-open");
    await assertOpen(breaker);
    await clock.advance(1_000);
    await probe;
    assert.equal(await breaker.run(succeed), "fine");
  });

  it("sends another probe when nothing is heard of one", async () => {
    const { clock, breaker } = open({ openMs: 10_000 });
    await failTimes(breaker, 5);
    await clock.advance(5_000);
    assert.equal(breaker.admit().isGranted, true);
    await clock.advance(9_999);
    assert.equal(breaker.admit().isGranted, false);
    await clock.advance(1);
    assert.equal(breaker.admit().isGranted, true);
  });

  it("counts only what the caller says, and takes a refusal by a working side as a sign of life", async () => {
    const { clock, breaker } = open({
      judge: (error) => ((error as Error).message === "down" ? "failing" : "working"),
    });
    const refuse = (): Promise<never> => Promise.reject(new Error("bad request"));
    for (let n = 0; n < 20; n++) await assert.rejects(breaker.run(refuse), /bad request/);
    await failTimes(breaker, 5);
    await clock.advance(5_000);
    await assert.rejects(breaker.run(refuse), /bad request/);
    assert.equal(breaker.state().status, "closed");
  });

  it("learns nothing from a probe that the caller gave up, and sends the next one at once", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    await clock.advance(5_000);
    const abort = (): Promise<never> => Promise.reject(new DOMException("stop", "AbortError"));
    await assert.rejects(breaker.run(abort), /stop/);
    assert.equal(breaker.state().status, "open");
    assert.equal(await breaker.run(succeed), "fine");
  });

  it("takes nothing from outcomes of calls that had started before it opened", async () => {
    const { clock, breaker } = open();
    const slow = breaker.run(() => clock.sleep(1_000));
    const slowFailure = breaker.admit();
    await failTimes(breaker, 5);
    await clock.advance(1_000);
    await slow;
    assert.equal(breaker.state().status, "open");
    await clock.advance(4_000);
    const probe = breaker.run(() => clock.sleep(1_000));
    assert.ok(slowFailure.isGranted);
    slowFailure.end("failing");
    assert.equal(breaker.state().status, "half-open");
    await clock.advance(1_000);
    await probe;
    assert.equal(breaker.state().status, "closed");
  });

  it("tells every change of its status, and uses no timer", async () => {
    const changes: string[] = [];
    const { clock, breaker } = open({
      onChange: (state, previous) => void changes.push(`${previous.status} to ${state.status}`),
    });
    await failTimes(breaker, 5);
    assert.equal(clock.waits, 0);
    await clock.advance(5_000);
    await failTimes(breaker, 1);
    await clock.advance(10_000);
    await breaker.run(succeed);
    assert.deepEqual(changes, [
      "closed to open",
      "open to half-open",
      "half-open to open",
      "open to half-open",
      "half-open to closed",
    ]);
  });

  it("keeps its times when the machine's clock is set back", async () => {
    const { clock, breaker } = open();
    await failTimes(breaker, 5);
    clock.jump(-3_600_000);
    await clock.advance(5_000);
    assert.equal(await breaker.run(succeed), "fine");
  });

  it("shares what it knows: others open without failures of their own, and do not probe beside a probe", async () => {
    const clock = createTestClock();
    const [first, second] = [0, 1].map(() => createBreaker({ clock, random: NO_JITTER })) as [Breaker, Breaker];
    await failTimes(first, 5);
    second.merge(first.state());
    await assertOpen(second);
    await clock.advance(5_000);
    const probe = first.run(() => clock.sleep(100));
    second.merge(first.state());
    await assertOpen(second);
    await clock.advance(100);
    await probe;
    second.merge(first.state());
    assert.equal(await second.run(succeed), "fine");
  });

  it("comes to the same state in whatever order states are merged", () => {
    const at = fc.integer({ min: 1, max: 5 });
    const failedProbes = fc.nat(2);
    const plain = { noNullPrototype: true };
    const state = fc.oneof(
      fc.record({ status: fc.constant("closed" as const), changedAt: at, failures: fc.nat(4) }, plain),
      fc.record({ status: fc.constant("open" as const), changedAt: at, probeAt: at, failedProbes }, plain),
      fc.record({ status: fc.constant("half-open" as const), changedAt: at, probeUntil: at, failedProbes }, plain),
    );
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), fc.nat(), (states: BreakerState[], seed) => {
        const random = createSeededRandom(seed);
        const shuffled = [...states, ...states].map((state) => ({ state, key: random.next() }));
        const one = open().breaker;
        const other = open().breaker;
        for (const state of states) one.merge(state);
        for (const { state } of shuffled.sort((a, b) => a.key - b.key)) other.merge(state);
        assert.deepEqual(one.state(), other.state());
      }),
    );
  });

  it("names a bound that makes no sense", () => {
    assert.throws(() => open({ failures: 0 }), /got 0/);
    assert.throws(() => open({ openMs: 10, firstProbeMs: 20 }), /got 20 and 10/);
  });
});
