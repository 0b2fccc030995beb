import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { type ContractTest, rejected } from "./bench.ts";

export function processContract(test: ContractTest): void {
  test("has one owner at a time", async ({ store, another }) => {
    const other = await another();
    assert.equal(await store.own(), true);
    assert.equal(await store.own(), true, "the owner stays the owner");
    assert.equal(await other.own(), false);
    assert.equal(await other.own(), false);
    await store.close();
    assert.equal(await other.own(), true, "the lock outlives its owner");
  });

  test("lets a guest read, admit and cancel", async ({ store, another, admit, clock, ids, claim }) => {
    const guest = await another();
    await store.own();
    const seen = await admit();
    assert.equal((await guest.runs.get(seen))?.status, "queued");
    const own = ids.next();
    await guest.runs.admit({ id: own, automation: "job", event: "{}", now: clock.now() });
    assert.equal(await guest.runs.cancel({ runId: seen, now: clock.now() }), true);
    assert.deepEqual(
      (await claim()).map(({ id }) => id),
      [own],
    );
  });

  test("notices what others write, and not what it writes itself", async ({ store, another, admit, clock, ids }) => {
    const other = await another();
    await toHearOf(other, store);
    store.hasOutsideChanges();
    assert.equal(store.hasOutsideChanges(), false);
    for (let round = 0; round < 3; round++) {
      await admit();
      await Promise.all([admit(), admit()]);
      assert.equal(store.hasOutsideChanges(), false, "its own writes were taken for another's");
      await other.runs.admit({ id: ids.next(), automation: "job", event: "{}", now: clock.now() });
      await toHearOf(other, store);
      assert.equal(store.hasOutsideChanges(), true, "another's write was missed");
      assert.equal(store.hasOutsideChanges(), false, "one write was told twice");
      await store.describe();
    }
    await toHearOf(store, other);
    assert.equal(other.hasOutsideChanges(), true);
  });

  test("misses no write of others while it writes itself", async ({ store, another, clock, ids, admit }) => {
    const other = await another();
    for (let round = 0; round < 30; round++) {
      store.hasOutsideChanges();
      await store.describe();
      store.hasOutsideChanges();
      const own = Array.from({ length: 3 }, () => admit());
      await other.runs.admit({ id: ids.next(), automation: "job", event: "{}", now: clock.now() });
      const early = store.hasOutsideChanges();
      await Promise.all(own);
      const middle = store.hasOutsideChanges();
      await toHearOf(other, store);
      assert.ok(early || middle || store.hasOutsideChanges(), `missed in round ${round}`);
    }
  });

  test("keeps everything when it is closed and opened again", async ({ store, another, running, end }) => {
    const run = await running({ key: "k" });
    await end(run);
    const before = await store.runs.list({ limit: 9 });
    await store.close();
    const again = await another();
    assert.deepEqual(await again.runs.list({ limit: 9 }), before);
  });

  test("writes what is pending before it closes, and nothing afterwards", async ({ store, another, admit }) => {
    const pending = Array.from({ length: 50 }, () => admit());
    await Promise.all([...pending, store.close()]);
    await store.close();
    await rejected(admit(), "STORE_FAILED");
    await rejected(store.runs.get("any"), "STORE_FAILED");
    await rejected(store.own(), "STORE_FAILED");
    assert.equal((await (await another()).runs.list({ limit: 1 })).total, 50);
  });

  test("describes itself: kind, place, size and the settings of every connection", async ({ store, admit }) => {
    await admit();
    const { kind, location, bytes, connections } = await store.describe();
    assert.ok(kind.length > 0 && location.length > 0 && bytes > 0);
    assert.ok(connections.length > 0);
    for (const { name, settings } of connections) {
      assert.ok(name.length > 0);
      assert.ok(Object.keys(settings).length > 0, `${name} has no settings`);
    }
  });
}

/** News between processes may take a moment: `describe` of one waits until it has told, of the other until it has heard. */
async function toHearOf(writer: Store, hearer: Store): Promise<void> {
  await writer.describe();
  await hearer.describe();
}
