import { type Database, MillraceError, number } from "millrace";
import type { ActivityView } from "../api.ts";
import { WEEKDAYS } from "../domain/rule.ts";
import { openZone } from "../domain/zone.ts";
import { requireHome } from "../events/homes.ts";

/** Changes that are looked at, the latest first. */
const MOST_CHANGES = 20_000;

const KEY = "select key from home_entities where home = :home and id = :id";

export const CHANGES = `
  select at from home_events
  where entity = :entity and state not in ('', 'unavailable', 'unknown') order by at desc, state desc limit :limit`;

/** Counts a device's changes by weekday and hour of the home's clock. Throws NOT_FOUND for a home or a device that is not known. */
export async function activityOf(db: Database, home: string, entityId: string): Promise<ActivityView> {
  const { key, timezone } = await requireHome(db, home);
  const row = await db.get(KEY, { home: key, id: entityId });
  if (row === undefined) {
    throw new MillraceError("NOT_FOUND", `The home "${home}" has no entity ${entityId}.`, {
      facts: { home, entityId },
    });
  }
  const times = (await db.all(CHANGES, { entity: number(row, "key"), limit: MOST_CHANGES })).map((each) =>
    number(each, "at"),
  );
  const zone = openZone(timezone);
  const hours = WEEKDAYS.map(() => Array.from({ length: 24 }, () => 0));
  for (const at of times) {
    const { day, minute } = zone.local(at);
    // Day 0, 1970-01-01, was a Thursday.
    const ofDay = hours[(((day + 3) % 7) + 7) % 7];
    const hour = Math.floor(minute / 60);
    if (ofDay !== undefined) ofDay[hour] = (ofDay[hour] ?? 0) + 1;
  }
  const [last, first] = [times[0], times.at(-1)];
  return {
    entityId,
    changes: times.length,
    from: first === undefined ? null : new Date(first).toISOString(),
    until: last === undefined ? null : new Date(last).toISOString(),
    weekdays: WEEKDAYS.map((day, index) => ({ day, hours: hours[index] ?? [] })),
  };
}
