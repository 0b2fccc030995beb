import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock, type Database, type InsertManyParams } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const ROWS = 10;
const COLUMNS = ["id", "title", "description", "rule", "confidence"];
const TABLE =
  "create table drafts (id text primary key, title text not null, description text not null, rule text not null, confidence real not null)";
const INSERT = `insert into drafts (${COLUMNS.join(", ")}) values (?, ?, ?, ?, ?)`;
const TARGET = 0.5;

/** P2: ten suggestions stored in one transaction against ten. */
export const batchStorage: Scenario = {
  id: "P2",
  title: "ten suggestions in one transaction",
  description:
    "Ten rows of about 2 KB on a disk: ten transactions on node:sqlite with the journal it ships with (rollback journal, synchronous FULL), ten transactions through Millrace's writer, each awaited, and one `insertMany`.",
  target: `at most ${TARGET} of ten transactions`,
  async run({ directory, log }) {
    const shipped = new DatabaseSync(join(directory, "shipped.db"));
    shipped.exec(TABLE);
    const insert = shipped.prepare(INSERT);
    const store = await openSqliteStore({ directory: join(directory, "millrace"), clock: systemClock, log });
    await store.db.write([{ sql: TABLE }]);
    const rows = await measurePaired(
      [
        {
          name: "10 transactions, as SQLite ships",
          unit: "ms",
          measure: async (round) => timed(() => drafts("a", round).forEach((row) => insert.run(...row))),
        },
        {
          name: "10 transactions, Millrace",
          unit: "ms",
          measure: (round) => timed(() => storeOneByOne(store.db, drafts("b", round))),
        },
        {
          name: "1 transaction, Millrace",
          unit: "ms",
          measure: (round) => timed(() => store.db.insertMany(batch(drafts("c", round)))),
        },
      ],
      { rounds: 21 },
    );
    shipped.close();
    await store.close();
    const ratios = {
      "to 10 transactions of Millrace": ratio(rows, "1 transaction, Millrace", "10 transactions, Millrace"),
      "to 10 transactions as SQLite ships": ratio(rows, "1 transaction, Millrace", "10 transactions, as SQLite ships"),
    };
    return { rows, ratios, met: Object.values(ratios).every((value) => value <= TARGET) };
  },
};

type Draft = [string, string, string, string, number];

function drafts(side: string, round: number): Draft[] {
  return Array.from({ length: ROWS }, (_, index) => [
    `${side}-${round}-${index}`,
    "Evening lamp",
    "On most evenings. ".repeat(20),
    "{}".repeat(800),
    0.8,
  ]);
}

function batch(rows: Draft[]): InsertManyParams {
  return { into: "drafts", columns: COLUMNS, rows };
}

async function storeOneByOne(db: Database, rows: Draft[]): Promise<void> {
  for (const row of rows) await db.insertMany(batch([row]));
}

async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
