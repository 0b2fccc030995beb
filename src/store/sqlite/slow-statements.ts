import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";

export interface SlowStatement {
  readonly ms: number;
  readonly sql: string;
  /** What SQLite makes of it; told once a statement. */
  readonly plan?: readonly string[];
}

export interface SlowStatementsOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** From how many milliseconds on a statement is told of. */
  readonly slowMs: number;
  readonly tell: (slow: SlowStatement) => void;
}

/** Tells of statements that took long, with the plan that SQLite makes for them; never with their parameters. */
export interface SlowStatements {
  /** Runs a statement, whose text has `?` for its parameters. */
  readonly watch: <T>(sql: string, run: () => T) => T;
  /** For a statement that ran in parts: the milliseconds of all of them. */
  readonly took: (sql: string, ms: number) => void;
}

/** A plan is told once a statement, for so many of them. */
const MOST_TOLD = 200;

export function createSlowStatements(
  database: DatabaseSync,
  { clock, slowMs, tell }: SlowStatementsOptions,
): SlowStatements {
  const told = new Set<string>();

  function tellOnce(sql: string, ms: number): void {
    if (told.size >= MOST_TOLD) told.clear();
    const plan = told.has(sql) ? [] : planOf(database, sql);
    told.add(sql);
    tell({ ms: Math.round(ms), sql, ...(plan.length === 0 ? {} : { plan }) });
  }

  function took(sql: string, ms: number): void {
    if (ms >= slowMs) tellOnce(sql, ms);
  }

  return {
    watch(sql, run) {
      const begin = clock.monotonic();
      const result = run();
      took(sql, clock.monotonic() - begin);
      return result;
    },
    took,
  };
}

/** Nothing for what has none, such as a commit. */
function planOf(database: DatabaseSync, sql: string): readonly string[] {
  if (/^\s*(?:begin|commit)\b/i.test(sql)) return [];
  return database
    .prepare(`explain query plan ${sql}`)
    .all()
    .map((row) => String(row["detail"]));
}
