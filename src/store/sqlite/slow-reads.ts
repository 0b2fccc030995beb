import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";

export interface SlowReadsOptions {
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Log;
  /** From how many milliseconds on a read is told of. */
  readonly slowMs: number;
}

/** Tells of reads that held up the main thread, with the plan that SQLite makes for them; never with their parameters. */
export interface SlowReads {
  /** Runs a read of this statement, whose text has `?` for its parameters. */
  readonly watch: <T>(sql: string, run: () => T) => T;
}

/** A plan is told once a statement, for so many of them. */
const MOST_TOLD = 200;

export function createSlowReads(database: DatabaseSync, { clock, log, slowMs }: SlowReadsOptions): SlowReads {
  const told = new Set<string>();

  function tell(sql: string, ms: number): void {
    if (told.size >= MOST_TOLD) told.clear();
    const isNew = !told.has(sql);
    told.add(sql);
    log.warn({ ms: Math.round(ms), sql, ...(isNew ? { plan: planOf(database, sql) } : {}) }, "a read was slow");
  }

  return {
    watch(sql, run) {
      const begin = clock.monotonic();
      const result = run();
      const ms = clock.monotonic() - begin;
      if (ms >= slowMs) tell(sql, ms);
      return result;
    },
  };
}

function planOf(database: DatabaseSync, sql: string): readonly string[] {
  return database
    .prepare(`explain query plan ${sql}`)
    .all()
    .map((row) => String(row["detail"]));
}
