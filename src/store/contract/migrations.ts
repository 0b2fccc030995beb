import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ContractTest, rejected } from "./bench.ts";

type Files = Readonly<Record<string, string>>;

/** Runs `work` with a folder that holds these files; it may write more. */
async function withFolder(files: Files, work: (directory: URL, add: (more: Files) => Promise<void>) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "millrace-migrations-"));
  async function add(more: Files): Promise<void> {
    for (const [name, sql] of Object.entries(more)) await writeFile(join(folder, name), sql);
  }
  try {
    await add(files);
    await work(pathToFileURL(folder), add);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const FIRST = {
  "0001-notes.sql": "create table notes (id text primary key); insert into notes (id) values ('first');",
};
const SECOND = { "0002-more.sql": "insert into notes (id) values ('second');" };

export function migrationContract(test: ContractTest): void {
  test("runs each migration once, in order, also when there are more the next time", async ({ store: { db } }) => {
    await withFolder(FIRST, async (directory, add) => {
      await db.migrate({ owner: "app", directory });
      await db.migrate({ owner: "app", directory: new URL(`${directory.href}/`) });
      await add({ ...SECOND, "README.md": "not a migration" });
      await db.migrate({ owner: "app", directory });
      await db.migrate({ owner: "app", directory });
      assert.deepEqual(await db.all("select id from notes order by id"), [{ id: "first" }, { id: "second" }]);
    });
  });

  test("runs each migration once when several processes start at once", async ({ store, another }) => {
    const stores = [store, await another(), await another()];
    await withFolder({ ...FIRST, ...SECOND }, async (directory) => {
      await Promise.all(stores.map(({ db }) => db.migrate({ owner: "app", directory })));
      assert.deepEqual(await store.db.all("select id from notes order by id"), [{ id: "first" }, { id: "second" }]);
    });
  });

  test("refuses a database that has seen a newer version, and changes nothing", async ({ store: { db } }) => {
    await withFolder({ ...FIRST, ...SECOND }, async (newer) => {
      await db.migrate({ owner: "app", directory: newer });
      await withFolder({ ...FIRST, "0003-other.sql": "drop table notes" }, async (older) => {
        const error = await rejected(db.migrate({ owner: "app", directory: older }), "STORE_NEWER");
        assert.match(error.message, /app .*0002-more\.sql/);
      });
      assert.deepEqual(await db.get("select count(*) as n from notes"), { n: 2 });
    });
  });

  test("keeps the migrations of two owners apart", async ({ store: { db } }) => {
    await withFolder(FIRST, async (one) => {
      await withFolder({ "0001-notes.sql": "create table other_notes (id text primary key)" }, async (two) => {
        await db.migrate({ owner: "one", directory: one });
        await db.migrate({ owner: "two", directory: two });
        await db.migrate({ owner: "one", directory: one });
        assert.deepEqual(await db.all("select id from other_notes"), []);
      });
    });
  });

  test("changes nothing with a migration that fails, and keeps those before it", async ({ store: { db } }) => {
    const broken = { "0002-more.sql": "insert into notes (id) values ('half'); insert into nowhere values (1);" };
    await withFolder({ ...FIRST, ...broken }, async (directory, add) => {
      const error = await rejected(db.migrate({ owner: "app", directory }), "STORE_FAILED");
      assert.match(error.message, /0002-more\.sql of app/);
      assert.deepEqual(await db.all("select id from notes"), [{ id: "first" }]);
      await add(SECOND);
      await db.migrate({ owner: "app", directory });
      assert.deepEqual(await db.get("select count(*) as n from notes"), { n: 2 });
    });
  });

  test("refuses a migration that ends its own transaction", async ({ store: { db } }) => {
    await withFolder({ "0001-a.sql": "create table a (id text); commit;" }, async (directory) => {
      await rejected(db.migrate({ owner: "app", directory }), "STORE_FAILED");
      assert.deepEqual(await db.write([{ sql: "select 1 as n" }]), [{ changes: 0, rows: [{ n: 1 }] }]);
    });
  });

  test("names a folder that is not there, and a file whose name is no migration's", async ({ store: { db } }) => {
    const missing = pathToFileURL(join(tmpdir(), "millrace-no-such-folder"));
    assert.match(
      (await rejected(db.migrate({ owner: "app", directory: missing }), "STORE_FAILED")).message,
      /no-such-folder/,
    );
    await withFolder({ ...FIRST, "2-more.sql": "select 1" }, async (directory) => {
      assert.match((await rejected(db.migrate({ owner: "app", directory }), "STORE_FAILED")).message, /2-more\.sql/);
    });
  });
}
