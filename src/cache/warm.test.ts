import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
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

/** Against the truth: a counter a key. Whoever asks after an eviction gets a value that is at least as new as it. */
describe("a cache under random operations", () => {
  it("never serves an old value after an eviction, nor a dead one, whatever comes between", async () => {
    const key = fc.constantFrom("a:1", "a:2", "b:1");
    const operation = fc.oneof(
      fc.record({ kind: fc.constant("ask" as const), key, isSlow: fc.boolean() }),
      fc.record({ kind: fc.constant("finish" as const) }),
      fc.record({
        kind: fc.constant("evict" as const),
        key,
        by: fc.constantFrom("key" as const, "tag" as const, "pattern" as const),
      }),
      fc.record({ kind: fc.constant("jump" as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
      fc.record({ kind: fc.constant("crash" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const clock = createManualClock(1_000_000);
        const random = createSeededRandom(1);
        const store = await openSqliteStore({ directory: ":memory:", clock });
        const ids = createIds({ clock, random });
        const open = async (): Promise<OpenCache> =>
          createCache({
            memory: createMemoryLevel({ maxItems: 2 }),
            backend: await openSqliteBackend({ db: store.db, clock, ids }),
            clock,
            random,
          });
        let cache = await open();
        const opened = [cache];
        let version = 0;
        const leastVersion = new Map<string, number>();
        const gates: (() => void)[] = [];
        let slow = 0;
        const pending: Promise<unknown>[] = [];
        const inFlight = new Map<OpenCache, Map<string, number>>();
        for (const each of operations) {
          if (each.kind === "jump") clock.jump(each.ms);
          else if (each.kind === "finish") gates.shift()?.();
          else if (each.kind === "crash") opened.push((cache = await open()));
          else if (each.kind === "evict") {
            version++;
            const [space = ""] = each.key.split(":");
            const reached =
              each.by === "key" ? [each.key] : ["a:1", "a:2", "b:1"].filter((name) => name.startsWith(`${space}:`));
            for (const name of reached) leastVersion.set(name, version);
            await cache.evict(
              each.by === "key"
                ? { kind: "key", key: each.key }
                : each.by === "tag"
                  ? { kind: "tag", tag: space }
                  : { kind: "pattern", pattern: `${space}:*` },
            );
          } else {
            const least = leastVersion.get(each.key) ?? 0;
            const asker = cache;
            const counts = inFlight.get(asker) ?? new Map<string, number>();
            inFlight.set(asker, counts);
            if (each.isSlow) slow++;
            const answer = asker
              .fetch(
                each.key,
                async () => {
                  const made = { version };
                  const name = `${each.key}/${leastVersion.get(each.key) ?? 0}`;
                  counts.set(name, (counts.get(name) ?? 0) + 1);
                  assert.equal(counts.get(name), 1, "one run a flight");
                  if (each.isSlow) await new Promise<void>((resolve) => gates.push(resolve));
                  counts.set(name, 0);
                  return made;
                },
                { ttl: 1_000, jitter: 0, tags: [each.key.split(":")[0] ?? ""] },
              )
              .then(({ value, source, ageMs }) => {
                assert.ok(value.version >= least, `got ${value.version}, evicted at ${least}`);
                return { source, ageMs };
              })
              .finally(() => (each.isSlow ? slow-- : undefined));
            pending.push(answer);
            // One that may have joined a slow factory is not waited for here: its gate is opened by a later operation.
            if (!each.isSlow && slow === 0) {
              const { source, ageMs } = await answer;
              if (source === "memory" || source === "database") assert.ok(ageMs < 1_000, "a dead value");
            }
          }
        }
        const rest = setInterval(() => gates.splice(0).forEach((open) => open()), 1);
        await Promise.all(pending).finally(() => clearInterval(rest));
        for (const each of opened) await each.close();
        await store.close();
      }),
      { numRuns: 25 },
    );
  });
});
