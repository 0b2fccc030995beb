import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { MillraceError } from "../../../src/core/errors.ts";
import { createRunStore } from "../../../src/store/sqlite/runs.ts";
import { toRow, toRows } from "../../../src/store/sqlite/rows.ts";
import { parseStatement, type StatementText } from "../../../src/store/sqlite/statement-text.ts";
import { toValues } from "../../../src/store/sqlite/values.ts";
import type { Row, RunStore, SqlParams, SqlValue, Statement, StatementResult } from "../../../src/store/store.ts";

const FOLDER = new URL("../../../src/store/sqlite/migrations/", import.meta.url);
/** Beside the tables of runs one of an app, for steps that write to it. */
const TABLES = [
  ...readdirSync(FOLDER)
    .toSorted()
    .map((name) => readFileSync(new URL(name, FOLDER), "utf8")),
  "create table notes (run text not null) strict;",
].join("\n");

/**
 * The real statements on a database in memory. What was written is on the disk once it is synced, which chance decides, or whoever asks;
 * the rest goes with the power. One database serves world after world: each begins with none of what another wrote.
 */
export interface SimulatedStore {
  readonly runs: RunStore;
  /** Reads beside the store, to look whether all is well. */
  all(sql: string, params?: Readonly<Record<string, SqlValue>>): readonly Row[];
  /** Puts on the disk what was written. */
  sync(): void;
  /** Power fails: the last transactions that are not on the disk are gone, all of them or some. Gives how many. */
  lose(share: number): number;
  /** While true the disk is full. */
  isFull: boolean;
  /** Everything that was written goes, for the next world. */
  empty(): void;
}

/** Transactions that may be off the disk at once; a savepoint each. */
const MOST_UNSYNCED = 8;

interface Prepared {
  readonly statement: StatementSync;
  readonly text: StatementText;
  readonly columns: readonly string[];
  readonly isChanging: boolean;
}

/** `mutate` changes the text of statements: for planted bugs. */
export function createSimulatedStore(mutate: (sql: string) => string = (sql) => sql): SimulatedStore {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma page_size = 1024; pragma foreign_keys = on; pragma temp_store = memory");
  database.exec(TABLES);
  database.exec("begin");
  const known = new Map<string, Prepared>();
  const steps = Array.from({ length: MOST_UNSYNCED }, (_, index) => ({
    begin: database.prepare(`savepoint t${index}`),
    undo: database.prepare(`rollback to t${index}`),
    release: database.prepare(`release t${index}`),
  }));
  let unsynced = 0;

  function prepare(sql: string): Prepared {
    const found = known.get(sql);
    if (found !== undefined) return found;
    const text = parseStatement(mutate(sql));
    const statement = database.prepare(text.bySlot);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const made = { statement, text, columns, isChanging: columns.length === 0 || /\breturning\b/i.test(sql) };
    known.set(sql, made);
    return made;
  }

  function read(sql: string, params: SqlParams = {}): readonly Row[] {
    const { statement, text, columns } = prepare(sql);
    return toRows(columns, statement.all(...toValues(text, params)) as unknown as SqlValue[][]);
  }

  function run({ sql, params = {} }: Statement): StatementResult {
    const { statement, text, columns, isChanging } = prepare(sql);
    const values = toValues(text, params);
    if (columns.length === 0) return { changes: Number(statement.run(...values).changes), rows: [] };
    const rows = toRows(columns, statement.all(...values) as unknown as SqlValue[][]);
    return { changes: isChanging ? rows.length : 0, rows };
  }

  function sync(): void {
    if (unsynced > 0) steps[0]?.release.run();
    unsynced = 0;
  }

  function rollBackTo(step: number): void {
    steps[step]?.undo.run();
    steps[step]?.release.run();
    unsynced = step;
  }

  const store: SimulatedStore = {
    isFull: false,
    runs: createRunStore({
      reader: { get: (sql, params) => read(sql, params)[0], all: (sql, params) => [...read(sql, params)] },
      writer: {
        async write(statements) {
          if (store.isFull) throw new MillraceError("STORE_COMMIT_FAILED", "The disk is full.", { isRetryable: true });
          if (unsynced === MOST_UNSYNCED) sync();
          const step = unsynced++;
          steps[step]?.begin.run();
          try {
            const results: StatementResult[] = [];
            for (const statement of statements) {
              const result = run(statement);
              if (result.changes < (statement.atLeast ?? 0)) {
                rollBackTo(step);
                return undefined;
              }
              results.push(result);
            }
            return results;
          } catch (cause) {
            rollBackTo(step);
            if (cause instanceof MillraceError) throw cause;
            throw new MillraceError("STORE_FAILED", String(cause), { cause, isRetryable: false });
          }
        },
      },
    }),
    all(sql, params = {}) {
      const { statement, columns } = prepareLook(sql);
      return statement.all(params).map((values) => toRow(columns, values as unknown as SqlValue[]));
    },
    sync,
    lose(share) {
      const kept = Math.floor(unsynced * (1 - share));
      const lost = unsynced - kept;
      if (lost > 0) rollBackTo(kept);
      return lost;
    },
    empty() {
      database.exec("rollback; begin");
      unsynced = 0;
      store.isFull = false;
    },
  };

  const looks = new Map<string, { readonly statement: StatementSync; readonly columns: readonly string[] }>();
  function prepareLook(sql: string) {
    const found = looks.get(sql);
    if (found !== undefined) return found;
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const made = { statement, columns: statement.columns().map(({ name }) => name) };
    looks.set(sql, made);
    return made;
  }

  return store;
}
