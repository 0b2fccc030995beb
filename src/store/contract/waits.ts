import assert from "node:assert/strict";
import type { AdmitRate, RunRecord } from "../store.ts";
import { type ContractBench, type ContractTest, putOf } from "./bench.ts";

const MINUTE = 60_000;

/** Events, waits, calls and what is undone. */
export function waitContract(test: ContractTest): void {
  test("stores an event once, starts its runs, and gives it to whoever asks", async ({ store, clock, ids }) => {
    const now = clock.now();
    const [a, b] = [ids.next(), ids.next()];
    const event = { id: "e1", name: "paid", match: "42", data: '{"n":1}', now };
    const runs = [
      { id: a, automation: "job", event: "{}", now },
      { id: b, automation: "other", event: "{}", key: "k", now },
    ];
    const emitted = await store.runs.emit({ ...event, runs });
    assert.deepEqual(emitted, {
      isNew: true,
      admitted: [a, b].map((runId) => ({ runId, isNew: true, isDropped: false })),
    });
    assert.deepEqual(await store.runs.emit({ ...event, runs }), { isNew: false, admitted: [] });
    assert.equal((await store.runs.list({ limit: 10 })).total, 2);
    const [stored] = await store.runs.events({ name: "paid", match: null, after: 0, limit: 10 });
    assert.deepEqual(stored, { seq: stored?.seq, id: "e1", name: "paid", match: "42", data: '{"n":1}', at: now });
    assert.equal((await store.runs.get(a))?.seen, stored?.seq);
    const found = (name: string, match: string | null, after = 0) =>
      store.runs.events({ name, match, after, limit: 10 }).then(({ length }) => length);
    assert.deepEqual(
      [await found("paid", "42"), await found("paid", "4"), await found("pay", null), await found("paid", null, 1e6)],
      [1, 0, 0, 0],
    );
  });

  test("keeps the neighbours of a run that is known or dropped", async ({ store, clock, ids }) => {
    const now = clock.now();
    const rate: AdmitRate = { key: "a", limit: 1, perMs: 1_000, over: "drop" };
    const emit = (id: string) =>
      store.runs.emit({
        id,
        name: "n",
        match: null,
        data: "1",
        now,
        runs: [
          { id: ids.next(), automation: "limited", event: "{}", rate, now },
          { id: ids.next(), automation: "free", event: "{}", now },
          { id: ids.next(), automation: "keyed", event: "{}", key: "k", now },
        ],
      });
    const states = (result: Awaited<ReturnType<typeof emit>>) =>
      result.admitted.map(({ isNew, isDropped }) => (isNew ? "new" : isDropped ? "dropped" : "known"));
    assert.deepEqual(states(await emit("1")), ["new", "new", "new"]);
    assert.deepEqual(states(await emit("2")), ["dropped", "new", "known"]);
  });

  test("wakes the runs that wait for an event, and no others", async (bench) => {
    const { store, clock, requireRun } = bench;
    const mine = await parkedFor(bench, "paid", "42");
    const any = await parkedFor(bench, "paid", null);
    const other = await parkedFor(bench, "paid", "43");
    const else_ = await parkedFor(bench, "sent", null);
    await clock.advance(5);
    await store.runs.emit({ id: "e", name: "paid", match: "42", data: "1", now: clock.now(), runs: [] });
    const stand = async (id: string) => [(await requireRun(id)).status, (await requireRun(id)).lane];
    for (const id of [mine, any]) assert.deepEqual(await stand(id), ["queued", "ready"]);
    for (const id of [other, else_]) assert.deepEqual(await stand(id), ["waiting", "later"]);
    await clock.advance(MINUTE);
    assert.equal((await bench.claim()).length, 4, "a deadline wakes as well");
  });

  test("does not park a run whose event has come already, since it was born", async (bench) => {
    const { store, clock, running } = bench;
    await store.runs.emit({ id: "before", name: "paid", match: "42", data: "1", now: clock.now(), runs: [] });
    const run = await running();
    await store.runs.put(putOf(run, waitFor("paid", "42", run.seen)));
    const park = () => parkFor(bench, run);
    await store.runs.emit({ id: "other", name: "paid", match: "43", data: "1", now: clock.now(), runs: [] });
    await store.runs.emit({ id: "mine", name: "paid", match: "42", data: "2", now: clock.now(), runs: [] });
    assert.equal(await park(), "unseen");
    const [event] = await store.runs.events({ name: "paid", match: "42", after: run.seen, limit: 1 });
    assert.equal(event?.id, "mine");
    await store.runs.put(putOf(run, waitFor("paid", "42", event?.seq ?? 0)));
    assert.equal(await park(), "parked");
    assert.equal(await park(), "fenced");
  });

  test("loses no event that comes while its run parks", async (bench) => {
    const { store, clock, another, running, requireRun } = bench;
    const other = await another();
    for (let round = 0; round < 60; round++) {
      const run = await running();
      const name = `round ${round}`;
      await store.runs.put(putOf(run, waitFor(name, null, run.seen)));
      const emitter = round % 2 === 0 ? store : other;
      const [parked] = await Promise.all([
        parkFor(bench, run),
        emitter.runs.emit({ id: name, name, match: null, data: "1", now: clock.now(), runs: [] }),
      ]);
      const { status } = await requireRun(run.id);
      assert.ok(parked === "unseen" ? status === "running" : status === "queued", `${parked} and ${status}`);
      await store.runs.cancel({ runId: run.id, now: clock.now() });
    }
  });

  test("wakes a run when the one that it called ends, however that ends", async (bench) => {
    const { store, clock, admit, running, claim, end, requireRun } = bench;
    for (const how of ["done", "failed", "canceled"]) {
      const parent = await running();
      const child = await admit({ parent: parent.id });
      await store.runs.put(putOf(parent, { id: "call", kind: "call", state: "open", output: null, match: child }));
      assert.equal(await parkFor(bench, parent), "parked");
      const [called] = await claim();
      assert.equal(called?.id, child);
      if (how === "canceled") await store.runs.cancel({ runId: child, now: clock.now() });
      else await end(called, how === "failed" ? "ERROR" : undefined);
      assert.equal((await requireRun(parent.id)).status, "queued");
      const [again] = await claim();
      assert.ok(again);
      assert.equal(await parkFor(bench, again), "unseen", "it has ended already");
      await end(again);
    }
  });

  test("keeps events that an open wait has yet to look at", async (bench) => {
    const { store, clock, running } = bench;
    const run = await running();
    await store.runs.put(putOf(run, waitFor("kept", null, run.seen)));
    for (const name of ["kept", "gone"]) {
      await store.runs.emit({ id: name, name, match: null, data: "1", now: clock.now(), runs: [] });
    }
    await clock.advance(10);
    assert.equal(await store.runs.forgetEvents({ before: clock.now(), now: clock.now() }), 1);
    const left = async (name: string) => (await store.runs.events({ name, match: null, after: 0, limit: 9 })).length;
    assert.deepEqual([await left("kept"), await left("gone")], [1, 0]);
    await store.runs.cancel({ runId: run.id, now: clock.now() });
    const { isNew } = await store.runs.emit({
      id: "late",
      name: "x",
      match: null,
      data: "1",
      now: clock.now(),
      runs: [],
    });
    assert.ok(isNew);
    assert.equal(await store.runs.forgetEvents({ before: clock.now() - 5, now: clock.now() }), 0);
  });

  test("queues a canceled run with something to undo, and ends it afterwards", async (bench) => {
    const { store, clock, running, claim, requireRun } = bench;
    const run = await running();
    await store.runs.put(putOf(run, { id: "book", isUndoable: true }));
    assert.ok(await store.runs.cancel({ runId: run.id, now: clock.now() }));
    const waiting = await requireRun(run.id);
    assert.deepEqual(
      [waiting.status, waiting.undoing, waiting.endedAt, waiting.epoch],
      ["queued", { status: "canceled" }, null, run.epoch + 1],
    );
    assert.equal(await store.runs.cancel({ runId: run.id, now: clock.now() }), false, "canceled twice");
    const [undoing] = await claim();
    assert.ok(undoing);
    const ended = { runId: run.id, epoch: undoing.epoch, ending: { status: "canceled" } as const, now: clock.now() };
    assert.ok(await store.runs.finish(ended));
    const { status, undoing: left } = await requireRun(run.id);
    assert.deepEqual([status, left], ["canceled", null]);
  });

  test("settles once how a run ends, and does again what was undone when it is tried again", async (bench) => {
    const { store, clock, running, end, claim, requireRun } = bench;
    const run = await running();
    const { id: runId, epoch } = run;
    for (const id of ["a", "b", "#undo:b"]) await store.runs.put(putOf(run, { id, isUndoable: id === "b" }));
    const ending = { status: "failed", error: { code: "ERROR", message: "no" } } as const;
    assert.ok(await store.runs.undo({ runId, epoch, ending }));
    assert.equal(await store.runs.undo({ runId, epoch, ending: { status: "canceled" } }), false);
    assert.equal(await store.runs.undo({ runId, epoch: 99, ending }), false);
    assert.deepEqual((await requireRun(runId)).undoing, ending);
    await store.runs.recover({ now: clock.now(), crashLimit: 9 });
    const [again] = await claim();
    assert.deepEqual(again?.undoing, ending);
    assert.ok(again && (await end(again, "ERROR")));
    assert.ok(await store.runs.retry({ runId, now: clock.now(), version: 7 }));
    const retried = await requireRun(runId);
    assert.deepEqual([retried.undoing, retried.version], [null, 7]);
    assert.deepEqual(
      (await store.runs.steps(runId)).map(({ id }) => id),
      ["a"],
    );
  });

  test("tries a run again from a step on, with all that came after it", async (bench) => {
    const { store, clock, running, end } = bench;
    const run = await running();
    const steps = [
      ["first", 10, 20],
      ["each:1", 21, 30],
      ["each:2", 22, 40],
      ["last", 41, 50],
    ] as const;
    for (const [id, startedAt, endedAt] of steps) await store.runs.put(putOf(run, { id, startedAt, endedAt }));
    await end(run);
    assert.equal(await store.runs.retry({ runId: run.id, now: clock.now() }), false, "it is done");
    assert.ok(await store.runs.retry({ runId: run.id, now: clock.now(), from: "each" }));
    assert.deepEqual(
      (await store.runs.steps(run.id)).map(({ id }) => id),
      ["first"],
    );
  });

  test("writes a step's own rows with its result, or neither", async (bench) => {
    const { store, running, clock } = bench;
    await store.db.write([{ sql: "create table stock (id text primary key, n integer not null)" }]);
    await store.db.write([{ sql: "insert into stock (id, n) values ('a', 1)" }]);
    const run = await running();
    const take = { sql: "update stock set n = n - 1 where id = 'a' and n > 0", atLeast: 1 };
    assert.equal(await store.runs.put({ ...putOf(run, { id: "one" }), beside: [take] }), "stored");
    assert.equal(await store.runs.put({ ...putOf(run, { id: "one" }), beside: [take] }), "kept");
    assert.equal(await store.runs.put({ ...putOf(run, { id: "two" }), beside: [take] }), "refused");
    await store.runs.cancel({ runId: run.id, now: clock.now() });
    await store.db.write([{ sql: "update stock set n = 5" }]);
    assert.equal(await store.runs.put({ ...putOf(run, { id: "three" }), beside: [take] }), "fenced");
    assert.equal((await store.db.get("select n from stock"))?.["n"], 5);
    assert.deepEqual(
      (await store.runs.steps(run.id)).map(({ id }) => id),
      ["one"],
    );
  });

  test("forgets ended runs status by status", async (bench) => {
    const { store, clock, running, end } = bench;
    for (const code of [undefined, "ERROR"]) await end(await running(), code);
    await clock.advance(10);
    assert.equal(await store.runs.forget({ endedBefore: clock.now(), status: "failed" }), 1);
    assert.equal((await store.runs.list({ status: "done", limit: 9 })).total, 1);
    assert.equal(await store.runs.forget({ endedBefore: clock.now(), status: "done" }), 1);
  });
}

function waitFor(event: string, match: string | null, cursor: number) {
  return { id: "wait", kind: "wait", state: "open", output: null, event, match, cursor } as const;
}

function parkFor({ store, clock }: ContractBench, { id: runId, epoch }: RunRecord) {
  const availableAt = clock.now() + MINUTE;
  return store.runs.park({ runId, epoch, status: "waiting", availableAt, attempt: 0, error: null });
}

async function parkedFor(bench: ContractBench, event: string, match: string | null): Promise<string> {
  const run = await bench.running();
  await bench.store.runs.put(putOf(run, waitFor(event, match, run.seen)));
  assert.equal(await parkFor(bench, run), "parked");
  return run.id;
}
