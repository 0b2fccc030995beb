import assert from "node:assert/strict";
import { type ContractTest, putOf } from "./bench.ts";

const FAILURE = { code: "ERROR", message: "it broke" };

export function endingContract(test: ContractTest): void {
  test("parks a run until its time", async ({ store, clock, running, claim, requireRun }) => {
    const { id, epoch } = await running();
    const availableAt = clock.now() + 500;
    const parked = await store.runs.park({ runId: id, epoch, availableAt, attempt: 2, error: FAILURE });
    assert.equal(parked, "parked");
    const run = await requireRun(id);
    assert.deepEqual(
      [run.status, run.availableAt, run.attempt, run.error, run.endedAt],
      ["queued", availableAt, 2, FAILURE, null],
    );
    assert.deepEqual(await claim(), []);
    await clock.advance(500);
    assert.deepEqual(
      (await claim()).map((claimed) => [claimed.id, claimed.attempt]),
      [[id, 2]],
    );
  });

  test("gives a parked run out at once when its time is over already", async ({ store, clock, running, claim }) => {
    const { id, epoch } = await running();
    await store.runs.park({ runId: id, epoch, availableAt: clock.now() - 1, attempt: 0, error: null });
    assert.equal(await store.runs.nextDueAt({ now: clock.now() }), undefined);
    assert.equal((await claim())[0]?.id, id);
  });

  test("ends a run with its output", async ({ store, clock, running, requireRun, claim }) => {
    const { id, epoch } = await running();
    await clock.advance(20);
    assert.ok(
      await store.runs.finish({ runId: id, epoch, ending: { status: "done", output: "[1]" }, now: clock.now() }),
    );
    const run = await requireRun(id);
    assert.deepEqual([run.status, run.output, run.error, run.endedAt], ["done", "[1]", null, clock.now()]);
    assert.deepEqual(await claim(), []);
  });

  test("ends a run with its error", async ({ running, end, requireRun, claim }) => {
    const run = await running();
    assert.ok(await end(run, "STEP_FAILED"));
    const { status, output, error } = await requireRun(run.id);
    assert.deepEqual([status, output, error], ["failed", null, { code: "STEP_FAILED", message: "it broke" }]);
    assert.deepEqual(await claim(), []);
  });

  test("refuses to park or end a run that somebody else holds, or nobody", async (bench) => {
    const { store, clock, running, claim, end, requireRun } = bench;
    const zombie = await running();
    const { id: runId, epoch } = zombie;
    const again = { runId, epoch, availableAt: clock.now(), attempt: 0, error: null };
    assert.equal(await store.runs.park(again), "parked");
    assert.equal(await store.runs.park(again), "fenced", "parked twice");
    assert.equal(await end(zombie), false, "ended while queued");
    const [owner] = await claim();
    assert.ok(owner);
    assert.equal(await store.runs.park({ ...again, attempt: 9 }), "fenced", "parked under an old epoch");
    assert.equal(await end(zombie, "ERROR"), false, "ended under an old epoch");
    assert.deepEqual(await requireRun(runId), owner);
    assert.ok(await end(owner));
    assert.equal(await end(owner, "ERROR"), false, "ended twice");
    assert.equal((await requireRun(runId)).status, "done");
  });

  test("cancels a run that has not ended, wherever it stands", async ({
    store,
    clock,
    admit,
    running,
    claim,
    requireRun,
  }) => {
    const held = await running();
    const queued = await admit();
    const later = await admit({ availableAt: clock.now() + 100 });
    await clock.advance(10);
    for (const [runId, epoch] of [[held.id, 2] as const, [queued, 1] as const, [later, 1] as const]) {
      assert.ok(await store.runs.cancel({ runId, now: clock.now() }));
      const run = await requireRun(runId);
      assert.deepEqual([run.status, run.epoch, run.endedAt], ["canceled", epoch, clock.now()]);
    }
    await clock.advance(1_000);
    assert.deepEqual(await claim(), []);
    assert.equal(await store.runs.nextDueAt({ now: 0 }), undefined);
  });

  test("does not cancel what has ended, or is not there", async ({ store, clock, running, end, requireRun }) => {
    const run = await running();
    await end(run);
    const before = await requireRun(run.id);
    assert.equal(await store.runs.cancel({ runId: run.id, now: clock.now() }), false);
    assert.equal(await store.runs.cancel({ runId: "none", now: clock.now() }), false);
    assert.deepEqual(await requireRun(run.id), before);
  });

  test("queues a failed run again, with its finished steps and new counters", async (bench) => {
    const { store, clock, running, end, claim, requireRun } = bench;
    const { id } = await running();
    await store.runs.recover({ now: clock.now(), crashLimit: 9 });
    const [run] = await claim();
    assert.ok(run);
    await store.runs.put(putOf(run, { id: "open", state: "open", output: null, error: FAILURE, endedAt: null }));
    await store.runs.put(putOf(run, { id: "failed", state: "failed", output: null, error: FAILURE }));
    await store.runs.put(putOf(run, { id: "done", output: "42" }));
    await end(run, "STEP_FAILED");

    await clock.advance(100);
    assert.ok(await store.runs.retry({ runId: id, now: clock.now() }));
    const queued = await requireRun(id);
    assert.deepEqual(
      [queued.status, queued.attempt, queued.crashes, queued.error, queued.endedAt, queued.availableAt],
      ["queued", 0, 0, null, null, clock.now()],
    );
    assert.deepEqual(
      (await store.runs.steps(id)).map((step) => [step.id, step.output]),
      [["done", "42"]],
    );
    const [retried] = await claim();
    assert.deepEqual([retried?.id, retried?.epoch], [id, run.epoch + 1]);
  });

  test("queues a canceled run again", async ({ store, clock, admit, claim }) => {
    const runId = await admit();
    await store.runs.cancel({ runId, now: clock.now() });
    assert.ok(await store.runs.retry({ runId, now: clock.now() }));
    assert.equal((await claim())[0]?.id, runId);
  });

  test("does not queue again what is queued, running, done, or not there", async ({
    store,
    clock,
    admit,
    running,
    end,
  }) => {
    const queued = await admit({ availableAt: clock.now() + 10 });
    const held = await running();
    const done = await running();
    await end(done);
    for (const runId of [queued, held.id, done.id, "none"]) {
      assert.equal(await store.runs.retry({ runId, now: clock.now() }), false);
    }
    assert.equal(await store.runs.put(putOf(held)), "stored");
  });
}
