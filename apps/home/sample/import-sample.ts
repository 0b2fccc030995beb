import type { Clock, Database } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { openZone } from "../domain/zone.ts";
import { EntityKeys } from "../events/entities.ts";
import { findHome, openHome } from "../events/homes.ts";
import { beginReading } from "../events/reading.ts";
import { getSource, putSource, type SourceState } from "../events/sources.ts";
import { storeEvents } from "../events/store-events.ts";
import { sampleHome } from "./sample-home.ts";

const HOME = "sample";
const WEEKS = 8;
const DAY_MS = 86_400_000;
const EVENTS_AT_ONCE = 4_000;

export interface ImportSampleParams {
  readonly db: Database;
  readonly clock: Clock;
  /** Another seed is another household, and so another home: the first is called `sample`, a later one `sample-<seed>`. */
  readonly seed: number;
  /** IANA name of the household's clocks; a sample home that is there already keeps its own. */
  readonly timezone: string;
  /** The run that reads, as for an event file. */
  readonly runId?: string;
}

export interface ImportSampleResult {
  readonly home: string;
  readonly timezone: string;
  /** Events that are new to the table. */
  readonly events: number;
  /** Events that were there before. */
  readonly known: number;
  readonly skipped: number;
}

/** Lets the sample home live up to now: its last eight weeks at first, later what has happened since. */
export async function importSample(params: ImportSampleParams): Promise<ImportSampleResult> {
  const { db, clock, seed, timezone, runId } = params;
  const path = `sample:${seed}`;
  const name = await nameFor(db, seed, path);
  const zone = (await findHome(db, name))?.timezone ?? timezone;
  const home = await openHome({ db, clock, name, timezone: zone, isSample: true });
  const reading = await beginReading({ db, home: home.key, runId });
  const before = await getSource(db, home.key, path);
  const until = clock.now();
  const from = before === undefined ? eightWeeksBefore(until, zone) : Number(before.mark);
  const { events } = sampleHome({ seed, timezone: zone, from, until });
  const entities = await EntityKeys.open(db, home.key);
  let lived = 0;
  let added = 0;
  for (const batch of batchesOf(events)) {
    lived += batch.length;
    added += await storeEvents({ db, home: home.key, entities, events: batch });
  }
  const known = (before?.events ?? 0) + lived - added;
  const state = stateOf(Math.max(from, until), known + added);
  await putSource({ db, home: home.key, path, state, now: until });
  return { home: name, timezone: zone, events: await reading.added(added), known, skipped: 0 };
}

async function nameFor(db: Database, seed: number, path: string): Promise<string> {
  const home = await findHome(db, HOME);
  const isOurs = home === undefined || (home.isSample && (await getSource(db, home.key, path)) !== undefined);
  return isOurs ? HOME : `${HOME}-${seed}`;
}

/** Midnight, so that the first day is a whole one. */
function eightWeeksBefore(now: number, timezone: string): number {
  const zone = openZone(timezone);
  return zone.instant((zone.local(now).day - WEEKS * 7) * DAY_MS);
}

function* batchesOf(events: Iterable<HomeEvent>): Generator<readonly HomeEvent[], undefined> {
  let batch: HomeEvent[] = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length === EVENTS_AT_ONCE) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function stateOf(until: number, events: number): SourceState {
  const tail = { events: [], isOwn: false };
  return { stamp: "sample", mark: String(until), events, skipped: 0, tail, tailSkipped: 0, firstSkipped: [] };
}
