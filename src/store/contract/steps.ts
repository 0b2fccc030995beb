import assert from "node:assert/strict";
import { type ContractTest, HARD_VALUES, putOf, stepOf } from "./bench.ts";

const FAILURE = { code: "ERROR", message: "no answer", advice: "ask again" };

export function stepContract(test: ContractTest): void {
  test("gives the steps of a run as they were put, in order of their ids", async ({ store, running }) => {
    const run = await running();
    const neighbour = await running();
    const steps = [
      stepOf({ id: "c", output: '{"a":[1]}', startedAt: 5, endedAt: 9 }),
      stepOf({ id: "a", state: "failed", output: null, error: FAILURE, attempt: 3 }),
      stepOf({ id: "b:key", state: "open", output: null, error: FAILURE, attempt: 1, endedAt: null }),
    ];
    for (const step of steps) {
      assert.equal(await store.runs.put({ runId: run.id, epoch: run.epoch, step }), "stored");
    }
    await store.runs.put(putOf(neighbour));
    assert.deepEqual(await store.runs.steps(run.id), [steps[1], steps[2], steps[0]]);
    assert.deepEqual(await store.runs.steps("none"), []);
  });

  test("stores a final result once: the first write wins", async ({ store, running }) => {
    const run = await running();
    assert.equal(await store.runs.put(putOf(run, { id: "done", output: "1" })), "stored");
    assert.equal(
      await store.runs.put(putOf(run, { id: "failed", state: "failed", output: null, error: FAILURE })),
      "stored",
    );
    for (const id of ["done", "failed"]) {
      for (const state of ["done", "failed", "open"] as const) {
        assert.equal(await store.runs.put(putOf(run, { id, state, output: "2", attempt: 9 })), "kept");
      }
    }
    const [done, failed] = await store.runs.steps(run.id);
    assert.deepEqual([done?.output, done?.attempt], ["1", 1]);
    assert.deepEqual([failed?.state, failed?.error], ["failed", FAILURE]);
  });

  test("stores one of many results of one step put at once", async ({ store, running }) => {
    const run = await running();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.runs.put(putOf(run, { output: `${index}` }))),
    );
    assert.equal(answers.filter((answer) => answer === "stored").length, 1);
    assert.equal(answers.filter((answer) => answer === "kept").length, 9);
    assert.equal((await store.runs.steps(run.id))[0]?.output, `${answers.indexOf("stored")}`);
  });

  test("counts the attempts of an open step, until it is final", async ({ store, running }) => {
    const run = await running();
    const open = { state: "open", output: null, error: FAILURE, endedAt: null } as const;
    for (const attempt of [1, 2]) {
      assert.equal(await store.runs.put(putOf(run, { ...open, attempt })), "stored");
      assert.deepEqual(await store.runs.steps(run.id), [stepOf({ ...open, attempt })]);
    }
    assert.equal(await store.runs.put(putOf(run, { attempt: 3 })), "stored");
    assert.deepEqual(await store.runs.steps(run.id), [stepOf({ attempt: 3 })]);
  });

  test("refuses the result of a worker that lost its run", async ({ store, clock, running, claim, end }) => {
    const parked = await running();
    await store.runs.park({ runId: parked.id, epoch: 1, availableAt: clock.now(), attempt: 0, error: null });
    assert.equal(await store.runs.put(putOf(parked)), "fenced");
    const [takenOver] = await claim();
    assert.equal(await store.runs.put(putOf(parked)), "fenced");
    assert.equal(takenOver && (await store.runs.put(putOf(takenOver, { id: "mine" }))), "stored");
    assert.equal(await store.runs.put(putOf(parked, { id: "mine" })), "fenced");

    const canceled = await running();
    await store.runs.cancel({ runId: canceled.id, now: clock.now() });
    assert.equal(await store.runs.put(putOf(canceled)), "fenced");
    assert.equal(await store.runs.put(putOf({ ...canceled, epoch: canceled.epoch + 1 })), "fenced");
    const ended = await running();
    await end(ended);
    assert.equal(await store.runs.put(putOf(ended)), "fenced");
    assert.equal(await store.runs.put({ runId: "none", epoch: 1, step: stepOf() }), "fenced");
    for (const id of [canceled.id, ended.id]) assert.deepEqual(await store.runs.steps(id), []);
  });

  test("forgives crashes once a step is done, and not before", async ({ store, clock, running, claim, requireRun }) => {
    const { id } = await running();
    await store.runs.recover({ now: clock.now(), crashLimit: 9 });
    const [run] = await claim();
    assert.ok(run);
    await store.runs.put(putOf(run, { id: "a", state: "open", output: null, error: FAILURE, endedAt: null }));
    await store.runs.put(putOf(run, { id: "b", state: "failed", output: null, error: FAILURE }));
    await store.runs.put(putOf({ ...run, epoch: 1 }, { id: "c" }));
    assert.equal((await requireRun(id)).crashes, 1);
    await store.runs.put(putOf(run, { id: "a" }));
    assert.equal((await requireRun(id)).crashes, 0);
  });

  test("keeps outputs and ids byte by byte, up to a mebibyte", async ({ store, running }) => {
    const run = await running();
    const mebibyte = JSON.stringify("ä€".repeat(209_715)); // 5 bytes each
    for (const [index, output] of [...HARD_VALUES.map((value) => JSON.stringify(value)), mebibyte].entries()) {
      const id = `map:${index} 'ключ' "👍"`;
      assert.equal(await store.runs.put(putOf(run, { id, output })), "stored");
      assert.equal((await store.runs.steps(run.id)).find((step) => step.id === id)?.output, output);
    }
  });
}
