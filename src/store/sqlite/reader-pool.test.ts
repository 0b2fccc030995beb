import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import { createReaderPool, openReaderThread, type ReaderPool, type ReaderPoolOptions } from "./reader-pool.ts";
import { openSqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-readers-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "millrace.db");
const database = new DatabaseSync(path);
database.exec("pragma journal_mode = wal; create table t (n integer); insert into t values (1), (2)");
after(() => database.close());

const free = new AbortController().signal;

async function withPool(
  options: Partial<ReaderPoolOptions>,
  work: (bench: { readonly pool: ReaderPool; readonly clock: ManualClock }) => Promise<void>,
): Promise<void> {
  const clock = createManualClock();
  const openReader = () => openReaderThread({ path, durability: "normal", slowMs: 1_000 });
  const pool = createReaderPool({ openReader, clock, kept: 1, overflow: 1, ...options });
  try {
    await work({ pool, clock });
  } finally {
    await pool.close();
  }
}

/** Until the threads that are ended are gone. */
async function isOpen(pool: ReaderPool, count: number): Promise<void> {
  while (pool.open !== count) await new Promise((resolve) => setImmediate(resolve));
}

describe("the pool of readers", () => {
  it("opens a reader when it is needed, lends it again, and ends what overflows once it has nothing to do", async () => {
    await withPool({ idleMs: 1_000 }, async ({ pool, clock }) => {
      assert.equal(pool.open, 0);
      const first = await pool.take(free);
      pool.give(first, true);
      assert.equal(await pool.take(free), first);
      const second = await pool.take(free);
      assert.equal(pool.open, 2);
      pool.give(first, true);
      await clock.advance(500);
      pool.give(second, true);
      await clock.advance(500);
      await isOpen(pool, 1);
      assert.ok(first.isGone(), "the one that was used last stays");
      await clock.advance(60_000);
      assert.equal(pool.open, 1);
    });
  });

  it("lets a read wait for a reader, for so long and so many of them, and says what to do", async () => {
    await withPool({ overflow: 0, mostWaiting: 2, waitMs: 1_000 }, async ({ pool, clock }) => {
      const reader = await pool.take(free);
      const next = pool.take(free);
      const abort = new AbortController();
      const aborted = assert.rejects(pool.take(abort.signal), /enough/);
      await assert.rejects(pool.take(free), { code: "CAPACITY_REACHED", message: /2 reads wait already/ });
      abort.abort(new Error("enough"));
      await aborted;
      pool.give(reader, true);
      assert.equal(await next, reader);
      const late = assert.rejects(pool.take(free), { code: "CAPACITY_REACHED", advice: /fewer heavy reads/ });
      await clock.advance(1_000);
      await late;
      pool.give(reader, true);
    });
  });

  it("replaces a reader that has died, and one that no longer reads after a rest", async () => {
    await withPool({ overflow: 0, restMs: 1_000 }, async ({ pool, clock }) => {
      const first = await pool.take(free);
      pool.give(first, true);
      await clock.advance(1_000);
      assert.equal(await pool.take(free), first, "it still reads");
      pool.give(first, true);
      await first.kill();
      const second = await pool.take(free);
      assert.notEqual(second, first);
      // Its connection is gone, and the thread is still there.
      await second.ask({ kind: "close" });
      pool.give(second, true);
      await clock.advance(1_000);
      const third = await pool.take(free);
      assert.notEqual(third, second);
      assert.deepEqual(await rowsOf(third), [[1], [2]]);
      pool.give(third, true);
    });
  });

  it("does not lend a reader that may still be busy", async () => {
    await withPool({ overflow: 0 }, async ({ pool }) => {
      const first = await pool.take(free);
      pool.give(first, false);
      const second = await pool.take(free);
      assert.notEqual(second, first);
      assert.equal(pool.open, 1);
      pool.give(second, true);
    });
  });

  async function rowsOf(reader: Awaited<ReturnType<ReaderPool["take"]>>): Promise<unknown> {
    const answer = await reader.ask({ kind: "read", bySlot: "select n from t order by n", values: [] });
    return answer.kind === "rows" && answer.rows;
  }
});

describe("a heavy read", () => {
  /** Counts for a good while. */
  const LONG =
    "with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000000) select count(*) as n from c";

  it("leaves the event loop free, ends at once when it is aborted, and is set like every connection, with less of the file in memory", async () => {
    const store = await openSqliteStore({ directory: ":memory:", clock: createManualClock() });
    const abort = new AbortController();
    const read = store.db.heavy.all(LONG, {}, { signal: abort.signal });
    const refused = assert.rejects(read, { code: "CALL_ABORTED" });
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await store.runs.list({ limit: 1 })).total, 0);
    }
    assert.deepEqual(await store.db.heavy.all("select 1 as n"), [{ n: 1 }], "another reader reads meanwhile");
    const { connections } = await store.describe();
    assert.deepEqual(
      connections.map(({ name }) => name),
      ["reader", "writer", "heavy reader 1"],
    );
    assert.deepEqual(connections[2]?.settings, { ...connections[0]?.settings, cache_size: -8_192 });
    abort.abort();
    await refused;
    await store.close();
  });
});
