import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { openReaderOn } from "../../src/store/sqlite/reader.ts";
import { createGroupWriter } from "../../src/store/sqlite/group.ts";
import { isFailure, type LearnedStatement, type StatementCall } from "../../src/store/sqlite/protocol.ts";
import { toRows } from "../../src/store/sqlite/rows.ts";
import { createRunStore } from "../../src/store/sqlite/runs.ts";
import { parseStatement } from "../../src/store/sqlite/statement-text.ts";
import { toValues } from "../../src/store/sqlite/values.ts";
import { toError } from "../../src/store/sqlite/writer-channel.ts";
import type { RunStore, Statement, StatementResult } from "../../src/store/store.ts";

const FOLDER = new URL("../../src/store/sqlite/migrations/", import.meta.url);
const TABLES = readdirSync(FOLDER)
  .toSorted()
  .map((name) => readFileSync(new URL(name, FOLDER), "utf8"))
  .join("\n");

/** The real statements on a database in memory, without threads: the same seed gives the same history, in a fraction of the time. */
export interface MemoryStore {
  readonly runs: RunStore;
  /** Reads beside the store, to look whether all is well. */
  all(sql: string): readonly Record<string, unknown>[];
  /** Power fails: the last transactions were not on the disk yet. */
  lose(transactions: number): void;
  close(): void;
}

/** `mutate` changes the text of statements: for planted bugs. */
export function createMemoryStore(mutate: (sql: string) => string = (sql) => sql): MemoryStore {
  let database = empty();
  const done: (readonly Statement[])[] = [];
  let write = writerOn(database);
  let reader = openReaderOn(database);

  function writerOn(
    target: DatabaseSync,
  ): (statements: readonly Statement[]) => readonly StatementResult[] | undefined {
    const group = createGroupWriter(target);
    const known = new Map<string, LearnedStatement & { readonly text: ReturnType<typeof parseStatement> }>();
    function learn(sql: string) {
      const found = known.get(sql);
      if (found !== undefined) return found;
      const text = parseStatement(mutate(sql));
      const learned = { statement: known.size, sql, bySlot: text.bySlot, text };
      group.learn(learned);
      known.set(sql, learned);
      return learned;
    }
    return (statements) => {
      const calls = statements.map(({ sql, params = {}, atLeast = 0 }): StatementCall => {
        const { statement, text } = learn(sql);
        return [statement, atLeast, ...toValues(text, params)];
      });
      const [outcome] = group.execute([calls]);
      if (outcome === undefined || outcome === null) return undefined;
      if (isFailure(outcome)) throw toError(outcome);
      if ("kind" in outcome) return undefined;
      return outcome.map((result) =>
        typeof result === "number"
          ? { changes: result, rows: [] }
          : { changes: result.changes, rows: toRows(result.columns, result.rows) },
      );
    };
  }

  const runs = createRunStore({
    reader: { get: (sql, params) => reader.get(sql, params), all: (sql, params) => reader.all(sql, params) },
    writer: {
      async write(statements) {
        const results = write(statements);
        if (results !== undefined) done.push(statements);
        return results;
      },
    },
  });

  return {
    runs,
    all: (sql) => database.prepare(sql).all(),
    lose(transactions) {
      done.length = Math.max(0, done.length - transactions);
      database.close();
      database = empty();
      write = writerOn(database);
      reader = openReaderOn(database);
      for (const statements of done) write(statements);
    },
    close: () => database.close(),
  };
}

function empty(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma foreign_keys = on");
  database.exec(TABLES);
  return database;
}
