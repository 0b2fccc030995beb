import { type Clock, type Database, MillraceError } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { isTimezone, openZone } from "../domain/zone.ts";
import type { EventFile } from "../ingest/event-file.ts";
import { type EventPlace, toEventPlace, withoutPassword } from "../ingest/event-place.ts";
import { openEventFile, stampOf } from "../ingest/open-event-file.ts";
import { entitiesOf, EntityKeys } from "./entities.ts";
import { findHome, type Home, inZone, openHome } from "./homes.ts";
import { beginReading } from "./reading.ts";
import { getSource, putSource, type SkippedLine, type SourceState } from "./sources.ts";
import { removeEvents, storeEvents } from "./store-events.ts";
import { Tally } from "./tally.ts";

export interface ImportProgress {
  /** Events and malformed lines of the file so far, those of earlier readings included. */
  readonly events: number;
  readonly skipped: number;
  /** How much of the file has been looked at, 0 to 1. */
  readonly fraction: number;
}

export interface ImportFileParams {
  readonly db: Database;
  /** Name of the home the events belong to; founded when it is new. */
  readonly home: string;
  readonly path: EventPlace;
  /** IANA name of the zone in which times without an offset were written. */
  readonly timezone: string;
  readonly clock: Clock;
  /** The run that reads. Reading again under the same id, after its process died, counts what was added before as well. */
  readonly runId?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportResult {
  /** Events that are new to the table. */
  readonly added: number;
  /** Events of the file that the table had already. `added + known` are all the file's events. */
  readonly known: number;
  /** Malformed lines of the whole file, those of earlier readings included. */
  readonly skipped: number;
  /** The first of them, at most 20. */
  readonly firstSkipped: readonly SkippedLine[];
  /** Entities of the home. */
  readonly entities: number;
}

/**
 * Reads what is new in an event file into the table. A file that has not changed is not read; one that has grown is read from where the last
 * reading ended; any other change reads it whole, which adds only what is missing. Throws EVENTS_UNREADABLE for a file that
 * cannot be read, TIMEZONE_INVALID, and INPUT_INVALID for a home that stands under another time zone.
 */
export async function importFile(params: ImportFileParams): Promise<ImportResult> {
  const { db, clock, runId } = params;
  const timezone = requireTimezone(params.timezone);
  const place = toEventPlace(params.path);
  const path = withoutPassword(place);
  const stamp = await stampOf(place);
  const known = await findHome(db, params.home);
  const before = known === undefined ? undefined : await getSource(db, inZone(known, timezone).key, path);
  if (known !== undefined && before?.stamp === stamp) {
    const reading = await beginReading({ db, home: known.key, runId });
    const entities = await entitiesOf(db, known.key);
    return resultOf({ state: before, added: await reading.added(0), entities: entities.length });
  }

  await using file = await openEventFile({ path: place, zone: openZone(timezone) });
  const home = known ?? (await openHome({ db, clock, name: params.home, timezone }));
  const reading = await beginReading({ db, home: home.key, runId });
  const entities = await EntityKeys.open(db, home.key);
  const { state, added } = await readInto({ ...params, file, stamp, before, into: home, entities });
  await putSource({ db, home: home.key, path, state, now: clock.now() });
  return resultOf({ state, added: await reading.added(added), entities: entities.count });
}

interface ReadIntoParams extends ImportFileParams {
  readonly file: EventFile;
  readonly stamp: string;
  readonly before: SourceState | undefined;
  readonly into: Home;
  readonly entities: EntityKeys;
}

async function readInto(params: ReadIntoParams): Promise<{ readonly state: SourceState; readonly added: number }> {
  const { db, file, stamp, before, into, entities, signal, onProgress } = params;
  const { key: home, keptSince } = into;
  const isResumed = before !== undefined && before.mark !== "" && (await file.resume(before.mark));
  const tally = new Tally(isResumed ? before : undefined);
  let unsure = isResumed && before.tail.isOwn ? before.tail.events : [];
  let added = 0;
  for await (const batch of file.batches(signal)) {
    const events = tally.add(batch).filter(({ at }) => at >= keptSince);
    await removeEvents({ db, home, entities, events: missing(unsure, events) });
    unsure = [];
    const stored = await storeEvents({ db, home, entities, events });
    // A last line that is merely read again was this file's own already.
    if (batch.isTail) tally.ownTail(stored === events.length || before?.tail.isOwn === true);
    added += stored;
    onProgress?.({ events: tally.events, skipped: tally.skipped, fraction: batch.fraction });
  }
  await removeEvents({ db, home, entities, events: unsure });
  return { state: tally.state(stamp, file.mark()), added };
}

/** Events that an unfinished last line gave and its finished form does not. */
function missing(unsure: readonly HomeEvent[], events: readonly HomeEvent[]): readonly HomeEvent[] {
  if (unsure.length === 0) return [];
  const found = new Set(events.map(keyOf));
  return unsure.filter((event) => !found.has(keyOf(event)));
}

function keyOf({ at, entityId, state }: HomeEvent): string {
  return JSON.stringify([at, entityId, state]);
}

interface ResultParts {
  readonly state: SourceState;
  readonly added: number;
  readonly entities: number;
}

function resultOf({ state, added, entities }: ResultParts): ImportResult {
  return {
    added,
    known: state.events + state.tail.events.length - added,
    skipped: state.skipped + state.tailSkipped,
    firstSkipped: state.firstSkipped,
    entities,
  };
}

function requireTimezone(timezone: string): string {
  if (isTimezone(timezone)) return timezone;
  throw new MillraceError("TIMEZONE_INVALID", `"${timezone}" is not a known time zone.`, { facts: { timezone } });
}
