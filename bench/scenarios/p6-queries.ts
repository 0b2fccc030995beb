import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSeededRandom, type Database, systemClock } from "millrace";
import { createCache, createMemoryLevel, createQueryCache } from "millrace/cache";
import { openSqliteStore } from "millrace/sqlite";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";
import { createZipf } from "../micro/traces.ts";

const ROWS = 20_000;
const OWNERS = 200;
/** A write after so many pages; each evicts every answer of the table. */
const PAGES_A_WRITE = 1_000;
const TABLE =
  "create table drafts (id integer primary key, owner integer not null, status text not null, title text not null, at integer not null)";
const PAGE =
  "select id, title, at from drafts where owner = :owner and status = 'open' and id < :before order by id desc limit 50";
const TOTAL = "select count(*) as total from drafts where owner = :owner and status = 'open'";
const WRITE = "update drafts set at = at + 1 where id = :id";
const BEFORE = ROWS + 1;
const NAIVE = "naive";
const INDEXED = "indexes and one connection";
const CACHED = "millrace";
const TARGETS = { time: 0.6, load: 0.3 };

/** P6: pages of a list, through indexes and the cache of queries, against the naive way. */
export const queries: Scenario = {
  id: "P6",
  title: "queries of a list, and the load on the database",
  description: `Pages of 50 with their totals out of ${ROWS} rows, of ${OWNERS} owners drawn by Zipf (0.9), and a write after ${PAGES_A_WRITE} pages that evicts all of them. Naive: a connection a query, no index but the key, nothing kept. Then Millrace's store with an index, and \`queries\`, which keeps answers until their table is written. Wall time a page of both queries, and how many statements reached the database.`,
  target: `at most ${TARGETS.time} of the time and ${TARGETS.load} of the statements of the naive way`,
  async run(context) {
    const closers: (() => unknown)[] = [];
    try {
      const owner = createZipf(OWNERS, 0.9, createSeededRandom(context.seed));
      const load = new Map<string, { pages: number; statements: number }>();
      const rows = await measurePaired(await sides(context, closers, owner, load), { rounds: 5 });
      const perPage = (name: string): number => {
        const { pages, statements } = load.get(name) ?? { pages: 0, statements: 0 };
        return statements / pages;
      };
      const ratios = {
        "time, millrace to naive": ratio(rows, CACHED, NAIVE),
        "time, indexes alone to naive": ratio(rows, INDEXED, NAIVE),
        "statements, millrace to naive": perPage(CACHED) / perPage(NAIVE),
      };
      const met =
        ratios["time, millrace to naive"] <= TARGETS.time && ratios["statements, millrace to naive"] <= TARGETS.load;
      return { rows, ratios, met };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

interface PageSource {
  readonly name: string;
  readonly pages: number;
  readonly page: (owner: number) => Promise<unknown>;
  readonly write: (id: number) => Promise<unknown>;
}

async function sides(
  { directory, log }: BenchContext,
  closers: (() => unknown)[],
  owner: () => number,
  load: Map<string, { pages: number; statements: number }>,
): Promise<Side[]> {
  const ran = (name: string, statements: number): void => {
    const known = load.get(name) ?? { pages: 0, statements: 0 };
    load.set(name, { ...known, statements: known.statements + statements });
  };
  const path = join(directory, "naive.db");
  fill(path);
  const store = await openSqliteStore({ directory: join(directory, "millrace"), clock: systemClock, log });
  closers.push(() => store.close());
  await store.db.write([{ sql: TABLE }, { sql: "create index drafts_open on drafts (owner, status, id desc)" }]);
  await store.db.insertMany({ into: "drafts", columns: ["id", "owner", "status", "title", "at"], rows: rows() });
  const cache = createCache({ memory: createMemoryLevel(), clock: systemClock, random: createSeededRandom(1) });
  closers.push(() => cache.close());
  const db: Database = {
    ...store.db,
    get(sql, params) {
      ran(CACHED, 1);
      return store.db.get(sql, params);
    },
    all(sql, params) {
      ran(CACHED, 1);
      return store.db.all(sql, params);
    },
  };
  const kept = createQueryCache({ cache, db });
  const options = { tables: ["drafts"], ttl: "1h" } as const;
  const sources: PageSource[] = [
    {
      name: NAIVE,
      pages: 100,
      async page(id) {
        ran(NAIVE, 2);
        naively(path, PAGE, { owner: id, before: BEFORE });
        naively(path, TOTAL, { owner: id });
      },
      write: async (id) => naively(path, WRITE, { id }),
    },
    {
      name: INDEXED,
      pages: 2_000,
      async page(id) {
        ran(INDEXED, 2);
        await store.db.all(PAGE, { owner: id, before: BEFORE });
        await store.db.get(TOTAL, { owner: id });
      },
      write: (id) => store.db.write([{ sql: WRITE, params: { id } }]),
    },
    {
      name: CACHED,
      pages: 2_000,
      async page(id) {
        await kept.all(PAGE, { owner: id, before: BEFORE }, options);
        await kept.get(TOTAL, { owner: id }, options);
      },
      write: (id) => kept.write([{ sql: WRITE, params: { id } }], options),
    },
  ];
  return sources.map((source) => toSide(source, owner, load));
}

function toSide(
  { name, pages, page, write }: PageSource,
  owner: () => number,
  load: Map<string, { pages: number; statements: number }>,
): Side {
  let asked = 0;
  return {
    name,
    unit: "µs",
    async measure() {
      const owners = Array.from({ length: pages }, owner);
      const startedAt = performance.now();
      for (const id of owners) {
        if (++asked % PAGES_A_WRITE === 0) await write((asked % ROWS) + 1);
        await page(id);
      }
      const us = ((performance.now() - startedAt) * 1_000) / pages;
      const known = load.get(name) ?? { pages: 0, statements: 0 };
      load.set(name, { ...known, pages: known.pages + pages });
      return us;
    },
  };
}

function rows(): (string | number)[][] {
  return Array.from({ length: ROWS }, (_, index) => [
    index + 1,
    index % OWNERS,
    index % 3 === 0 ? "open" : "done",
    `a draft about evening lights, number ${index}`,
    index,
  ]);
}

function fill(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`${TABLE}; begin`);
  const insert = database.prepare("insert into drafts (id, owner, status, title, at) values (?, ?, ?, ?, ?)");
  for (const row of rows()) insert.run(...row);
  database.exec("commit");
  database.close();
}

function naively(path: string, sql: string, params: Record<string, number>): unknown {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(sql).all(params);
  } finally {
    database.close();
  }
}
