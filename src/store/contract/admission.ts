import assert from "node:assert/strict";
import { type ContractTest, HARD_TEXTS, HARD_VALUES } from "./bench.ts";

export function admissionContract(test: ContractTest): void {
  test("stores a queued run as it was given", async ({ store, clock, ids }) => {
    const id = ids.next();
    const now = clock.now();
    const given = await store.runs.admit({ id, automation: "job", event: '{"a":1}', priority: 7, now });
    assert.deepEqual(given, { runId: id, isNew: true, isDropped: false });
    assert.deepEqual(await store.runs.get(id), {
      id,
      automation: "job",
      version: 1,
      status: "queued",
      lane: "ready",
      event: '{"a":1}',
      parent: null,
      priority: 7,
      concurrencyKey: null,
      mergeKey: null,
      merged: 1,
      seen: 0,
      epoch: 0,
      attempt: 0,
      crashes: 0,
      output: null,
      error: null,
      undoing: null,
      createdAt: now,
      availableAt: now,
      startedAt: null,
      endedAt: null,
    });
  });

  test("answers a second admission under a key with the first run, and stores nothing", async ({
    store,
    clock,
    ids,
  }) => {
    const now = clock.now();
    const first = ids.next();
    await store.runs.admit({ id: first, automation: "job", event: "1", key: "k", now });
    const again = await store.runs.admit({ id: ids.next(), automation: "job", event: "2", key: "k", now });
    assert.deepEqual(again, { runId: first, isNew: false, isDropped: false });
    const { runs } = await store.runs.list({ limit: 10 });
    assert.deepEqual(
      runs.map(({ id, event }) => [id, event]),
      [[first, "1"]],
    );
  });

  test("gives one run to many admissions of one key at once, from two stores", async ({
    store,
    clock,
    ids,
    another,
  }) => {
    const other = await another();
    const now = clock.now();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).runs.admit({ id: ids.next(), automation: "job", event: "{}", key: "k", now }),
      ),
    );
    assert.equal(answers.filter(({ isNew }) => isNew).length, 1);
    assert.equal(new Set(answers.map(({ runId }) => runId)).size, 1);
    assert.equal((await store.runs.list({ limit: 10 })).total, 1);
  });

  test("keeps the keys of two automations apart, and keys that look alike", async ({ store, clock, ids }) => {
    const now = clock.now();
    const keys = [...HARD_TEXTS, "Key", "key", "key "];
    for (const automation of ["a", "b"]) {
      for (const key of keys) {
        const { isNew } = await store.runs.admit({ id: ids.next(), automation, event: "{}", key, now });
        assert.ok(isNew, `${automation} ${JSON.stringify(key)} was taken for another one`);
      }
    }
  });

  test("keeps a key as long as its run", async ({ store, clock, ids, running, end }) => {
    const run = await running({ key: "k" });
    await end(run);
    const admission = { automation: "job", event: "{}", key: "k" };
    const kept = await store.runs.admit({ ...admission, id: ids.next(), now: clock.now() });
    assert.deepEqual(kept, { runId: run.id, isNew: false, isDropped: false });

    await clock.advance(1_000);
    assert.equal(await store.runs.forget({ endedBefore: clock.now() }), 1);
    const anew = await store.runs.admit({ ...admission, id: ids.next(), now: clock.now() });
    assert.ok(anew.isNew);
  });

  test("refuses a second run under one id, and stores nothing of it", async ({ store, clock, admit }) => {
    const id = await admit();
    const params = { id, automation: "other", event: "{}", key: "free", now: clock.now() };
    await assert.rejects(store.runs.admit(params), { code: "STORE_FAILED" });
    assert.equal((await store.runs.get(id))?.automation, "job");
    const free = await store.runs.admit({ ...params, id: `${id}-2` });
    assert.ok(free.isNew, "the refused admission has taken the key");
  });

  test("keeps an event byte by byte", async ({ store, admit }) => {
    for (const value of HARD_VALUES) {
      const event = JSON.stringify(value);
      assert.equal((await store.runs.get(await admit({ event })))?.event, event);
    }
  });
}
