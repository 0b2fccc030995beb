import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import type { MillraceError } from "../../core/errors.ts";
import type { Store } from "../store.ts";
import { openSqliteStore, type SqliteStoreOptions } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-open-"));
after(() => rm(folder, { recursive: true }));
let places = 0;
const newPlace = () => join(folder, `${++places}`);

async function withStore(options: Partial<SqliteStoreOptions>, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openSqliteStore({ directory: newPlace(), clock: createManualClock(), ...options });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

async function refusal(directory: string): Promise<MillraceError> {
  const outcome = await openSqliteStore({ directory, clock: createManualClock() }).catch((error: unknown) => error);
  return outcome as MillraceError;
}

describe("openSqliteStore", () => {
  it("sets every connection as promised, read back from it", async () => {
    for (const [durability, synchronous] of [["normal", 1] as const, ["full", 2] as const]) {
      await withStore({ durability }, async (store) => {
        const { connections } = await store.describe();
        assert.deepEqual(
          connections.map(({ name }) => name),
          ["reader", "writer"],
        );
        for (const { settings } of connections) {
          assert.deepEqual(settings, {
            journal_mode: "wal",
            synchronous,
            cache_size: -16_384,
            temp_store: 2,
            foreign_keys: 1,
            busy_timeout: 30_000,
          });
        }
      });
    }
  });

  it("makes the folder, and the file in it", async () => {
    const directory = join(newPlace(), "deep", "data");
    await withStore({ directory }, async (store) => {
      assert.equal((await store.describe()).location, join(directory, "millrace.db"));
      assert.ok((await stat(join(directory, "millrace.db"))).size > 0);
    });
  });

  it("leaves one file behind when it is closed", async () => {
    const directory = newPlace();
    await withStore({ directory }, async (store) => {
      await store.runs.admit({ id: "a", automation: "job", event: "{}", now: 0 });
    });
    await assert.rejects(stat(join(directory, "millrace.db-wal")), { code: "ENOENT" });
  });

  it("removes what it kept in memory's stead when it is closed", async () => {
    let location = "";
    await withStore({ directory: ":memory:" }, async (store) => {
      location = (await store.describe()).location;
      assert.ok((await stat(location)).isFile());
    });
    await assert.rejects(stat(location), { code: "ENOENT" });
  });

  it("refuses a folder that is a file, naming it", async () => {
    const path = newPlace();
    await writeFile(path, "a file");
    const error = await refusal(path);
    assert.equal(error.code, "DATA_UNUSABLE");
    assert.ok(error.message.includes(path), error.message);
    assert.equal((await refusal(join(path, "below"))).code, "DATA_UNUSABLE");
  });

  it("refuses a file that is not a database, naming it, and leaves it as it is", async () => {
    const directory = newPlace();
    await mkdir(directory);
    const path = join(directory, "millrace.db");
    await writeFile(path, "this is not a database, however long one looks at it".repeat(100));
    const { size } = await stat(path);
    const error = await refusal(directory);
    assert.equal(error.code, "DATA_UNUSABLE");
    assert.ok(error.message.includes(path), error.message);
    assert.match(error.message, /not a database/);
    assert.equal((await stat(path)).size, size);
  });

  it("refuses a database in whose place a folder stands", async () => {
    const directory = newPlace();
    await mkdir(join(directory, "millrace.db"), { recursive: true });
    assert.equal((await refusal(directory)).code, "DATA_UNUSABLE");
  });

  it("refuses a database of a newer Millrace, and closes it again", async () => {
    const directory = newPlace();
    await withStore({ directory }, async (store) => {
      await store.db.write([
        { sql: "insert into migrations (owner, name, run_at) values ('millrace', '9999-later.sql', 0)" },
      ]);
    });
    const error = await refusal(directory);
    assert.equal(error.code, "STORE_NEWER");
    assert.match(error.message, /9999-later\.sql/);
    await assert.rejects(stat(join(directory, "millrace.db-wal")), { code: "ENOENT" }, "a connection was left open");
  });

  it("opens a new file from several sides at once", async () => {
    const directory = newPlace();
    const clock = createManualClock();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openSqliteStore({ directory, clock })));
    await Promise.all(
      stores.map(({ runs }, index) => runs.admit({ id: `${index}`, automation: "a", event: "{}", now: 0 })),
    );
    assert.equal((await stores[0]?.runs.list({ limit: 1 }))?.total, 4);
    for (const store of stores) await store.close();
  });

  it("keeps its journal short, however much is written", async () => {
    const directory = newPlace();
    await withStore({ directory }, async (store) => {
      const body = "x".repeat(4_000);
      await store.db.write([{ sql: "create table t (id integer primary key, body text)" }]);
      for (let round = 0; round < 40; round++) {
        await Promise.all(
          Array.from({ length: 200 }, (_, index) =>
            store.db.write([
              { sql: "insert or replace into t (id, body) values (:id, :body)", params: { id: index, body } },
            ]),
          ),
        );
      }
      const { size } = await stat(join(directory, "millrace.db-wal"));
      assert.ok(size < 40_000_000, `the journal has ${size} bytes`);
    });
  });

  it("copies its journal into the file when nothing is written for a while", async () => {
    const directory = newPlace();
    const clock = createManualClock();
    await withStore({ directory, clock }, async (store) => {
      await store.db.write([{ sql: "create table t (body text)" }]);
      await store.db.write([{ sql: "insert into t values (:body)", params: { body: "x".repeat(1_000_000) } }]);
      const before = (await stat(join(directory, "millrace.db"))).size;
      await clock.advance(5_000);
      await store.describe();
      const { size } = await stat(join(directory, "millrace.db"));
      assert.ok(before < 500_000 && size > 1_000_000, `from ${before} to ${size} bytes`);
    });
  });
});

describe("columns of bytes", () => {
  it("keeps them as they are", async () => {
    await withStore({ directory: ":memory:" }, async ({ db }) => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await db.write([{ sql: "create table t (bytes blob)" }]);
      await db.insertMany({ into: "t", columns: ["bytes"], rows: [[bytes], [new Uint8Array()]] });
      const found = await db.all("select bytes from t order by length(bytes) desc");
      assert.deepEqual(
        found.map((row) => row["bytes"]),
        [bytes, new Uint8Array()],
      );
    });
  });
});

describe("group commit", () => {
  it("takes any number of different statements in one tick, and again", async () => {
    await withStore({ directory: ":memory:" }, async (store) => {
      const ask = async (index: number) =>
        (await store.db.write([{ sql: `select ${index} as n` }]))?.[0]?.rows[0]?.["n"];
      const indexes = Array.from({ length: 600 }, (_, index) => index);
      assert.deepEqual(await Promise.all(indexes.map(ask)), indexes);
      assert.deepEqual(await Promise.all(indexes.toReversed().map(ask)), indexes.toReversed());
    });
  });

  it("writes what is asked in one tick in one transaction where each is a flush to disk", async () => {
    const directory = newPlace();
    await withStore({ directory, durability: "full" }, async (store) => {
      await store.db.write([{ sql: "create table t (id integer)" }]);
      const observer = new DatabaseSync(join(directory, "millrace.db"), { readOnly: true });
      const seen = new Set<unknown>();
      const insert = (id: number) => store.db.write([{ sql: "insert into t values (:id)", params: { id } }]);
      const writes = Array.from({ length: 64 }, (_, id) =>
        insert(id).then(() => seen.add(observer.prepare("select count(*) as n from t").get()?.["n"])),
      );
      await Promise.all(writes);
      observer.close();
      assert.deepEqual([...seen], [64], "a promise was kept before all of its group was stored");
    });
  });

  it("leaves the calling thread free while another process holds the lock", async () => {
    const directory = newPlace();
    await withStore({ directory }, async (store) => {
      const other = new DatabaseSync(join(directory, "millrace.db"));
      other.exec("begin immediate");
      let isStored = false;
      const admitted = store.runs
        .admit({ id: "a", automation: "job", event: "{}", now: 0 })
        .then(() => (isStored = true));
      const startedAt = performance.now();
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal((await store.runs.list({ limit: 1 })).total, 0);
      }
      assert.ok(performance.now() - startedAt < 25_000, "reads waited for the lock");
      assert.equal(isStored, false);
      other.exec("commit");
      other.close();
      await admitted;
      assert.equal((await store.runs.list({ limit: 1 })).total, 1);
    });
  });
});
