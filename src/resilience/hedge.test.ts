import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { createAttemptBudget } from "./attempt-budget.ts";
import { hedge, type HedgeAttempt, type HedgeLoss, type HedgeOptions } from "./hedge.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";

interface Plan {
  readonly ms: number;
  readonly fails?: boolean;
}

interface Bench {
  readonly clock: TestClock;
  readonly attempts: number[];
  readonly losses: string[];
  readonly options: HedgeOptions<string>;
  /** Work whose attempts take so long each, and fail where they are said to. */
  readonly work: (...plan: readonly Plan[]) => (attempt: HedgeAttempt) => Promise<string>;
}

function openBench(): Bench {
  const clock = createTestClock();
  const attempts: number[] = [];
  const losses: string[] = [];
  const budget = createAttemptBudget({ clock, share: 0.05, burst: 1, perMinute: 0 });
  const onLoss = ({ number, ms, outcome }: HedgeLoss<string>): void =>
    void losses.push(`${number} ${outcome.status} after ${ms}`);
  return {
    clock,
    attempts,
    losses,
    options: { clock, budget, onLoss, afterMs: () => 1_000 },
    work:
      (...plan) =>
      async ({ number, signal }) => {
        attempts.push(number);
        const { ms, fails = false } = plan[number - 1] ?? { ms: 0 };
        await clock.sleep(ms, signal);
        if (fails) throw new Error(`failure ${number}`);
        return `answer ${number}`;
      },
  };
}

describe("hedge", () => {
  it("asks once when the answer is not late, and leaves no timer", async () => {
    const { clock, attempts, options, work } = openBench();
    const answer = hedge(work({ ms: 999 }), options);
    await clock.advance(999);
    assert.equal(await answer, "answer 1");
    assert.deepEqual([attempts, clock.waits], [[1], 0]);
  });

  it("asks once more when the answer is late, takes the first that comes, aborts the other and tells what it took", async () => {
    const { clock, attempts, losses, options, work } = openBench();
    const answer = hedge(work({ ms: 9_000 }, { ms: 500 }), options);
    await clock.advance(1_500);
    assert.equal(await answer, "answer 2");
    assert.deepEqual([attempts, losses, clock.waits], [[1, 2], ["1 rejected after 1500"], 0]);
  });

  it("aborts the second attempt when the first one comes after all", async () => {
    const { clock, losses, options, work } = openBench();
    const answer = hedge(work({ ms: 1_200 }, { ms: 500 }), options);
    await clock.advance(1_200);
    assert.equal(await answer, "answer 1");
    assert.deepEqual(losses, ["2 rejected after 200"]);
  });

  it("tells also of a loser that did not heed its signal, once it has ended", async () => {
    const { clock, losses, options } = openBench();
    const answer = hedge(async ({ number }) => {
      await clock.sleep(number === 1 ? 5_000 : 100);
      return `answer ${number}`;
    }, options);
    await clock.advance(1_100);
    assert.equal(await answer, "answer 2");
    assert.deepEqual(losses, []);
    await clock.advance(5_000);
    assert.deepEqual(losses, ["1 fulfilled after 5000"]);
  });

  it("leaves an early failure to the caller, and waits for the other attempt after a late one", async () => {
    const early = openBench();
    const failed = assert.rejects(hedge(early.work({ ms: 10, fails: true }), early.options), /failure 1/);
    await early.clock.advance(5_000);
    await failed;
    assert.deepEqual(early.attempts, [1]);
    const late = openBench();
    const answer = hedge(late.work({ ms: 1_100, fails: true }, { ms: 2_000 }), late.options);
    await late.clock.advance(3_000);
    assert.equal(await answer, "answer 2");
    assert.deepEqual(late.losses, ["1 rejected after 1100"]);
  });

  it("throws when both fail, and tells each outcome exactly once", async () => {
    const { clock, losses, options, work } = openBench();
    const failed = assert.rejects(
      hedge(work({ ms: 1_100, fails: true }, { ms: 500, fails: true }), options),
      /failure 2/,
    );
    await clock.advance(3_000);
    await failed;
    assert.deepEqual(losses, ["1 rejected after 1100"]);
  });

  it("does not ask twice without knowing what is late, or beyond its budget", async () => {
    const { clock, attempts, options, work } = openBench();
    const unknown = hedge(work({ ms: 9_000 }), { ...options, afterMs: () => undefined });
    await clock.advance(9_000);
    assert.equal(await unknown, "answer 1");
    const first = hedge(work({ ms: 9_000 }, { ms: 1 }), options);
    const second = hedge(work({ ms: 9_000 }, { ms: 1 }), options);
    await clock.advance(9_000);
    assert.deepEqual(await Promise.all([first, second]), ["answer 2", "answer 1"]);
    assert.deepEqual(attempts, [1, 1, 1, 2]);
  });

  it("ends both attempts with the caller's signal, and leaves no listener", async () => {
    const { clock, losses, options, work } = openBench();
    const outer = new AbortController();
    const answer = hedge(work({ ms: 9_000 }, { ms: 9_000 }), { ...options, signal: outer.signal });
    const stopped = assert.rejects(answer, /stop/);
    await clock.advance(2_000);
    outer.abort(new Error("stop"));
    await stopped;
    await clock.advance(0);
    assert.deepEqual([losses.length, clock.waits, getEventListeners(outer.signal, "abort").length], [2, 0, 0]);
  });
});
