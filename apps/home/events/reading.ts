import { type Database, number } from "millrace";

const GET = "select events_before from home_readings where home = :home and run_id = :run_id";

const BEGIN = `
  insert into home_readings (home, run_id, events_before)
  select :home, :run_id, count(*) from home_events where home = :home
  on conflict (home) do update set run_id = excluded.run_id, events_before = excluded.events_before`;

const COUNT = "select count(*) as events from home_events where home = :home";

export interface ReadingParams {
  readonly db: Database;
  /** The home's key. */
  readonly home: number;
  /** Undefined: nobody goes on with this reading if it is cut off. */
  readonly runId: string | undefined;
}

/** A run's reading into a home, which may be its second try. */
export interface Reading {
  /** Gives how many events the run added, given how many this try added. */
  added(now: number): Promise<number>;
}

/** Begins to read, or goes on with what an earlier try of the same run began before its process died. */
export async function beginReading({ db, home, runId }: ReadingParams): Promise<Reading> {
  if (runId === undefined) return { added: (now) => Promise.resolve(now) };
  const earlier = await db.get(GET, { home, run_id: runId });
  if (earlier !== undefined) {
    const before = number(earlier, "events_before");
    return { added: async () => Math.max(0, (await countEvents(db, home)) - before) };
  }
  await db.write([{ sql: BEGIN, params: { home, run_id: runId } }]);
  return { added: (now) => Promise.resolve(now) };
}

async function countEvents(db: Database, home: number): Promise<number> {
  const row = await db.get(COUNT, { home });
  return row === undefined ? 0 : number(row, "events");
}
