import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createIds, systemClock, systemRandom } from "millrace";
import { createCache, createMemoryLevel, openSqliteBackend } from "millrace/cache";
import { openSqliteStore } from "millrace/sqlite";
import { startPeer } from "./peer.ts";
import { until } from "./until.ts";

const [clock, random] = [systemClock, systemRandom];

describe("a cache on a SQLite database that another process has locked", () => {
  it("answers from memory, database and factories, loses writes, never holds up the loop, and heals", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-lock-"));
    const peer = await startPeer(directory);
    const store = await openSqliteStore({ directory, clock });
    const backend = await openSqliteBackend({ db: store.db, clock, ids: createIds({ clock, random }) });
    const cache = createCache({ memory: createMemoryLevel(), backend, clock, random, defaults: { ttl: "1h" } });
    t.after(async () => {
      await cache.close();
      await store.close();
      await peer.kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    });
    for (const key of ["evicted:1", "below:1"]) await peer.do({ kind: "ask", key, value: "old" });
    await peer.do({ kind: "flush" });
    assert.equal((await cache.get("evicted:1"))?.value, "old");
    await cache.set("kept:1", "in memory");
    await cache.flush();

    // The lock is held until this process asks for its end: whatever comes to pass before was not done by waiting for it.
    await peer.do({ kind: "lock" });
    const loop = countTurns();
    assert.equal(await cache.getOrSet("kept:1", () => "anew"), "in memory");
    await until("the database is read", async () => {
      // On a busy machine it may be too late, and a miss.
      const below = await cache.get("below:1");
      return below?.value === "old" && below.source === "database";
    });
    assert.equal(await cache.getOrSet("made:1", () => "made"), "made");
    assert.equal(await cache.getOrSet("shared:1", () => "made", { flight: "shared" }), "made");
    await cache.evict({ kind: "key", key: "evicted:1" });
    assert.equal(await cache.get("evicted:1"), undefined);
    assert.equal(await cache.getOrSet("strict:1", () => "made", { isStrict: true }), "made");
    await until("the breaker opens", async () => {
      await cache.set("lost:1", "lost");
      await cache.flush();
      return (await cache.stats()).levels.some(({ isOpen }) => isOpen);
    });
    assert.ok(((await cache.stats()).namespaces["lost"]?.droppedWrites ?? 0) > 0);
    assert.ok(loop.turns() > 10, `the loop turned ${loop.turns()} times while the database was locked`);
    assert.equal(await peer.do({ kind: "get", key: "evicted:1" }), "old from memory", "it was told through the lock");
    await peer.do({ kind: "unlock" });

    await until("the other hears of what was evicted", async () => {
      return (await peer.do({ kind: "get", key: "evicted:1" })) === "nothing";
    });
    await until("the breaker closes, and writes are stored", async () => {
      await cache.set("again:1", "kept");
      await cache.flush();
      const isClosed = (await cache.stats()).levels.every(({ isOpen }) => !isOpen);
      return isClosed && (await peer.do({ kind: "get", key: "again:1" })) === "kept from database";
    });
    assert.notEqual(await peer.do({ kind: "get", key: "evicted:1" }), "old from database");
  });
});

/** Counts the turns of the event loop: a thread that waits for a lock makes none. */
function countTurns(): { turns(): number } {
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
    next.unref();
  };
  turn();
  return {
    turns() {
      clearImmediate(next);
      return turns;
    },
  };
}
