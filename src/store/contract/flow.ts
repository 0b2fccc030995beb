import assert from "node:assert/strict";
import type { AdmitRate, RunRecord } from "../store.ts";
import { type ContractBench, type ContractTest } from "./bench.ts";

const MINUTE = 60_000;

/** Priorities, places, rates, and runs that several events share. */
export function flowContract(test: ContractTest): void {
  test("gives at most as many runs of a key as there are places, over two stores", async (bench) => {
    const { store, admit, another, end } = bench;
    const other = await another();
    for (let index = 0; index < 12; index++) await admit({ concurrencyKey: index % 2 === 0 ? "even" : "odd" });
    const free = await admit();
    const claims = await Promise.all([store, other, store, other].map((each) => claimGated(bench, each.runs, 2)));
    const held = claims.flat();
    assert.equal(held.filter(({ concurrencyKey }) => concurrencyKey === "even").length, 2);
    assert.equal(held.filter(({ concurrencyKey }) => concurrencyKey === "odd").length, 2);
    assert.ok(held.some(({ id }) => id === free));
    assert.deepEqual(await claimGated(bench, store.runs, 2), []);

    const even = held.filter(({ concurrencyKey }) => concurrencyKey === "even");
    assert.deepEqual(await store.runs.holders({ automation: "job", key: "even" }), even.map(({ id }) => id).toSorted());
    assert.ok(even[0] && (await end(even[0])));
    assert.deepEqual(
      (await claimGated(bench, store.runs, 2)).map(({ concurrencyKey }) => concurrencyKey),
      ["even"],
    );
    assert.equal((await store.runs.list({ status: "running", limit: 50 })).total, 5);
  });

  test("frees the place of a run that parks or is canceled, for the most urgent that waits", async (bench) => {
    const { store, clock, admit, requireRun } = bench;
    const first = await admit({ concurrencyKey: "k" });
    const [held] = await claimGated(bench);
    const plain = await admit({ concurrencyKey: "k" });
    const urgent = await admit({ concurrencyKey: "k", priority: 5 });
    assert.deepEqual(await claimGated(bench), []);
    assert.deepEqual([(await requireRun(plain)).lane, (await requireRun(urgent)).lane], ["blocked", "blocked"]);
    const availableAt = clock.now() + MINUTE;
    assert.ok(held);
    await store.runs.park({ runId: first, epoch: held.epoch, availableAt, attempt: 0, error: null });
    assert.deepEqual(
      (await claimGated(bench)).map(({ id }) => id),
      [urgent],
    );
    // Whoever comes back finds its place taken, and waits for it like everybody else.
    await clock.advance(MINUTE);
    assert.deepEqual(await claimGated(bench), []);
    await store.runs.cancel({ runId: urgent, now: clock.now() });
    assert.deepEqual(
      (await claimGated(bench)).map(({ id }) => id),
      [plain],
    );
  });

  test("blocks nobody behind the places of a dead process", async (bench) => {
    const { store, clock, admit } = bench;
    const ids = [await admit({ concurrencyKey: "k" }), await admit({ concurrencyKey: "k" })];
    assert.equal((await claimGated(bench)).length, 1);
    await store.runs.recover({ now: clock.now(), crashLimit: 9 });
    const [again] = await claimGated(bench);
    assert.equal(again?.id, ids[0]);
  });

  test("lets a limit be raised and lifted", async (bench) => {
    const { admit } = bench;
    for (let index = 0; index < 4; index++) await admit({ concurrencyKey: "k" });
    assert.equal((await claimGated(bench, bench.store.runs, 1)).length, 1);
    await bench.store.runs.recover({ now: bench.clock.now(), crashLimit: 9 });
    assert.equal((await claimGated(bench, bench.store.runs, 3)).length, 3);
    await bench.store.runs.recover({ now: bench.clock.now(), crashLimit: 9 });
    assert.equal((await bench.claim()).length, 4);
  });

  test("delays what comes over its rate, key by key", async ({ clock, admit, requireRun }) => {
    const rate = { key: "a", limit: 2, perMs: 1_000, over: "delay" } as const;
    const start = clock.now();
    const starts: number[] = [];
    for (let index = 0; index < 5; index++) {
      const run = await requireRun(await admit({ rate }));
      assert.equal(run.lane, run.availableAt > start ? "later" : "ready");
      starts.push(run.availableAt - start);
    }
    assert.deepEqual(starts, [0, 0, 500, 1_000, 1_500]);
    assert.equal((await requireRun(await admit({ rate: { ...rate, key: "b" } }))).availableAt, start);
    await clock.advance(10_000);
    assert.equal((await requireRun(await admit({ rate }))).availableAt, clock.now(), "the bucket has filled again");
  });

  test("drops what comes over its rate, and says so", async ({ store, clock, ids }) => {
    const rate: AdmitRate = { key: "a", limit: 3, perMs: 1_000, over: "drop" };
    const ask = () => store.runs.admit({ id: ids.next(), automation: "job", event: "{}", rate, now: clock.now() });
    const answers = [await ask(), await ask(), await ask(), await ask(), await ask()];
    assert.deepEqual(
      answers.map(({ isNew, isDropped }) => [isNew, isDropped]),
      [...Array.from({ length: 3 }, () => [true, false]), [false, true], [false, true]],
    );
    assert.equal((await store.runs.list({ limit: 10 })).total, 3);
    await clock.advance(334);
    assert.deepEqual([(await ask()).isNew, (await ask()).isDropped], [true, true]);
  });

  test("takes no token for a known key, and no key for what is dropped", async ({ store, clock, ids }) => {
    const rate: AdmitRate = { key: "a", limit: 2, perMs: 1_000, over: "drop" };
    const ask = (key: string) =>
      store.runs.admit({ id: ids.next(), automation: "job", event: "{}", key, rate, now: clock.now() });
    const first = await ask("one");
    for (let index = 0; index < 5; index++) {
      assert.deepEqual(await ask("one"), { runId: first.runId, isNew: false, isDropped: false });
    }
    assert.ok((await ask("two")).isNew);
    assert.ok((await ask("three")).isDropped);
    await clock.advance(1_000);
    assert.ok((await ask("three")).isNew, "a dropped one has taken the key");
    const delayed: AdmitRate = { ...rate, key: "d", over: "delay" };
    const slow = (key: string) =>
      store.runs.admit({ id: ids.next(), automation: "slow", event: "{}", key, rate: delayed, now: clock.now() });
    const held = await slow("x");
    assert.deepEqual(await slow("x"), { runId: held.runId, isNew: false, isDropped: false });
  });

  test("joins events that come in quick succession: the last one wins", async ({ clock, admit, store, claim }) => {
    const merge = { kind: "debounce", key: "m", forMs: 100, maxMs: 250 } as const;
    const start = clock.now();
    for (const event of ["1", "2", "3", "4"]) {
      await admit({ event, merge });
      assert.deepEqual(await claim(), []);
      await clock.advance(60);
    }
    const { runs, total } = await store.runs.list({ limit: 10 });
    assert.equal(total, 1);
    assert.deepEqual([runs[0]?.event, runs[0]?.merged, runs[0]?.availableAt], ["4", 4, start + 250]);
    await clock.advance(10);
    const [run] = await claim();
    assert.deepEqual([run?.id, run?.mergeKey], [runs[0]?.id, null]);
    await admit({ event: "5", merge });
    assert.equal((await store.runs.list({ limit: 10 })).total, 2, "what comes later is a run of its own");
  });

  test("gathers events into a batch that starts when it is full or due", async ({
    clock,
    admit,
    claim,
    requireRun,
  }) => {
    const merge = { kind: "batch", key: "m", max: 3, waitMs: 100 } as const;
    const first = await admit({ event: "1", merge });
    await clock.advance(50);
    await admit({ event: "2", merge });
    assert.deepEqual(await claim(), []);
    await admit({ event: "3", merge });
    const next = await admit({ event: "4", merge });
    const [full] = await claim();
    assert.deepEqual([full?.id, full?.event, full?.merged], [first, "[1,2,3]", 3]);
    assert.deepEqual(await claim(), []);
    await clock.advance(100);
    assert.deepEqual((await claim())[0]?.event, "[4]");
    assert.equal((await requireRun(next)).status, "running");
    const alone = await admit({ event: "5", merge: { ...merge, key: "alone", max: 1 } });
    assert.deepEqual([(await claim())[0]?.id, (await requireRun(alone)).event], [alone, "[5]"]);
  });

  test("takes an event once into a batch, under its key", async ({ store, clock, ids }) => {
    const merge = { kind: "batch", key: "m", max: 9, waitMs: 100 } as const;
    const put = (event: string, key: string) =>
      store.runs.admit({ id: ids.next(), automation: "job", event, key, merge, now: clock.now() });
    const first = await put("1", "a");
    assert.deepEqual([first.isNew, first.isDropped], [true, false]);
    const second = await put("2", "b");
    for (const key of ["a", "b"]) {
      assert.deepEqual(await put("9", key), { runId: first.runId, isNew: false, isDropped: false });
    }
    assert.equal(second.runId, first.runId);
    assert.equal((await store.runs.get(first.runId))?.event, "[1,2]");
  });
}

function claimGated({ store, clock }: ContractBench, runs = store.runs, limit = 1): Promise<readonly RunRecord[]> {
  return runs.claim({
    workerId: "w",
    automations: ["job"],
    gates: [{ automation: "job", limit }],
    limit: 100,
    now: clock.now(),
  });
}
