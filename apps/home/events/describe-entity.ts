import { type Database, MillraceError, number, numberOrNull, type Row, text, textOrNull } from "millrace";
import { openZone, type Zone } from "../domain/zone.ts";
import { requireHome } from "./homes.ts";

const MOST_STATES = 5;
const LATEST = 2_000;
/** An hour is typical that holds at least twice an even share. */
const TYPICAL_SHARE = 2 / 24;
const MOST_HOURS = 6;

const GET = `
  select key, id, area, device_class from home_entities
  where home = :home and id in (select value from json_each(:ids))`;

/** Changes alone: without gaps, and without what repeats the state before. */
const CHANGES = `
  select state, at from (
    select state, at, lag(state) over (order by at, state) as previous from home_events
    where entity = :entity and state not in ('', 'unavailable', 'unknown')
  ) as seen where previous is null or previous <> state`;

export const COUNTS = `
  select state, count(*) as count, min(at) as first_at, max(at) as last_at from (${CHANGES}) as changes
  group by state order by count(*) desc, state`;

export const TIMES = `
  select at from home_events
  where entity = :entity and state not in ('', 'unavailable', 'unknown') order by at desc, state desc limit :limit`;

/** What a home's history says about one entity. */
export interface EntityDescription {
  readonly entityId: string;
  readonly area: string | null;
  readonly deviceClass: string | null;
  /** The states it went to most often and how often, at most five. */
  readonly states: Readonly<Record<string, number>>;
  /** All changes of its state. */
  readonly changes: number;
  /** Milliseconds since the epoch; null while it never changed. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Hours of the local day (0 to 23) in which most of its latest changes fell, in the order of the day, at most six. */
  readonly typicalHours: readonly number[];
}

export interface DescribeEntitiesParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  /** Those that will be asked for. */
  readonly entityIds: readonly string[];
}

/** Sums up an entity's history. Throws NOT_FOUND for an entity that is not known. */
export type DescribeEntity = (entityId: string) => Promise<EntityDescription>;

/** Reads once what all of these entities have in common, so that each costs two reads of the database and not four. Throws NOT_FOUND for a home that is not known. */
export async function describerOf({ db, home, entityIds }: DescribeEntitiesParams): Promise<DescribeEntity> {
  const { key, timezone } = await requireHome(db, home);
  const zone = openZone(timezone);
  const found = await db.all(GET, { home: key, ids: JSON.stringify(entityIds) });
  const rows = new Map(found.map((row) => [text(row, "id"), row]));
  return async (entityId) => {
    const row = rows.get(entityId);
    if (row !== undefined) return await describeRow(db, row, zone);
    throw new MillraceError("NOT_FOUND", `The home "${home}" has no entity ${entityId}.`, {
      facts: { home, entityId },
    });
  };
}

export interface DescribeEntityParams {
  readonly db: Database;
  /** The home's name. */
  readonly home: string;
  readonly entityId: string;
}

/** Sums up one entity's history. Throws NOT_FOUND for a home or an entity that is not known. */
export async function describeEntity({ db, home, entityId }: DescribeEntityParams): Promise<EntityDescription> {
  return (await describerOf({ db, home, entityIds: [entityId] }))(entityId);
}

async function describeRow(db: Database, row: Row, zone: Zone): Promise<EntityDescription> {
  const entity = number(row, "key");
  const counts = (await db.all(COUNTS, { entity })).map((count) => ({
    state: text(count, "state"),
    count: number(count, "count"),
    firstAt: numberOrNull(count, "first_at") ?? 0,
    lastAt: numberOrNull(count, "last_at") ?? 0,
  }));
  const times = await db.all(TIMES, { entity, limit: LATEST });
  return {
    entityId: text(row, "id"),
    area: textOrNull(row, "area"),
    deviceClass: textOrNull(row, "device_class"),
    states: Object.fromEntries(counts.slice(0, MOST_STATES).map(({ state, count }) => [state, count])),
    changes: counts.reduce((sum, { count }) => sum + count, 0),
    firstAt: counts.length === 0 ? null : Math.min(...counts.map(({ firstAt }) => firstAt)),
    lastAt: counts.length === 0 ? null : Math.max(...counts.map(({ lastAt }) => lastAt)),
    typicalHours: typicalHours(
      times.map((time) => number(time, "at")),
      zone,
    ),
  };
}

function typicalHours(times: readonly number[], zone: Zone): readonly number[] {
  const counts = new Map<number, number>();
  for (const at of times) {
    const hour = Math.floor(zone.local(at).minute / 60);
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= times.length * TYPICAL_SHARE)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_HOURS)
    .map(([hour]) => hour)
    .sort((a, b) => a - b);
}
