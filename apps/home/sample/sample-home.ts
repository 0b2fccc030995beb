import type { HomeEvent } from "../domain/event.ts";
import type { Entity } from "../domain/series.ts";
import { openZone, type Zone } from "../domain/zone.ts";
import { automations } from "./automations.ts";
import { isAway, isWeekend, sunOf, weekdayOf } from "./calendar.ts";
import { createChance } from "./chance.ts";
import { DayScript } from "./day-script.ts";
import { HOUSEHOLD } from "./household.ts";
import { deriveMotion, liveAtRandom } from "./noise.ts";
import { failNowAndThen } from "./outage.ts";
import type { PlantedRoutine, Routine, Scene } from "./routine.ts";
import { bathroom } from "./routines/bathroom.ts";
import { comingHome } from "./routines/coming-home.ts";
import { evening } from "./routines/evening.ts";
import { morning } from "./routines/morning.ts";
import { study } from "./routines/study.ts";
import { television } from "./routines/television.ts";
import { utilityRoom } from "./routines/utility-room.ts";

/** What people do when they are at home. Habits come first, so that chance finds the entity taken. */
const HABITS: readonly Routine[] = [morning, evening, comingHome, bathroom, television, study, utilityRoom];

export interface SampleHomeOptions {
  /** Another seed is another household with the same habits. */
  readonly seed: number;
  /** IANA name; the household lives by its clocks. */
  readonly timezone: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. A later `until` adds events and changes none. */
  readonly until: number;
}

export interface SampleHome {
  /** In order of time, made while they are read. */
  readonly events: Iterable<HomeEvent>;
  readonly entities: readonly Entity[];
  /** What the household really does. */
  readonly planted: readonly PlantedRoutine[];
}

/**
 * Simulates a household of two in seven rooms and a garden: habits with lapses, seasons, weekends, a few days away now and then, chatter of sensors, an
 * automation, outages. Every day is made from the seed and its date alone. Throws RangeError for a time zone that is not known.
 */
export function sampleHome({ seed, timezone, from, until }: SampleHomeOptions): SampleHome {
  const zone = openZone(timezone);
  return {
    events: { [Symbol.iterator]: () => eventsBetween({ seed, zone, from, until }) },
    entities: HOUSEHOLD,
    planted: [...HABITS, automations].flatMap(({ planted }) => planted),
  };
}

interface Span {
  readonly seed: number;
  readonly zone: Zone;
  readonly from: number;
  readonly until: number;
}

function* eventsBetween({ seed, zone, from, until }: Span): Generator<HomeEvent, undefined> {
  // A day lasts till four in the morning of the next.
  const first = zone.local(from).day - 1;
  const last = zone.local(until).day;
  for (let day = first; day <= last; day++) {
    for (const event of eventsOfDay(seed, day, zone)) if (event.at >= from && event.at < until) yield event;
  }
}

function eventsOfDay(seed: number, day: number, zone: Zone): readonly HomeEvent[] {
  const script = new DayScript(day);
  const scene: Scene = {
    script,
    isWeekend: isWeekend(day),
    weekday: weekdayOf(day),
    sunset: sunOf(day, zone).set,
    chance: (purpose) => createChance(seed, day, purpose),
  };
  automations.live(scene);
  if (!isAway(seed, day)) {
    for (const habit of HABITS) habit.live(scene);
    liveAtRandom(scene);
    deriveMotion(scene);
  }
  failNowAndThen(scene);
  return script.events(zone);
}
