import assert from "node:assert/strict";
import { type ContractTest, putOf } from "./bench.ts";

export function recoveryContract(test: ContractTest): void {
  test("queues what a dead process was running, with its steps, and fences the dead", async (bench) => {
    const { store, clock, admit, running, claim, end, requireRun } = bench;
    const done = await running();
    await end(done);
    const later = await admit({ availableAt: clock.now() + 100 });
    const held = [await running(), await running()];
    for (const run of held) await store.runs.put(putOf(run));
    await clock.advance(10);

    assert.deepEqual(await store.runs.recover({ now: clock.now(), crashLimit: 5 }), { queued: 2, failed: [] });
    for (const run of held) {
      const { status, crashes, epoch } = await requireRun(run.id);
      assert.deepEqual([status, crashes, epoch], ["queued", 1, run.epoch]);
      assert.equal(await store.runs.put(putOf(run, { id: "late" })), "fenced");
      assert.equal(await end(run), false);
    }
    assert.equal((await requireRun(later)).crashes, 0);
    const again = await claim();
    assert.deepEqual(
      again.map(({ id, epoch }) => [id, epoch]),
      held.map(({ id }) => [id, 2]),
    );
    assert.equal((await store.runs.steps(held[0]?.id ?? "")).length, 1);
    assert.deepEqual(await store.runs.recover({ now: clock.now(), crashLimit: 5 }), { queued: 2, failed: [] });
  });

  test("gives a run up that crashed too often without a step in between", async (bench) => {
    const { store, clock, running, claim, requireRun } = bench;
    const { id } = await running();
    for (const crash of [1, 2]) {
      assert.deepEqual(await store.runs.recover({ now: clock.now(), crashLimit: 3 }), { queued: 1, failed: [] });
      assert.equal((await requireRun(id)).crashes, crash);
      await claim();
    }
    await clock.advance(10);
    const recovered = await store.runs.recover({ now: clock.now(), crashLimit: 3 });
    const run = await requireRun(id);
    assert.deepEqual(recovered, { queued: 0, failed: [run] });
    assert.deepEqual(
      [run.status, run.crashes, run.error?.code, run.endedAt],
      ["failed", 3, "RUN_CRASHED", clock.now()],
    );
    assert.match(run.error?.message ?? "", /died 3 times/);
    assert.deepEqual(await claim(), []);

    assert.ok(await store.runs.retry({ runId: id, now: clock.now() }));
    assert.equal((await requireRun(id)).crashes, 0);
  });

  test("has nothing to recover in an empty store", async ({ store, clock }) => {
    assert.deepEqual(await store.runs.recover({ now: clock.now(), crashLimit: 5 }), { queued: 0, failed: [] });
  });

  test("tells which claims no longer hold", async ({ store, clock, running, claim, end }) => {
    const runs = [await running(), await running(), await running(), await running()];
    const [held, canceled, ended, parked] = runs.map(({ id, epoch }) => ({ runId: id, epoch }));
    assert.ok(held && canceled && ended && parked && runs[2]);
    await store.runs.cancel({ runId: canceled.runId, now: clock.now() });
    await end(runs[2]);
    await store.runs.park({ ...parked, availableAt: clock.now(), attempt: 0, error: null });
    const taken = (await claim())[0];
    assert.equal(taken?.id, parked.runId);

    const claims = [held, canceled, ended, parked, { runId: "none", epoch: 1 }];
    assert.deepEqual(await store.runs.lostClaims(claims), [canceled.runId, ended.runId, parked.runId, "none"]);
    assert.deepEqual(await store.runs.lostClaims([held, { runId: parked.runId, epoch: 2 }]), []);
    assert.deepEqual(await store.runs.lostClaims([]), []);
  });
}
