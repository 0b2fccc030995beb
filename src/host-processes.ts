import type { Clock } from "./core/clock.ts";
import type { Log } from "./core/log.ts";
import { number } from "./store/row.ts";
import type { Database } from "./store/store.ts";

export interface ProcessesOptions {
  readonly db: Database;
  readonly id: string;
  readonly role: string;
  /** It looks and goes: others are counted, and do not count it. */
  readonly isVisitor: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears that there are more or fewer. */
  readonly onChange: () => void;
}

/** The processes that live on one Postgres database. */
export interface Processes {
  /** At least this one. */
  count(): number;
  close(): Promise<void>;
}

const BEAT_MS = 5_000;
/** A process that was not heard of for so long is gone, in milliseconds. */
const GONE_MS = 15_000;
const BEAT = `
  insert into processes (id, role, seen_at) values (:id, :role, millrace_now())
  on conflict (id) do update set seen_at = excluded.seen_at`;
const BURY = "delete from processes where seen_at < millrace_now() - 600000";
const LIVE = "select count(*) as live from processes where seen_at >= millrace_now() - :gone";
const LEAVE = "delete from processes where id = :id";

/** Beats from now on, so that others know of this process, and counts them. While the database is away the last count stands. */
export async function watchProcesses(options: ProcessesOptions): Promise<Processes> {
  const { db, id, role, isVisitor, clock, log, onChange } = options;
  const closing = new AbortController();
  let count = 1;

  /** Whether there are more or fewer than before. */
  async function beat(): Promise<boolean> {
    if (!isVisitor) await db.write([{ sql: BEAT, params: { id, role } }, { sql: BURY }]);
    const row = await db.get(LIVE, { gone: GONE_MS });
    const before = count;
    count = Math.max(1, row === undefined ? 1 : number(row, "live"));
    return count !== before;
  }

  async function beatUntilClosed(): Promise<void> {
    for (;;) {
      await clock.sleep(BEAT_MS, closing.signal).catch(() => undefined);
      if (closing.signal.aborted) return;
      try {
        if (await beat()) onChange();
      } catch (error) {
        log.debug({ error }, "this process could not say that it lives");
      }
    }
  }

  await beat();
  const beating = beatUntilClosed();
  return {
    count: () => count,
    async close() {
      closing.abort();
      await beating;
      if (!isVisitor) await db.write([{ sql: LEAVE, params: { id } }]).catch(() => undefined);
    },
  };
}
