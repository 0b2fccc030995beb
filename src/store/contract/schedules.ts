import assert from "node:assert/strict";
import { mapParallel } from "../../core/parallel.ts";
import { type ContractTest, putOf } from "./bench.ts";

const DAILY = { id: "home.daily", automation: "job", expression: "0 3 * * *", zone: "Europe/Amsterdam", nextAt: 1_000 };

export function scheduleContract(test: ContractTest): void {
  test("records schedules, and keeps one that was named again from being forgotten", async ({ store, another }) => {
    const second = { ...DAILY, id: "a.hourly", expression: "0 * * * *" };
    const other = (await another()).runs;
    assert.deepEqual(await store.runs.putSchedule(DAILY), { ...DAILY, lastAt: null, named: 1 });
    await other.putSchedule(second);
    assert.deepEqual(await store.runs.schedules(), [
      { ...second, lastAt: null, named: 1 },
      { ...DAILY, lastAt: null, named: 1 },
    ]);
    await other.putSchedule(second);
    await store.runs.dropSchedule({ id: second.id, named: 1 });
    await store.runs.dropSchedule({ id: "unknown", named: 1 });
    assert.deepEqual(
      (await store.runs.schedules()).map(({ id, named }) => [id, named]),
      [
        [second.id, 2],
        [DAILY.id, 1],
      ],
    );
    await store.runs.dropSchedule({ id: second.id, named: 2 });
    assert.deepEqual(
      (await other.schedules()).map(({ id }) => id),
      [DAILY.id],
    );
  });

  test("keeps the times of an unchanged schedule, and starts a changed one anew", async ({ store, clock, ids }) => {
    await store.runs.putSchedule(DAILY);
    const run = { id: ids.next(), automation: "job", event: "{}", now: clock.now() };
    await store.runs.fire({ scheduleId: DAILY.id, seenAt: 1_000, nextAt: 2_000, run });
    const fired = { ...DAILY, nextAt: 2_000, lastAt: 1_000, named: 2 };
    assert.deepEqual(await store.runs.putSchedule({ ...DAILY, nextAt: 9_999 }), fired);
    assert.deepEqual(await store.runs.schedules(), [fired]);
    const anew = await store.runs.putSchedule({ ...DAILY, nextAt: 9_999, isAnew: true });
    assert.deepEqual(anew, { ...DAILY, nextAt: 9_999, lastAt: null, named: 3 });

    let named = 3;
    for (const change of [{ expression: "0 4 * * *" }, { zone: "UTC" }, { automation: "other" }]) {
      const changed = { ...DAILY, ...change, nextAt: 5_000 };
      assert.deepEqual(await store.runs.putSchedule(changed), { ...changed, lastAt: null, named: (named += 1) });
      await store.runs.putSchedule(DAILY);
      named += 1;
    }
  });

  test("fires a schedule once for each time, whoever sees it first", async ({ store, clock, ids, another, claim }) => {
    const other = await another();
    await store.runs.putSchedule(DAILY);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? store : other).runs.fire({
          scheduleId: DAILY.id,
          seenAt: 1_000,
          nextAt: 2_000,
          run: { id: ids.next(), automation: "job", event: `${index}`, now: clock.now() },
        }),
      ),
    );
    const fired = answers.filter((answer) => answer !== undefined);
    assert.deepEqual(
      fired.map(({ isNew }) => isNew),
      [true],
    );
    assert.deepEqual(
      (await claim()).map(({ id }) => id),
      [fired[0]?.runId],
    );
    assert.deepEqual(await store.runs.schedules(), [{ ...DAILY, nextAt: 2_000, lastAt: 1_000, named: 1 }]);
  });

  test("moves a schedule on even when the run's key is known", async ({ store, clock, ids, admit }) => {
    await store.runs.putSchedule(DAILY);
    const known = await admit({ key: "daily@1000" });
    const run = { id: ids.next(), automation: "job", event: "{}", key: "daily@1000", now: clock.now() };
    const fired = await store.runs.fire({ scheduleId: DAILY.id, seenAt: 1_000, nextAt: 2_000, run });
    assert.deepEqual(fired, { runId: known, isNew: false, isDropped: false });
    assert.equal((await store.runs.schedules())[0]?.nextAt, 2_000);
    assert.equal((await store.runs.list({ limit: 9 })).total, 1);
  });

  test("stores neither the move nor the run when one of them fails", async ({ store, clock, admit }) => {
    await store.runs.putSchedule(DAILY);
    const id = await admit();
    const run = { id, automation: "job", event: "{}", now: clock.now() };
    const fire = store.runs.fire({ scheduleId: DAILY.id, seenAt: 1_000, nextAt: 2_000, run });
    await assert.rejects(fire, { code: "STORE_FAILED" });
    assert.equal((await store.runs.schedules())[0]?.nextAt, 1_000);
    const unknown = await store.runs.fire({ scheduleId: "none", seenAt: 1_000, nextAt: 2_000, run });
    assert.equal(unknown, undefined);
  });

  test("forgets runs that ended before a time, with their steps, and no others", async (bench) => {
    const { store, clock, admit, running, end } = bench;
    const old = await running();
    await store.runs.put(putOf(old));
    await end(old, "ERROR");
    const canceled = await admit();
    await store.runs.cancel({ runId: canceled, now: clock.now() });
    const held = await running();
    const queued = await admit();
    await clock.advance(1_000);
    const recent = await bench.claim();
    assert.equal(recent[0]?.id, queued);
    if (recent[0] !== undefined) await end(recent[0]);

    assert.equal(await store.runs.forget({ endedBefore: clock.now() }), 2);
    assert.deepEqual(await store.runs.steps(old.id), []);
    const left = (await store.runs.list({ limit: 9 })).runs.map(({ id }) => id);
    assert.deepEqual(left, [queued, held.id]);
    assert.equal(await store.runs.forget({ endedBefore: clock.now() }), 0);
  });

  test("forgets any number of runs", async ({ store, clock, admit, claim, end }) => {
    await Promise.all(Array.from({ length: 1_203 }, () => admit()));
    const runs = await claim({ limit: 1_200 });
    // As many as there are connections: nobody waits for one until its patience is over.
    await mapParallel(runs, (run) => end(run), { parallel: 20 });
    await clock.advance(1);
    assert.equal(await store.runs.forget({ endedBefore: clock.now() }), 1_200);
    assert.equal((await store.runs.list({ limit: 9 })).total, 3);
  });
}
