import assert from "node:assert/strict";
import type { RunsPage, RunStore } from "../store.ts";
import type { ContractTest } from "./bench.ts";

type ListParams = Parameters<RunStore["list"]>[0];

export function readingContract(test: ContractTest): void {
  test("finds no run under an unknown id", async ({ store }) => {
    assert.equal(await store.runs.get("none"), undefined);
  });

  test("finds runs by how their ids begin or end, and tells one from many", async ({ store }) => {
    const ids = ["018f2a10-aaaa", "018f2a10-bbbb", "018f2b99-bbbb", "018f2c%_-cccc"];
    for (const id of ids) await store.runs.admit({ id, automation: "a", event: "{}", now: 0 });
    assert.deepEqual(await store.runs.idsWith("018f2b"), ["018f2b99-bbbb"]);
    assert.deepEqual(await store.runs.idsWith("0-aaaa"), ["018f2a10-aaaa"]);
    assert.deepEqual(await store.runs.idsWith("bbbb"), ["018f2b99-bbbb", "018f2a10-bbbb"]);
    assert.equal((await store.runs.idsWith("018f")).length, 2);
    for (const none of ["a10", "%", "018f2a10-aaaa0"]) assert.deepEqual(await store.runs.idsWith(none), []);
  });

  test("lists nothing in an empty store", async ({ store }) => {
    assert.deepEqual(await store.runs.list({ limit: 50 }), { runs: [], total: 0, next: undefined });
  });

  test("counts runs by automation and status, whatever becomes of them", async ({ store, clock, ids }) => {
    const { runs } = store;
    const now = clock.now();
    const admit = async (automation: string, key?: string) =>
      runs.admit({ id: ids.next(), automation, event: "{}", now, ...(key === undefined ? {} : { key }) });
    const counted = async () =>
      Object.fromEntries((await runs.counts()).map((row) => [`${row.automation} ${row.status}`, row.runs]));
    assert.deepEqual(await runs.counts(), []);
    for (const key of ["x", "x", "y", "z"]) await admit("a", key);
    await admit("b");
    assert.deepEqual(await counted(), { "a queued": 3, "b queued": 1 });
    const claim = (limit: number) => runs.claim({ workerId: "w", automations: ["a"], limit, now });
    const [one, two] = await claim(2);
    assert.deepEqual(await counted(), { "a queued": 1, "a running": 2, "b queued": 1 });
    const held = ({ id, epoch }: { id: string; epoch: number }) => ({ runId: id, epoch });
    assert.ok(one !== undefined && two !== undefined);
    await runs.finish({ ...held(one), ending: { status: "done", output: "1" }, now });
    await runs.finish({ ...held(one), ending: { status: "done", output: "1" }, now });
    await runs.park({ ...held(two), status: "waiting", availableAt: now + 5, attempt: 0, error: null });
    assert.deepEqual(await counted(), { "a done": 1, "a queued": 1, "a waiting": 1, "b queued": 1 });
    await runs.cancel({ runId: two.id, now });
    await runs.retry({ runId: two.id, now });
    await runs.forget({ endedBefore: now + 1_000_000 });
    assert.deepEqual(await counted(), { "a queued": 2, "b queued": 1 });
    assert.equal((await runs.list({ automation: "a", limit: 1 })).total, 2);
  });

  test("gives pages from new to old, with the total of all", async ({ store, clock, admit }) => {
    const born: string[] = [];
    for (let index = 0; index < 7; index++) {
      born.push(await admit());
      if (index % 2 === 0) await clock.advance(1);
    }
    const pages = await allPages(store.runs, { limit: 3 });
    assert.deepEqual(
      pages.map(({ runs }) => runs.map(({ id }) => id)),
      [[born[6], born[5], born[4]], [born[3], born[2], born[1]], [born[0]]],
    );
    assert.deepEqual(
      pages.map(({ total }) => total),
      [7, 7, 7],
    );
    const exact = await allPages(store.runs, { limit: 7 });
    assert.equal(exact.length, 1, "a full last page promises another one");
  });

  test("keeps its place while new runs arrive and old ones go", async ({ store, admit, clock, running, end }) => {
    const oldest = await admit({ availableAt: clock.now() + 1_000 });
    const gone = await running();
    await end(gone);
    const newest = await admit();
    const first = await store.runs.list({ limit: 1 });
    await admit();
    assert.equal(first.next, newest);
    await clock.advance(1);
    await store.runs.forget({ endedBefore: clock.now() });
    const second = await store.runs.list({ limit: 9, before: newest });
    assert.deepEqual(
      second.runs.map(({ id }) => id),
      [oldest],
    );
  });

  test("filters by automation, by status, and by both", async ({ store, admit, running, end }) => {
    const done = [await running(), await running()];
    for (const run of done) await end(run);
    const queued = [await admit(), await admit({ automation: "other" })];
    const idsOf = async (params: ListParams) => {
      const pages = await allPages(store.runs, params);
      const ids = pages.flatMap(({ runs }) => runs.map(({ id }) => id));
      assert.ok(
        pages.every(({ total }) => total === ids.length),
        "the total counts something else",
      );
      return ids;
    };
    const [first, second] = done.map(({ id }) => id);
    assert.deepEqual(await idsOf({ automation: "job", limit: 2 }), [queued[0], second, first]);
    assert.deepEqual(await idsOf({ status: "queued", limit: 1 }), [queued[1], queued[0]]);
    assert.deepEqual(await idsOf({ automation: "job", status: "done", limit: 1 }), [second, first]);
    assert.deepEqual(await idsOf({ automation: "other", status: "done", limit: 1 }), []);
    assert.deepEqual(await idsOf({ automation: "none", limit: 1 }), []);
  });

  test("finds the newest unfinished run of an automation with exactly this event", async (bench) => {
    const { store, clock, admit, running, end } = bench;
    const find = async (event: string) => (await store.runs.findUnfinished({ automation: "job", event }))?.id;
    const event = '{"input":{"a":1}}';
    assert.equal(await find(event), undefined);
    await end(await running({ event }));
    assert.equal(await find(event), undefined, "a finished one is not wanted");
    const held = await running({ event });
    assert.equal(await find(event), held.id);
    const queued = await admit({ event });
    await admit({ event, automation: "other" });
    await admit({ event: '{"input":{"a":2}}' });
    assert.equal(await find(event), queued);
    await store.runs.cancel({ runId: queued, now: clock.now() });
    assert.equal(await find(event), held.id);
    assert.equal(await find('{"input":{"A":1}}'), undefined);
  });
}

async function allPages(runs: RunStore, params: ListParams): Promise<RunsPage[]> {
  const pages: RunsPage[] = [];
  for (let before: string | undefined, isFirst = true; isFirst || before !== undefined; isFirst = false) {
    const page = await runs.list({ ...params, ...(before === undefined ? {} : { before }) });
    pages.push(page);
    before = page.next;
  }
  return pages;
}
