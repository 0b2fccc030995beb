import assert from "node:assert/strict";
import type { Database, SqlValue, Statement } from "../store.ts";
import { type ContractTest, HARD_TEXTS, HARD_VALUES, rejected } from "./bench.ts";

const TABLES = [
  "create table notes (id text primary key, body text, size integer, ratio double precision)",
  "create table parents (id text primary key)",
  "create table children (id text primary key, parent text not null references parents (id))",
  `create table late_children (
     id text primary key, parent text not null references parents (id) deferrable initially deferred)`,
];
const INSERT = "insert into notes (id, body, size, ratio) values (:id, :body, :size, :ratio)";

async function withTables(db: Database): Promise<Database> {
  await db.write(TABLES.map((sql) => ({ sql })));
  return db;
}

function note(id: string, changes: Readonly<Record<string, SqlValue>> = {}): Statement {
  return { sql: INSERT, params: { id, body: null, size: null, ratio: null, ...changes } };
}

async function idsIn(db: Database, table = "notes"): Promise<SqlValue[]> {
  const rows = await db.all(`select id from ${table} order by id`);
  return rows.map((row) => row["id"] ?? null);
}

export function databaseContract(test: ContractTest): void {
  test("reads what was written, as plain rows", async ({ store }) => {
    const db = await withTables(store.db);
    const written = await db.write([note("a", { body: "text", size: 7, ratio: 0.5 }), note("b")]);
    assert.deepEqual(written, [
      { changes: 1, rows: [] },
      { changes: 1, rows: [] },
    ]);
    const a = { id: "a", body: "text", size: 7, ratio: 0.5 };
    const b = { id: "b", body: null, size: null, ratio: null };
    assert.deepEqual(await db.get("select * from notes where id = :id", { id: "a" }), a);
    assert.deepEqual(await db.all("select * from notes order by id"), [a, b]);
    assert.equal(await db.get("select * from notes where id = :id", { id: "c" }), undefined);
    assert.deepEqual(await db.all("select * from notes where id = :id", { id: "c" }), []);
  });

  test("has another version after every write, and the same while nothing is written", async ({ store }) => {
    const db = await withTables(store.db);
    const before = db.version();
    await db.all("select * from notes");
    assert.equal(db.version(), before);
    await db.write([note("a")]);
    const after = db.version();
    assert.notEqual(after, before);
    await db.insertMany({ into: "notes", columns: ["id"], rows: [["b"]] });
    assert.notEqual(db.version(), after);
  });

  test("gives the rows of a returning clause, and counts what changed", async ({ store }) => {
    const db = await withTables(store.db);
    await db.write([note("a", { size: 1 }), note("b", { size: 2 }), note("c", { size: 3 })]);
    const results = await db.write([
      { sql: "update notes set size = size + 10 where size >= :least returning id, size", params: { least: 2 } },
      { sql: "select count(*) as n from notes where size > 10" },
      { sql: "delete from notes where size = :size", params: { size: 99 } },
      { sql: "delete from notes" },
    ]);
    const [update, select, none, all] = results ?? [];
    const rows = (update?.rows ?? []).toSorted((x, y) => (String(x["id"]) < String(y["id"]) ? -1 : 1));
    assert.deepEqual(rows, [
      { id: "b", size: 12 },
      { id: "c", size: 13 },
    ]);
    assert.equal(update?.changes, 2);
    assert.deepEqual(select?.rows, [{ n: 2 }]);
    assert.deepEqual([none?.changes, all?.changes], [0, 3]);
    assert.deepEqual(await db.write([]), []);
  });

  test("writes all statements or none", async ({ store }) => {
    const db = await withTables(store.db);
    await db.write([note("taken")]);
    const error = await rejected(db.write([note("a"), note("b"), note("taken"), note("c")]), "STORE_FAILED");
    assert.equal(error.facts["statement"], 3);
    assert.match(error.message, /Statement 3 failed: .*unique/i);
    assert.deepEqual(await idsIn(db), ["taken"]);
    await rejected(db.write([note("d"), { sql: "insert into nowhere (id) values ('x')" }]), "STORE_FAILED");
    assert.deepEqual(await idsIn(db), ["taken"]);
  });

  test("rolls a write back, and gives undefined, when a statement changes fewer rows than it must", async ({
    store,
  }) => {
    const db = await withTables(store.db);
    await db.write([note("a", { size: 1 }), note("b", { size: 1 })]);
    const grow = (least: number, atLeast: number): Statement => ({
      sql: "update notes set size = 9 where size >= :least",
      params: { least },
      atLeast,
    });
    assert.equal(await db.write([note("c"), grow(5, 1)]), undefined);
    assert.equal(await db.write([grow(1, 3), note("c")]), undefined);
    assert.equal(await db.write([grow(1, 3)]), undefined, "a lone statement that changes too little");
    assert.deepEqual(await db.all("select id, size from notes order by id"), [
      { id: "a", size: 1 },
      { id: "b", size: 1 },
    ]);
    assert.equal((await db.write([grow(1, 2), note("c")]))?.[0]?.changes, 2);
  });

  test("answers writes of one moment each on its own", async ({ store }) => {
    const db = await withTables(store.db);
    await db.write([note("taken"), { sql: "insert into parents (id) values ('p')" }]);
    const outcomes = await Promise.allSettled([
      db.write([note("a")]),
      db.write([note("b"), note("taken")]),
      db.write([note("c"), { sql: "delete from notes where id = 'none'", atLeast: 1 }]),
      db.write([{ sql: "insert into late_children (id, parent) values ('x', 'none')" }]),
      db.insertMany({ into: "notes", columns: ["id"], rows: [["d"], ["taken"]] }),
      db.write([note("e")]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled", "fulfilled"],
    );
    assert.equal(outcomes[2]?.status === "fulfilled" && outcomes[2].value, undefined);
    assert.deepEqual(await idsIn(db), ["a", "d", "e", "taken"]);
    assert.deepEqual(await idsIn(db, "late_children"), []);
  });

  test("says so when the commit itself fails, and has stored nothing", async ({ store }) => {
    const db = await withTables(store.db);
    const orphan = { sql: "insert into late_children (id, parent) values ('x', 'none')" };
    await rejected(db.write([note("a"), orphan, note("b")]), "STORE_COMMIT_FAILED");
    assert.deepEqual(await idsIn(db), []);
    assert.deepEqual(await idsIn(db, "late_children"), []);
    await db.write([orphan, { sql: "insert into parents (id) values ('none')" }]);
    assert.deepEqual(await idsIn(db, "late_children"), ["x"]);
  });

  test("serves two stores that write at once, and loses nothing", async ({ store, another }) => {
    const db = await withTables(store.db);
    const other = (await another()).db;
    await db.write([note("counter", { size: 0 })]);
    const count = { sql: "update notes set size = size + 1 where id = 'counter'" };
    await Promise.all(Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? db : other).write([count])));
    assert.deepEqual(await other.get("select size from notes"), { size: 200 });
  });

  insertManyContract(test);
  heavyContract(test);
  valueContract(test);
}

function insertManyContract(test: ContractTest): void {
  test("inserts many rows, reports the bad ones, and keeps the others", async ({ store }) => {
    const db = await withTables(store.db);
    await db.write([note("taken"), { sql: "insert into parents (id) values ('p')" }]);
    const rows = [
      ["a", "p"],
      ["b", "none"],
      ["c", "p"],
      ["a", "p"],
      ["d", null],
      ["e"],
      ["f", new Date(0)],
      ["g", "p"],
    ];
    const result = await db.insertMany({ into: "children", columns: ["id", "parent"], rows: rows as SqlValue[][] });
    assert.equal(result.inserted, 3);
    assert.equal(result.ignored, 0);
    assert.deepEqual(
      result.rejected.map(({ index }) => index),
      [1, 3, 4, 5, 6],
    );
    const reasons = result.rejected.map(({ reason }) => reason);
    for (const [index, expected] of [/foreign key/i, /unique/i, /not.null/i, /1 value/, /parent is a Date/].entries()) {
      assert.match(reasons[index] ?? "", expected);
    }
    assert.deepEqual(await idsIn(db, "children"), ["a", "c", "g"]);
  });

  test("leaves out and counts rows that are there already, when asked to, but still rejects bad ones", async ({
    store,
  }) => {
    const db = await withTables(store.db);
    await db.write([{ sql: "insert into parents (id) values ('p')" }]);
    const params = { into: "children", columns: ["id", "parent"], onConflict: "ignore" } as const;
    assert.deepEqual(await db.insertMany({ ...params, rows: [["a", "p"]] }), { inserted: 1, ignored: 0, rejected: [] });
    const again = await db.insertMany({
      ...params,
      rows: [
        ["a", "p"],
        ["b", null],
        ["b", "p"],
        ["b", "p"],
      ],
    });
    assert.deepEqual([again.inserted, again.ignored], [1, 2]);
    assert.deepEqual(
      again.rejected.map(({ index }) => index),
      [1],
    );
  });

  test("rolls all rows back when the commit fails", async ({ store }) => {
    const db = await withTables(store.db);
    await db.write([{ sql: "insert into parents (id) values ('p')" }]);
    const columns = ["id", "parent"];
    const rows = [
      ["a", "p"],
      ["b", "none"],
    ];
    await rejected(db.insertMany({ into: "late_children", columns, rows }), "STORE_COMMIT_FAILED");
    assert.deepEqual(await idsIn(db, "late_children"), []);
  });

  test("inserts ten thousand rows in one go", async ({ store }) => {
    const db = await withTables(store.db);
    const rows = Array.from({ length: 10_000 }, (_, index) => [`n${index}`, index]);
    const result = await db.insertMany({ into: "notes", columns: ["id", "size"], rows });
    assert.deepEqual(result, { inserted: 10_000, ignored: 0, rejected: [] });
    assert.deepEqual(await db.get("select sum(size) as n from notes"), { n: 49_995_000 });
  });

  test("refuses an insert into a table, or columns, that cannot be", async ({ store }) => {
    const db = await withTables(store.db);
    const rows = [["a"]];
    for (const into of ["notes; drop table notes", 'no"tes', "", "1notes"]) {
      await rejected(db.insertMany({ into, columns: ["id"], rows }), "INPUT_INVALID");
    }
    for (const columns of [["id) values ('x') --"], [], ["id", "id"]]) {
      await rejected(db.insertMany({ into: "notes", columns, rows }), "INPUT_INVALID");
    }
    await rejected(db.insertMany({ into: "nowhere", columns: ["id"], rows }), "STORE_FAILED");
    await rejected(db.insertMany({ into: "notes", columns: ["none"], rows }), "STORE_FAILED");
    assert.deepEqual(await idsIn(db), []);
    const empty = await db.insertMany({ into: "notes", columns: ["id"], rows: [] });
    assert.deepEqual(empty, { inserted: 0, ignored: 0, rejected: [] });
  });
}

function heavyContract(test: ContractTest): void {
  async function withMany(db: Database, count: number): Promise<Database> {
    await withTables(db);
    const rows = Array.from({ length: count }, (_, index) => [`n${String(index).padStart(5, "0")}`, index]);
    await db.insertMany({ into: "notes", columns: ["id", "size"], rows });
    return db;
  }

  test("reads many rows beside the thread that asks: all at once, or in chunks", async ({ store }) => {
    const db = await withMany(store.db, 1_234);
    const sql = "select id, size from notes where size >= :least order by size";
    const all = await db.heavy.all(sql, { least: 34 });
    assert.deepEqual(
      [all.length, all[0], all.at(-1)],
      [1_200, { id: "n00034", size: 34 }, { id: "n01233", size: 1_233 }],
    );
    const sizes: number[] = [];
    for await (const chunk of db.heavy.chunks(sql, { least: 0 })) sizes.push(chunk.length);
    assert.ok(sizes.length >= 3 && Math.max(...sizes) <= 500, sizes.join(" "));
    assert.deepEqual(await db.heavy.all(sql, { least: 9_999 }), []);
    const large = 2n ** 62n;
    await db.write([{ sql: "create table counts (id text primary key, n bigint)" }]);
    await db.insertMany({ into: "counts", columns: ["id", "n"], rows: [["large", large]] });
    assert.deepEqual(await db.heavy.all("select n from counts"), [{ n: large }]);
  });

  test("sees what was written before a heavy read began, and refuses what is wrong with it", async ({ store }) => {
    const db = await withMany(store.db, 3);
    await db.write([note("later", { size: 9 })]);
    assert.equal((await db.heavy.all("select id from notes")).length, 4);
    const tooMany = await rejected(db.heavy.all("select id from notes", {}, { mostRows: 3 }), "CAPACITY_REACHED");
    assert.match(tooMany.message, /more than 3 rows/);
    await rejected(db.heavy.all("select none from notes"), "STORE_FAILED");
    await rejected(db.heavy.all("insert into notes (id) values ('x') returning id"), "STORE_FAILED");
    await rejected(db.heavy.all("select id from notes where id = :id"), "INPUT_INVALID");
    assert.equal((await db.heavy.all("select id from notes")).length, 4, "it reads on after a mistake");
  });

  test("ends a heavy read by its signal and its time, and one that nobody reads to its end", async ({
    store,
    clock,
  }) => {
    const db = await withMany(store.db, 2_000);
    const sql = "select id from notes order by id";
    const aborted = new AbortController();
    aborted.abort(new Error("no more"));
    await rejected(db.heavy.all(sql, {}, { signal: aborted.signal }), "CALL_ABORTED");
    const abort = new AbortController();
    const chunks = db.heavy.chunks(sql, {}, { signal: abort.signal });
    await chunks.next();
    abort.abort();
    await rejected(chunks.next(), "CALL_ABORTED");
    const slow = db.heavy.chunks(sql, {}, { timeoutMs: 1_000 });
    await slow.next();
    await clock.advance(1_000);
    assert.match((await rejected(slow.next(), "READ_TIMEOUT")).advice, /timeoutMs/);
    for (let round = 0; round < 40; round++) {
      for await (const chunk of db.heavy.chunks(sql)) {
        assert.equal(chunk[0]?.["id"], "n00000");
        break;
      }
    }
    assert.equal((await Promise.all(Array.from({ length: 40 }, () => db.heavy.all(sql)))).length, 40);
  });
}

function valueContract(test: ContractTest): void {
  test("keeps texts and numbers as they are", async ({ store }) => {
    const db = await withTables(store.db);
    const texts = [...HARD_TEXTS, ...HARD_VALUES.map((value) => JSON.stringify(value)), "x".repeat(1_048_576)];
    await db.insertMany({
      into: "notes",
      columns: ["id", "body"],
      rows: texts.map((body, index) => [`${index}`, body]),
    });
    for (const [index, body] of texts.entries()) {
      const row = await db.get("select body from notes where id = :id and body = :body", { id: `${index}`, body });
      assert.equal(row?.["body"], body);
    }
    for (const ratio of [0.1, -1e-300, 1e300, Number.MAX_VALUE]) {
      await db.write([note(`ratio ${ratio}`, { ratio, size: Number.MAX_SAFE_INTEGER })]);
      const row = await db.get("select ratio, size from notes where ratio = :ratio", { ratio });
      assert.deepEqual(row, { ratio, size: Number.MAX_SAFE_INTEGER });
    }
  });

  test("gives integers beyond 2^53 as bigint, and all others as numbers", async ({ store }) => {
    const { db } = store;
    const large = 2n ** 62n;
    await db.write([{ sql: "create table counts (id text primary key, n bigint)" }]);
    const insert = "insert into counts (id, n) values (:id, :n) returning n";
    const written = await db.write([
      { sql: insert, params: { id: "large", n: large } },
      { sql: insert, params: { id: "small", n: 7n } },
      { sql: insert, params: { id: "negative", n: Number.MIN_SAFE_INTEGER } },
    ]);
    const expected = [large, 7, Number.MIN_SAFE_INTEGER];
    assert.deepEqual(
      written?.map(({ rows }) => rows[0]?.["n"]),
      expected,
    );
    const rows = await db.all("select n from counts order by n desc");
    assert.deepEqual(
      rows.map((row) => row["n"]),
      expected,
    );
    assert.deepEqual(await db.get("select n from counts where n = :n", { n: large }), { n: large });
  });

  test("keeps a text with a zero character as it is, or refuses it, but never changes it", async ({ store }) => {
    const db = await withTables(store.db);
    const body = "a\u0000b";
    const outcome = await db.write([note("zero", { body })]).then(
      () => "stored",
      (error: { code?: string }) => error.code,
    );
    const row = await db.get("select body from notes where id = 'zero'");
    if (outcome === "stored") assert.deepEqual(row, { body });
    else assert.deepEqual([outcome, row], ["INPUT_INVALID", undefined]);
  });

  test("refuses values that a database would silently change", async ({ store }) => {
    const db = await withTables(store.db);
    const unfit: readonly (readonly [unknown, RegExp])[] = [
      [new Date(0), /:body is a Date/],
      [undefined, /:body is undefined/],
      [Number.NaN, /:body is NaN/],
      [true, /:body is a boolean/],
      [{}, /:body is an object/],
      [["a"], /:body is an array/],
      [() => 1, /:body is a function/],
      [2n ** 70n, /:body is an integer of more than 64 bits/],
      ["half \uD83D pair", /:body is a text with half of a surrogate pair/],
    ];
    for (const [value, reason] of unfit) {
      const body = value as SqlValue;
      const written = await rejected(db.write([note("other"), note("a", { body })]), "INPUT_INVALID");
      assert.match(written.message, reason);
      const read = await rejected(db.all("select id from notes where body = :body", { body }), "INPUT_INVALID");
      assert.match(read.message, reason);
    }
    assert.deepEqual(await idsIn(db), []);
  });

  test("refuses a parameter that is missing, and one that the statement does not have", async ({ store }) => {
    const db = await withTables(store.db);
    const sql = "select id from notes where id = :id -- and :comment";
    assert.match((await rejected(db.get(sql), "INPUT_INVALID")).message, /:id is undefined/);
    assert.match((await rejected(db.get(sql, { id: "a", di: "b" }), "INPUT_INVALID")).message, /no parameter :di/);
    assert.equal(await db.get(sql, { id: ":id" }), undefined);
  });

  test("takes one statement at a time, and none that touches the transaction", async ({ store }) => {
    const db = await withTables(store.db);
    for (const sql of ["commit", "  /* now */ Rollback", "-- so\nbegin", "delete from notes; delete from parents"]) {
      await rejected(db.write([note("a"), { sql }]), "INPUT_INVALID");
    }
    assert.deepEqual(await idsIn(db), []);
    const [result] = (await db.write([{ sql: "select ';' as a, ':b' as b; " }])) ?? [];
    assert.deepEqual(result?.rows, [{ a: ";", b: ":b" }]);
  });

  test("does not write through a read", async ({ store }) => {
    const db = await withTables(store.db);
    await rejected(db.all("insert into notes (id) values ('a') returning id"), "STORE_FAILED");
    await rejected(db.get("select none from notes"), "STORE_FAILED");
    assert.deepEqual(await idsIn(db), []);
  });
}
