import { type Clock, type Database, MillraceError, number, numberOrNull, type Row, text } from "millrace";

/** A home as the tables know it. */
export interface Home {
  readonly key: number;
  readonly name: string;
  /** IANA name; fixed when the home's first events came in. */
  readonly timezone: string;
  /** True for the made-up home. */
  readonly isSample: boolean;
  /** Milliseconds since the epoch: older events were forgotten and are not stored again. */
  readonly keptSince: number;
}

export interface HomeSummary extends Home {
  readonly events: number;
  readonly entities: number;
  /** Milliseconds since the epoch; null while there are no events. */
  readonly firstEventAt: number | null;
  readonly lastEventAt: number | null;
}

const GET = "select key, name, timezone, is_sample, kept_since from homes where name = :name";

const ADD = `
  insert into homes (key, name, timezone, is_sample, created_at)
  select coalesce(max(key), 0) + 1, :name, :timezone, :is_sample, :created_at from homes where true
  on conflict (name) do nothing`;

const LIST = `
  select h.key, h.name, h.timezone, h.is_sample, h.kept_since,
    (select count(*) from home_events e where e.home = h.key) as events,
    (select count(*) from home_entities n where n.home = h.key) as entities,
    (select min(at) from home_events e where e.home = h.key) as first_event_at,
    (select max(at) from home_events e where e.home = h.key) as last_event_at
  from homes h order by h.name`;

/** Finds a home by its name. */
export async function findHome(db: Database, name: string): Promise<Home | undefined> {
  const row = await db.get(GET, { name });
  return row === undefined ? undefined : toHome(row);
}

/** Finds a home by its name. Throws NOT_FOUND when there is none. */
export async function requireHome(db: Database, name: string): Promise<Home> {
  const home = await findHome(db, name);
  if (home !== undefined) return home;
  throw new MillraceError("NOT_FOUND", `There is no home called "${name}".`, {
    facts: { home: name },
    advice: "List the homes at /api/home/homes; a home comes into being when its first event file is read.",
  });
}

export interface OpenHomeParams {
  readonly db: Database;
  readonly clock: Clock;
  readonly name: string;
  readonly timezone: string;
  readonly isSample?: boolean;
}

/** Finds a home or founds it. Throws INPUT_INVALID when it stands under another time zone. */
export async function openHome({ db, clock, name, timezone, isSample = false }: OpenHomeParams): Promise<Home> {
  const known = await findHome(db, name);
  if (known !== undefined) return inZone(known, timezone);
  const params = { name, timezone, is_sample: isSample ? 1 : 0, created_at: clock.now() };
  await db.write([{ sql: ADD, params }]);
  return inZone(await requireHome(db, name), timezone);
}

/** Gives the home back. Throws INPUT_INVALID when it stands under another time zone. */
export function inZone(home: Home, timezone: string): Home {
  if (home.timezone !== timezone) throw otherZone(home, timezone);
  return home;
}

/** Lists the homes in order of their names. */
export async function listHomes({ db }: { readonly db: Database }): Promise<readonly HomeSummary[]> {
  return (await db.all(LIST)).map(toSummary);
}

function toSummary(row: Row): HomeSummary {
  return {
    ...toHome(row),
    events: number(row, "events"),
    entities: number(row, "entities"),
    firstEventAt: numberOrNull(row, "first_event_at"),
    lastEventAt: numberOrNull(row, "last_event_at"),
  };
}

function toHome(row: Row): Home {
  return {
    key: number(row, "key"),
    name: text(row, "name"),
    timezone: text(row, "timezone"),
    isSample: number(row, "is_sample") === 1,
    keptSince: number(row, "kept_since"),
  };
}

function otherZone({ name, timezone: first }: Home, asked: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `The home "${name}" was read in the time zone ${first}, not ${asked}.`, {
    facts: { home: name, timezone: first, asked },
    advice: `Give --timezone ${first}, or give the home another name.`,
    isRetryable: false,
  });
}
