import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createIds } from "../core/ids.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { createCache, type OpenCache } from "./create-cache.ts";
import { keepHotKeys, loadHotKeys } from "./hot-keys.ts";
import { createMemoryLevel } from "./memory/memory-level.ts";
import { createQueryCache } from "./query-cache.ts";
import { openSqliteBackend } from "./sqlite/open.ts";
import { createWarming } from "./warm.ts";

async function bench(t: TestContext) {
  const clock = createManualClock(1_700_000_000_000);
  const random = createSeededRandom(1);
  const store = await openSqliteStore({ directory: ":memory:", clock });
  const opened: OpenCache[] = [];
  t.after(async () => {
    for (const cache of opened) await cache.close();
    await store.close();
  });
  return {
    clock,
    store,
    open: async (): Promise<OpenCache> => {
      const backend = await openSqliteBackend({ db: store.db, clock, ids: createIds({ clock, random }) });
      const cache = createCache({ memory: createMemoryLevel(), backend, clock, random });
      opened.push(cache);
      return cache;
    },
  };
}

describe("hot keys", () => {
  it("are in memory before they are asked after a restart, within a budget", async (t) => {
    const { open, clock } = await bench(t);
    const before = await open();
    for (const key of ["a", "b", "c"]) await before.set(key, key, { ttl: "1h" });
    for (let use = 0; use < 5; use++) before.peek("b");
    before.peek("c");
    await keepHotKeys(before);
    await before.close();
    const after = await open();
    assert.equal(after.peek("b"), undefined);
    const report = await loadHotKeys(after, { clock, maxItems: 2 });
    assert.equal(report.items, 2);
    assert.equal(after.peek("b"), "b");
    assert.equal(after.peek("c"), "c");
    assert.equal(after.peek("a"), undefined);
  });
});

describe("hot keys of what memory alone keeps", () => {
  it("take no place from those that can be brought back", async (t) => {
    const { open, clock } = await bench(t);
    const before = await open();
    await before.set("kept:1", 1, { ttl: "1h" });
    const alone = { ttl: "1h", levels: { database: false } } as const;
    for (let at = 0; at < 5; at++) await before.set(`responses:${at}`, at, alone);
    for (let at = 0; at < 5; at++) before.peek(`responses:${at}`);
    await keepHotKeys(before, { maxItems: 1, except: ["responses"] });
    await before.close();
    const { items, left } = await loadHotKeys(await open(), { clock });
    assert.deepEqual([items, left], [1, 0]);
  });
});

describe("warming", () => {
  it("makes values at start and again on schedule, and outlives a loader that fails", async (t) => {
    const { open, clock } = await bench(t);
    const cache = await open();
    let runs = 0;
    const warming = createWarming({
      cache,
      clock,
      loaders: [
        { name: "good", every: "1m", items: () => [{ key: "w", factory: () => ++runs, options: { ttl: "1h" } }] },
        { name: "bad", items: () => [{ key: "x", factory: () => Promise.reject(new Error("down")) }] },
      ],
    });
    t.after(() => warming.close());
    assert.deepEqual(await warming.start(), [
      { name: "good", made: 1, failed: 0 },
      { name: "bad", made: 0, failed: 1 },
    ]);
    assert.equal(cache.peek("w"), 1);
    await clock.advance(60_000);
    assert.equal(cache.peek("w"), 2);
    assert.throws(
      () => createWarming({ cache, clock, loaders: [{ name: "x", schedule: "nonsense", items: () => [] }] }),
      { code: "SCHEDULE_INVALID" },
    );
  });
});

describe("query cache", () => {
  it("asks the database once until a table is written, and then sees what was written", async (t) => {
    const { open, store } = await bench(t);
    const queries = createQueryCache({ cache: await open(), db: store.db });
    await store.db.write([{ sql: "create table notes (id integer primary key, text text) strict" }]);
    const read = () => queries.all("select text from notes order by id", {}, { tables: ["notes"], ttl: "1h" });
    assert.deepEqual(await read(), []);
    await store.db.write([{ sql: "insert into notes values (1, 'unseen')" }]);
    assert.deepEqual(await read(), [], "it was written past the cache");
    await queries.write([{ sql: "insert into notes values (2, 'seen')" }], { tables: ["notes"] });
    assert.deepEqual(
      (await read()).map(({ text }) => text),
      ["unseen", "seen"],
    );
  });
});

describe("two caches on one backend", () => {
  it("never serve what the other evicted, once they know; strict answers know at once", async (t) => {
    const { open } = await bench(t);
    const [a, b] = [await open(), await open()];
    await a.set("k", "old", { ttl: "1h" });
    await a.flush();
    assert.equal(await b.getOrSet("k", () => "own", { ttl: "1h" }), "old");
    await a.evict({ kind: "key", key: "k" });
    assert.equal(await b.getOrSet("k", () => "new", { ttl: "1h", isStrict: true }), "new");
  });

  it("run a shared factory once among them", async (t) => {
    const { open, clock, store } = await bench(t);
    const [a, b] = [await open(), await open()];
    let runs = 0;
    const gate = Promise.withResolvers<string>();
    const make = (): Promise<string> => (runs++, gate.promise);
    const asked = [a, b, a, b].map((cache) => cache.getOrSet("k", make, { flight: "shared", ttl: "1h" }));
    const all = Promise.all(asked);
    const over = all.then(() => "over" as const);
    for (let round = 0; (await Promise.race([over, Promise.resolve("not yet")])) !== "over"; round++) {
      // The clock goes on only as fast as the database answers: a limit on its answers must not be what ends the wait.
      await store.db.write([{ sql: "select 1" }]);
      if (round === 10) gate.resolve("made");
      await clock.advance(5);
    }
    assert.deepEqual(new Set(await all), new Set(["made"]));
    assert.equal(runs, 1);
  });
});
