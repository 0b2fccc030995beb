import { type Database, json, number, text } from "millrace";
import type { HomeEvent } from "../domain/event.ts";

export interface SkippedLine {
  readonly line: number;
  readonly reason: string;
}

export interface Tail {
  readonly events: readonly HomeEvent[];
  /** Whether the table owes these events to this line alone. */
  readonly isOwn: boolean;
}

/** How far an event file was read. */
export interface SourceState {
  /** What could be seen of the file from outside when it was last read. */
  readonly stamp: string;
  /** Where to go on; empty: at the start. */
  readonly mark: string;
  /** Events and malformed lines before the mark. */
  readonly events: number;
  readonly skipped: number;
  /** What a last line without an end gave. It may have been in the writing, so it is looked at again. */
  readonly tail: Tail;
  readonly tailSkipped: number;
  /** The first malformed lines of all. */
  readonly firstSkipped: readonly SkippedLine[];
}

const GET = "select * from home_sources where home = :home and path = :path";

const PUT = `
  insert into home_sources
    (home, path, stamp, mark, events, skipped, tail, tail_skipped, first_skipped, read_at)
  values (:home, :path, :stamp, :mark, :events, :skipped, :tail, :tail_skipped, :first_skipped, :read_at)
  on conflict (home, path) do update set
    stamp = excluded.stamp, mark = excluded.mark, events = excluded.events, skipped = excluded.skipped,
    tail = excluded.tail, tail_skipped = excluded.tail_skipped, first_skipped = excluded.first_skipped,
    read_at = excluded.read_at`;

/** Reads how far a file was read for a home; undefined when it never was. */
export async function getSource(db: Database, home: number, path: string): Promise<SourceState | undefined> {
  const row = await db.get(GET, { home, path });
  if (row === undefined) return undefined;
  return {
    stamp: text(row, "stamp"),
    mark: text(row, "mark"),
    events: number(row, "events"),
    skipped: number(row, "skipped"),
    tail: json<Tail>(row, "tail"),
    tailSkipped: number(row, "tail_skipped"),
    firstSkipped: json<readonly SkippedLine[]>(row, "first_skipped"),
  };
}

export interface PutSourceParams {
  readonly db: Database;
  readonly home: number;
  readonly path: string;
  readonly state: SourceState;
  readonly now: number;
}

/** Records how far a file was read. */
export async function putSource({ db, home, path, state, now }: PutSourceParams): Promise<void> {
  const params = {
    home,
    path,
    stamp: state.stamp,
    mark: state.mark,
    events: state.events,
    skipped: state.skipped,
    tail: JSON.stringify(state.tail),
    tail_skipped: state.tailSkipped,
    first_skipped: JSON.stringify(state.firstSkipped),
    read_at: now,
  };
  await db.write([{ sql: PUT, params }]);
}
