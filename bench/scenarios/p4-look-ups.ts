import { createIds, createSeededRandom, type Database, systemClock } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { prefetchContexts } from "../../apps/home/contexts/contexts.ts";
import { describeEntity, describerOf } from "../../apps/home/events/describe-entity.ts";
import { entitiesOf } from "../../apps/home/patterns/habit.ts";
import { minePatterns } from "../../apps/home/patterns/mine-patterns.ts";
import { importSample } from "../../apps/home/sample/import-sample.ts";
import { ratio } from "../harness/paired.ts";
import type { BenchContext, Row, Scenario } from "../harness/scenario.ts";
import { HOME_TABLES } from "../sides/sequential-daily.ts";

const HOMES = 5;
const SUGGESTIONS = 10;
const PARALLEL = 5;
const TIMEZONE = "Europe/Amsterdam";
const TARGET = 0.8;

/** P4: how many devices the daily job looks up, and what that asks of the database. */
export const lookUps: Scenario = {
  id: "P4",
  title: `devices looked up for the ${SUGGESTIONS} strongest habits of a home`,
  description: `${HOMES} simulated households are mined, and the devices of the ${SUGGESTIONS} strongest habits of each are looked up in its history: before, for every habit each of its devices, one after the other (as the sequential side of B6 does); now, by the daily job's prefetch, every device once and what they share once. Counted, not timed: devices looked up, and statements that the database got for it.`,
  target: `at most ${TARGET} of the statements`,
  async run(context) {
    const before: Counts[] = [];
    const now: Counts[] = [];
    for (let index = 0; index < HOMES; index++) {
      const counted = await countBothWays(context, context.seed + index);
      before.push(counted.before);
      now.push(counted.now);
      context.say(`household ${index + 1}: ${JSON.stringify(counted)}`);
    }
    const rows = (["devices", "statements"] as const).flatMap((what) => [
      toRow(what, "before", before),
      toRow(what, "now", now),
    ]);
    const ratios = {
      "devices, now to before": ratio(rows, "devices, now", "devices, before"),
      "statements, now to before": ratio(rows, "statements, now", "statements, before"),
    };
    return { rows, ratios, met: ratios["statements, now to before"] <= TARGET };
  },
};

interface Counts {
  readonly devices: number;
  readonly statements: number;
}

/** All homes together; the spread is over them. */
function toRow(what: keyof Counts, way: string, counts: readonly Counts[]): Row {
  const numbers = counts.map((count) => count[what]);
  const value = numbers.reduce((sum, number) => sum + number, 0);
  return { side: `${what}, ${way}`, value, unit: what, spread: [Math.min(...numbers), Math.max(...numbers)] };
}

async function countBothWays(
  { log }: BenchContext,
  seed: number,
): Promise<{ readonly before: Counts; readonly now: Counts }> {
  const clock = systemClock;
  const store = await openSqliteStore({ directory: ":memory:", clock, log });
  try {
    await store.db.migrate({ owner: "home", directory: HOME_TABLES });
    const { home } = await importSample({ db: store.db, clock, seed, timezone: TIMEZONE });
    const ids = createIds({ clock, random: createSeededRandom(seed) });
    const { signal } = new AbortController();
    const run = { runId: "bench", maxSuggestions: SUGGESTIONS, signal, log };
    const { habits } = await minePatterns({ db: store.db, clock, ids, home, timezone: TIMEZONE, ...run });
    const before = await counting(store.db, async (db) => {
      let devices = 0;
      for (const habit of habits) {
        for (const entityId of entitiesOf(habit)) {
          await describeEntity({ db, home, entityId });
          devices += 1;
        }
      }
      return devices;
    });
    const now = await counting(store.db, async (db) => {
      const open = (entityIds: readonly string[]) => describerOf({ db, home, entityIds });
      return (await prefetchContexts({ habits, open, parallel: PARALLEL, signal, log })).lookUps;
    });
    return { before, now };
  } finally {
    await store.close();
  }
}

async function counting(db: Database, work: (db: Database) => Promise<number>): Promise<Counts> {
  let statements = 0;
  const counted: Database = {
    ...db,
    get: (sql, params) => {
      statements += 1;
      return db.get(sql, params);
    },
    all: (sql, params) => {
      statements += 1;
      return db.all(sql, params);
    },
  };
  return { devices: await work(counted), statements };
}
