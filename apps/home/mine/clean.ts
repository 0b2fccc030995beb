import { type EventSeries, IS_MACHINE } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";
import { DAY_MINUTES, habitDay } from "./calendar.ts";
import { Growing, byte, float, lowerBound, whole } from "./columns.ts";
import { isActuator, isMissingState, isRestState, isSilent } from "./entity-kind.ts";

/** An entity with more states than this is a measurement or a label, not something that is switched. */
const MOST_STATES = 12;
/** Only so many of the latest events are looked at: mining takes about 300 bytes for each. */
const MOST_EVENTS = 2_000_000;
const ABSENCE_SHARE = 0.1;
const CHATTER_MS = 120_000;
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const NONE = 0xffff_ffff;

/** What is left of a series: true changes of state, oldest first. */
export interface Changes {
  readonly series: EventSeries;
  /** Rows of the series that were looked at. */
  readonly events: number;
  /** Milliseconds since the epoch, UTC. */
  readonly at: Float64Array;
  /** Minutes of the wall clock since 1970-01-01. */
  readonly wall: Float64Array;
  readonly entity: Uint32Array;
  readonly state: Uint32Array;
  /** 1 where a person may have made the change; 0 where an automation, a script or a start-up did. */
  readonly byPerson: Uint8Array;
  /** The habit day of the first event, and for each from there to the last event whether somebody lived there. */
  readonly firstDay: number;
  readonly lived: Uint8Array;
  /** The instant of a wall-clock minute. */
  readonly toAt: (wall: number) => number;
  /** Wall-clock minutes of the first and the last event. */
  readonly startWall: number;
  readonly endWall: number;
}

export interface CleanOptions {
  /** IANA name of the home's time zone. */
  readonly zone: string;
  /** Events from this instant on are not looked at, in milliseconds since the epoch. */
  readonly until: number;
  /** Whether chatter is taken out. Default true; without it every change stays that an automation would see. */
  readonly isDebounced?: boolean;
}

/**
 * Reduces a series to changes of state: unavailable and unknown readings, repeats, measurements and chatter go; a sensor's on-phases less
 * than two minutes apart become one. What machines did stays as a change, because it says which state follows, but is marked.
 */
export function clean(series: EventSeries, { zone: zoneName, until, isDebounced = true }: CleanOptions): Changes {
  const isMined = entitiesWithFewStates(series);
  const isMissing = Uint8Array.from(series.states, (state) => Number(isMissingState(state)));
  const isRest = Uint8Array.from(series.states, (state) => Number(isRestState(state)));
  const chatters = Uint8Array.from(series.entities, ({ id }) => Number(isDebounced && !isActuator(id)));

  const row = new Growing((length) => new Uint32Array(length));
  const wall = new Growing((length) => new Float64Array(length));
  const dropped = new Growing((length) => new Uint8Array(length));
  const current = new Uint32Array(series.entities.length).fill(NONE);
  const lastChange = new Uint32Array(series.entities.length).fill(NONE);
  const isActiveBefore = new Uint8Array(series.entities.length);
  const toWall = wallClock(zoneName);
  let startWall = Number.NaN;
  let endWall = Number.NaN;
  let events = 0;

  const end = lowerBound(series.at, until);
  for (let index = Math.max(0, end - MOST_EVENTS); index < end; index++) {
    const at = float(series.at, index);
    const minute = toWall(at);
    if (Number.isNaN(startWall)) startWall = minute;
    endWall = minute;
    events++;
    const entity = whole(series.entity, index);
    const state = whole(series.state, index);
    if (isMined[entity] === 0 || isMissing[state] === 1 || current[entity] === state) continue;
    const previous = whole(lastChange, entity);
    const wasOffBriefly =
      chatters[entity] === 1 &&
      previous !== NONE &&
      isRest[state] === 0 &&
      isRest[whole(current, entity)] === 1 &&
      isActiveBefore[entity] === 1 &&
      at - float(series.at, row.get(previous)) < CHATTER_MS;
    isActiveBefore[entity] = Number(current[entity] !== NONE && isRest[whole(current, entity)] === 0);
    current[entity] = state;
    if (wasOffBriefly) {
      dropped.set(previous, 1);
      isActiveBefore[entity] = 0;
      lastChange[entity] = NONE;
      continue;
    }
    lastChange[entity] = row.length;
    row.push(index);
    wall.push(minute);
    dropped.push(0);
  }
  const zone = openZone(zoneName);
  return compact(
    { series, row: row.toArray(), wall: wall.toArray(), dropped: dropped.toArray() },
    {
      events,
      startWall: Number.isNaN(startWall) ? 0 : startWall,
      endWall: Number.isNaN(endWall) ? 0 : endWall,
      toAt: (minute) => zone.instant(minute * 60_000),
    },
  );
}

interface Rows {
  readonly series: EventSeries;
  readonly row: Uint32Array;
  readonly wall: Float64Array;
  readonly dropped: Uint8Array;
}

function compact(
  { series, row, wall, dropped }: Rows,
  span: Pick<Changes, "events" | "startWall" | "endWall" | "toAt">,
): Changes {
  let kept = 0;
  for (const isDropped of dropped) kept += 1 - isDropped;
  const changes = {
    series,
    at: new Float64Array(kept),
    wall: new Float64Array(kept),
    entity: new Uint32Array(kept),
    state: new Uint32Array(kept),
    byPerson: new Uint8Array(kept),
    ...span,
    firstDay: habitDay(span.startWall),
  };
  let next = 0;
  for (let index = 0; index < row.length; index++) {
    if (dropped[index] === 1) continue;
    const source = whole(row, index);
    changes.at[next] = float(series.at, source);
    changes.wall[next] = float(wall, index);
    changes.entity[next] = whole(series.entity, source);
    changes.state[next] = whole(series.state, source);
    changes.byPerson[next] = 1 - byte(IS_MACHINE, byte(series.cause, source));
    next++;
  }
  return {
    ...changes,
    lived: livedDays(changes, span.events === 0 ? 0 : habitDay(span.endWall) - changes.firstDay + 1),
  };
}

/** Marks the entities that have 2 to 12 states, at most two of them numbers. */
function entitiesWithFewStates({ entity, state, entities, states }: EventSeries): Uint8Array {
  const isNumber = states.map((text) => text.trim() !== "" && Number.isFinite(Number(text)));
  const found: number[][] = entities.map(() => []);
  for (let index = 0; index < entity.length; index++) {
    const known = found[whole(entity, index)];
    const value = whole(state, index);
    if (known === undefined || known.length > MOST_STATES || known.includes(value)) continue;
    known.push(value);
  }
  return Uint8Array.from(entities, ({ id }, index) => {
    const known = (found[index] ?? []).filter((value) => !isMissingState(states[value] ?? ""));
    const numbers = known.filter((value) => isNumber[value]).length;
    return Number(known.length >= 2 && known.length <= MOST_STATES && numbers <= 2 && !isSilent(id));
  });
}

/**
 * Converts rising instants to wall-clock minutes. The zone is asked once for each day of UTC, or where its offset changes within one, for
 * each quarter of an hour.
 */
function wallClock(zoneName: string): (at: number) => number {
  const zone = openZone(zoneName);
  let validFrom = Number.POSITIVE_INFINITY;
  let validUntil = Number.NEGATIVE_INFINITY;
  let offset = 0;
  return (at) => {
    if (at < validFrom || at >= validUntil) {
      const isSteady = offsetAt(startOf(at, DAY_MS)) === offsetAt(startOf(at, DAY_MS) + DAY_MS);
      const length = isSteady ? DAY_MS : QUARTER_MS;
      validFrom = startOf(at, length);
      validUntil = validFrom + length;
      offset = offsetAt(validFrom);
    }
    return at / 60_000 + offset;
  };

  function offsetAt(at: number): number {
    const { day, minute } = zone.local(at);
    return Math.round(day * DAY_MINUTES + minute - at / 60_000);
  }
}

function startOf(at: number, length: number): number {
  return Math.floor(at / length) * length;
}

/** Nobody is at home, or nothing is recorded, on a day with less than a tenth of the changes of a usual one. */
function livedDays(
  { wall, byPerson, firstDay }: Pick<Changes, "wall" | "byPerson" | "firstDay">,
  days: number,
): Uint8Array {
  const counts = new Uint32Array(days);
  for (let index = 0; index < wall.length; index++) {
    const day = habitDay(float(wall, index)) - firstDay;
    counts[day] = whole(counts, day) + byte(byPerson, index);
  }
  const usual = counts.filter((count) => count > 0).sort();
  const fewest = ABSENCE_SHARE * whole(usual, usual.length >> 1);
  return Uint8Array.from(counts, (count) => Number(count > 0 && count >= fewest));
}
