import { type Database, number, numberOrNull, type Row, text, textOrNull } from "millrace";
import type { Place } from "../domain/sun.ts";
import type { HomeFacts } from "./home-config.ts";

export type LinkState = "connected" | "refused" | "unreachable" | "closed";

/** How the connection to a home stands, and what the home says about itself. */
export interface Link {
  readonly home: string;
  readonly url: string;
  readonly version: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly temperatureUnit: string;
  readonly state: LinkState;
  /** Why it is not connected. */
  readonly problem: string | null;
  readonly changedAt: number;
  /** Up to when its history was read; null: never. */
  readonly readUntil: number | null;
}

export const SOURCE = "home-assistant";

const PUT = `
  insert into home_links (home, url, version, latitude, longitude, temperature_unit, state, problem, changed_at)
  values (:home, :url, :version, :latitude, :longitude, :temperature_unit, 'connected', null, :now)
  on conflict (home) do update set url = excluded.url, version = excluded.version, latitude = excluded.latitude,
    longitude = excluded.longitude, temperature_unit = excluded.temperature_unit, state = 'connected', problem = null,
    changed_at = excluded.changed_at`;

const SET_STATE = "update home_links set state = :state, problem = :problem, changed_at = :now where home = :home";

const LIST = `
  select h.name as home_name, l.*, c.read_until from home_links l
  join homes h on h.key = l.home
  left join home_cursors c on c.home = l.home and c.source = '${SOURCE}'
  order by h.name`;

const CURSOR = "select read_until from home_cursors where home = :home and source = :source";
const MOVE = `
  insert into home_cursors (home, source, read_until) values (:home, :source, :until)
  on conflict (home, source) do update set read_until = excluded.read_until
  where excluded.read_until > home_cursors.read_until`;
const GAP = `
  insert into home_gaps (home, from_at, until_at, reason) values (:home, :from, :until, :reason)
  on conflict (home, from_at) do nothing`;
const PLACE = `
  select l.latitude, l.longitude from home_links l join homes h on h.key = l.home
  where h.name = :home and not (l.latitude = 0 and l.longitude = 0)`;
const SET_ZONE = "update homes set timezone = :timezone where key = :home";

export interface PutLinkParams {
  readonly home: number;
  readonly url: string;
  readonly facts: HomeFacts;
  readonly now: number;
}

/** Notes that a home is connected, and what it is like. */
export async function putLink(db: Database, { home, url, facts, now }: PutLinkParams): Promise<void> {
  const { version, latitude, longitude, temperatureUnit: temperature_unit } = facts;
  await db.write([{ sql: PUT, params: { home, url, version, latitude, longitude, temperature_unit, now } }]);
}

export interface LinkStateParams {
  readonly home: number;
  readonly state: LinkState;
  readonly problem: string | null;
  readonly now: number;
}

export async function setLinkState(db: Database, params: LinkStateParams): Promise<void> {
  await db.write([{ sql: SET_STATE, params: { ...params } }]);
}

export async function listLinks(db: Database): Promise<readonly Link[]> {
  return (await db.all(LIST)).map(toLink);
}

/** Where a home says that it lies; undefined: it has no Home Assistant, or one that was never told (0° north, 0° east). */
export async function placeOf(db: Database, home: string): Promise<Place | undefined> {
  const row = await db.get(PLACE, { home });
  return row && { latitude: number(row, "latitude"), longitude: number(row, "longitude") };
}

/** Up to when the history was read; undefined: never. */
export async function readUntil(db: Database, home: number): Promise<number | undefined> {
  const row = await db.get(CURSOR, { home, source: SOURCE });
  return row === undefined ? undefined : number(row, "read_until");
}

/** Moves on, never back. */
export async function moveReadUntil(db: Database, home: number, until: number): Promise<void> {
  await db.write([{ sql: MOVE, params: { home, source: SOURCE, until } }]);
}

export interface GapParams {
  readonly home: number;
  readonly from: number;
  readonly until: number;
  readonly reason: "purged" | "down";
}

/** Remembers a span of which nothing is known. */
export async function addGap(db: Database, { home, from, until, reason }: GapParams): Promise<void> {
  if (until > from) await db.write([{ sql: GAP, params: { home, from, until, reason } }]);
}

/** A home that moved to another zone keeps its history, which is stored as instants: only its clock reads differently from now on. */
export async function setZone(db: Database, home: number, timezone: string): Promise<void> {
  await db.write([{ sql: SET_ZONE, params: { home, timezone } }]);
}

function toLink(row: Row): Link {
  return {
    home: text(row, "home_name"),
    url: text(row, "url"),
    version: text(row, "version"),
    latitude: number(row, "latitude"),
    longitude: number(row, "longitude"),
    temperatureUnit: text(row, "temperature_unit"),
    state: text(row, "state") as LinkState,
    problem: textOrNull(row, "problem"),
    changedAt: number(row, "changed_at"),
    readUntil: numberOrNull(row, "read_until"),
  };
}
