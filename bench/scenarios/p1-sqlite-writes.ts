import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Database, systemClock } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";

const TABLE = "create table notes (id text primary key, at integer not null, body text not null)";
const INDEX = "create index notes_by_time on notes (at)";
const INSERT = "insert into notes (id, at, body) values (?, ?, ?)";
const INSERT_NAMED = "insert into notes (id, at, body) values (:id, :at, :body)";
const BODY = "a note of some length. ".repeat(10);
const WRITES = 60;
const AT_ONCE = 64;
const PER_QUERY = "a connection a write";
const SHIPPED = "as SQLite ships";
const BARE = "WAL and pragmas alone";
const ONE = "millrace, one by one";
const MANY = "millrace, 64 at once";
const TARGET = 0.7;

/** P1: writes with the journal, the settings and the writer thread against SQLite as it ships. */
export const sqliteWrites: Scenario = {
  id: "P1",
  title: "writes on SQLite",
  description: `Rows of about 250 bytes with one index, on a disk, each its own write and acknowledged before the next: a connection that is opened for each write; one connection as SQLite ships (rollback journal, synchronous FULL); one connection with WAL, synchronous NORMAL and a cache of 64 MB; Millrace's writer thread one by one, and ${AT_ONCE} at once. Wall time a write.`,
  target: `at most ${TARGET} of SQLite as it ships, one by one`,
  async run(context) {
    const closers: (() => unknown)[] = [];
    try {
      const rows = await measurePaired(
        [
          perQuery(context),
          onConnection(SHIPPED, context, closers, ""),
          onConnection(
            BARE,
            context,
            closers,
            "pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536",
          ),
          ...(await ours(context, closers)),
        ],
        { rounds: 9 },
      );
      const ratios = {
        "one by one, to SQLite as it ships": ratio(rows, ONE, SHIPPED),
        "one by one, to a connection a write": ratio(rows, ONE, PER_QUERY),
        "64 at once, to SQLite as it ships": ratio(rows, MANY, SHIPPED),
        "64 at once, to WAL and pragmas alone": ratio(rows, MANY, BARE),
      };
      return { rows, ratios, met: ratios["one by one, to SQLite as it ships"] <= TARGET };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

function side(name: string, writes: number, work: (ids: readonly string[]) => Promise<unknown> | void): Side {
  return {
    name,
    unit: "µs",
    async measure(round) {
      const ids = Array.from({ length: writes }, (_, index) => `${name} ${round} ${index}`);
      const startedAt = performance.now();
      await work(ids);
      return ((performance.now() - startedAt) * 1_000) / writes;
    },
  };
}

function perQuery({ directory }: BenchContext): Side {
  const path = join(directory, "per-query.db");
  const first = new DatabaseSync(path);
  first.exec(`${TABLE}; ${INDEX}`);
  first.close();
  return side(PER_QUERY, WRITES, (ids) => {
    for (const id of ids) {
      const database = new DatabaseSync(path);
      database.prepare(INSERT).run(id, 0, BODY);
      database.close();
    }
  });
}

function onConnection(name: string, { directory }: BenchContext, closers: (() => unknown)[], settings: string): Side {
  const database = new DatabaseSync(join(directory, `${closers.length}.db`));
  closers.push(() => database.close());
  database.exec(`${settings}; ${TABLE}; ${INDEX}`);
  const insert = database.prepare(INSERT);
  return side(name, WRITES, (ids) => {
    for (const id of ids) insert.run(id, 0, BODY);
  });
}

async function ours({ directory, log }: BenchContext, closers: (() => unknown)[]): Promise<Side[]> {
  const store = await openSqliteStore({ directory: join(directory, "millrace"), clock: systemClock, log });
  closers.push(() => store.close());
  await store.db.write([{ sql: TABLE }, { sql: INDEX }]);
  return [
    side(ONE, WRITES, async (ids) => {
      for (const id of ids) await write(store.db, id);
    }),
    side(MANY, WRITES * AT_ONCE, async (ids) => {
      for (let done = 0; done < ids.length; done += AT_ONCE) {
        await Promise.all(ids.slice(done, done + AT_ONCE).map((id) => write(store.db, id)));
      }
    }),
  ];
}

function write(db: Database, id: string): Promise<unknown> {
  return db.write([{ sql: INSERT_NAMED, params: { id, at: 0, body: BODY } }]);
}
