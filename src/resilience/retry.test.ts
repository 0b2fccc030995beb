import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import { createAttemptBudget } from "./attempt-budget.ts";
import { startDeadline } from "./deadline.ts";
import { retry, type Verdict } from "./retry.ts";

const AGAIN: Verdict = { again: true, notBeforeMs: 0 };

function failing(times: number) {
  const attempts: number[] = [];
  const work = async (attempt: number): Promise<string> => {
    attempts.push(attempt);
    if (attempt <= times) throw new Error(`failure ${attempt}`);
    return `answer ${attempt}`;
  };
  return { attempts, work };
}

async function settled(work: Promise<unknown>, clock: ManualClock): Promise<void> {
  const ended = Promise.allSettled([work]);
  await clock.advance(1);
  await ended;
}

describe("retry", () => {
  it("gives the first answer that comes, after the waits in between", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const { work } = failing(2);
    const answer = retry(work, { clock, deadline, backoff: (failures) => failures * 1_000, judge: () => AGAIN });
    await clock.advance(2_999);
    let isSettled = false;
    void answer.then(() => (isSettled = true));
    await clock.advance(0);
    assert.equal(isSettled, false);
    await clock.advance(1);
    assert.equal(await answer, "answer 3");
  });

  it("throws the last failure when its attempts are used up", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const { work, attempts } = failing(9);
    const answer = retry(work, { clock, deadline, backoff: () => 1_000, judge: () => AGAIN });
    const rejected = assert.rejects(answer, /failure 3/);
    await clock.advance(2_000);
    await rejected;
    assert.deepEqual(attempts, [1, 2, 3]);
  });

  it("does not repeat what is judged final", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const { work, attempts } = failing(9);
    await assert.rejects(
      retry(work, { clock, deadline, backoff: () => 0, judge: () => ({ again: false }) }),
      /failure 1/,
    );
    assert.deepEqual(attempts, [1]);
  });

  it("waits at least as long as the other side asked, and a part of the backoff on top", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const { work, attempts } = failing(1);
    const options = { clock, deadline, judge: (): Verdict => ({ again: true, notBeforeMs: 7_000 }) };
    const answer = retry(work, { ...options, backoff: () => 400 });
    await clock.advance(7_099);
    assert.deepEqual(attempts, [1]);
    await clock.advance(1);
    assert.equal(await answer, "answer 2");
  });

  it("waits the backoff where that is longer than what the other side asked", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const { work, attempts } = failing(1);
    const options = { clock, deadline, judge: (): Verdict => ({ again: true, notBeforeMs: 100 }) };
    const answer = retry(work, { ...options, backoff: () => 4_000 });
    await clock.advance(3_999);
    assert.deepEqual(attempts, [1]);
    await clock.advance(1);
    assert.equal(await answer, "answer 2");
  });

  it("stops retrying when the calls' common budget is used up, and goes on when it has filled", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 60_000 });
    const budget = createAttemptBudget({ clock, share: 0.5, burst: 1, perMinute: 0 });
    const options = { clock, deadline, backoff: () => 0, judge: () => AGAIN, budget };
    const first = failing(9);
    await settled(retry(first.work, options), clock);
    assert.deepEqual(first.attempts, [1, 2]);
    const second = failing(9);
    await settled(retry(second.work, options), clock);
    assert.deepEqual(second.attempts, [1]);
    const third = failing(1);
    await settled(retry(third.work, options), clock);
    assert.deepEqual(third.attempts, [1, 2]);
  });

  it("gives up at once when the wait would pass the deadline", async () => {
    const clock = createManualClock();
    using deadline = startDeadline({ clock, ms: 5_000 });
    const { work, attempts } = failing(1);
    await assert.rejects(retry(work, { clock, deadline, backoff: () => 5_000, judge: () => AGAIN }), /failure 1/);
    assert.deepEqual(attempts, [1]);
    assert.equal(clock.monotonic(), 0);
  });

  it("stops waiting when it is called off", async () => {
    const clock = createManualClock();
    const outer = new AbortController();
    using deadline = startDeadline({ clock, ms: 60_000, signals: [outer.signal] });
    const { work, attempts } = failing(1);
    const answer = retry(work, { clock, deadline, backoff: () => 5_000, judge: () => AGAIN });
    const rejected = assert.rejects(answer, /stop/);
    await clock.advance(1_000);
    outer.abort(new Error("stop"));
    await rejected;
    assert.deepEqual(attempts, [1]);
  });
});
