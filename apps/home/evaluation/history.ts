import type { Place } from "../domain/sun.ts";
import { type EventSeries, IS_MACHINE } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";
import { byte, float, whole } from "../mine/columns.ts";
import { isMissingState, isRestState } from "../mine/entity-kind.ts";

export const DAY_S = 86_400;
const CHATTER_S = 120;
const TRAIN_SHARE = 0.8;

export interface HistoryOptions {
  readonly zone: string;
  /** For rules by the sun; without it they never fire. */
  readonly place?: Place | undefined;
  /** Whether changes of this entity are to be foreseen. */
  readonly isTarget: (entityId: string) => boolean;
  /** Merges on-phases less than 120 s apart, of every entity. Default false. */
  readonly isDebounced?: boolean;
  /** The share of the days that is learnt from. Default 0.8. */
  readonly trainShare?: number;
  /** The share of the days at which testing ends. Default 1. */
  readonly endShare?: number;
}

/** When a state was entered and left, in seconds of the wall clock since 1970, oldest first. */
export interface StateTimes {
  readonly enter: Float64Array;
  readonly leave: Float64Array;
  /** 0 where an automation, a script or a start-up entered it: nobody had to foresee that. */
  readonly byPerson: Uint8Array;
}

/** A series as the evaluator sees it: by entity and state, split into training and test days at local midnight. */
export interface History {
  /** By entity id and state, joined by a line break. */
  readonly times: ReadonlyMap<string, StateTimes>;
  readonly firstDay: number;
  readonly trainDays: number;
  readonly testDays: number;
  /** Wall-clock seconds of the first test day's midnight, and of the midnight after the last. */
  readonly testStart: number;
  readonly testEnd: number;
  /** Changes of targets on each test day that a person may have made. */
  readonly changesOfDay: Uint32Array;
}

/** Drops repeats, unavailable and unknown readings, debounces where asked, and splits the dates, the empty ones included. */
export function toHistory(
  series: EventSeries,
  { zone: zoneName, isTarget, isDebounced = false, trainShare = TRAIN_SHARE, endShare = 1 }: HistoryOptions,
): History {
  const zone = openZone(zoneName);
  const walls = series.at.map((at) => {
    const { day, minute } = zone.local(at);
    return day * DAY_S + minute * 60;
  });
  const firstDay = Math.floor((walls[0] ?? 0) / DAY_S);
  const days = walls.length === 0 ? 0 : Math.floor((walls.at(-1) ?? 0) / DAY_S) - firstDay + 1;
  const trainDays = Math.round(trainShare * days);
  const testDays = Math.round(endShare * days) - trainDays;
  const testStart = (firstDay + trainDays) * DAY_S;
  const testEnd = testStart + testDays * DAY_S;
  const changesOfDay = new Uint32Array(testDays);

  const times = new Map<string, { enter: number[]; leave: number[]; byPerson: number[] }>();
  for (const [entity, changes] of changesByEntity(series, walls).entries()) {
    const id = series.entities[entity]?.id ?? "";
    const kept = isDebounced ? debounced(changes) : changes;
    for (const [index, { at, state, byPerson }] of kept.entries()) {
      const name = `${id}\n${state}`;
      const known = times.get(name) ?? { enter: [], leave: [], byPerson: [] };
      times.set(name, known);
      known.enter.push(at);
      known.leave.push(kept[index + 1]?.at ?? Number.POSITIVE_INFINITY);
      known.byPerson.push(byPerson);
      if (at < testStart || at >= testEnd || byPerson === 0 || !isTarget(id)) continue;
      const day = Math.floor((at - testStart) / DAY_S);
      changesOfDay[day] = whole(changesOfDay, day) + 1;
    }
  }
  return {
    times: new Map(
      [...times].map(([name, { enter, leave, byPerson }]) => [
        name,
        {
          enter: Float64Array.from(enter),
          leave: Float64Array.from(leave),
          byPerson: Uint8Array.from(byPerson),
        },
      ]),
    ),
    firstDay,
    trainDays,
    testDays,
    testStart,
    testEnd,
    changesOfDay,
  };
}

interface Change {
  readonly at: number;
  readonly state: string;
  readonly byPerson: number;
}

function changesByEntity({ entity, state, cause, states, entities }: EventSeries, walls: Float64Array): Change[][] {
  const changes: Change[][] = entities.map(() => []);
  const isMissing = states.map(isMissingState);
  for (let index = 0; index < entity.length; index++) {
    const own = changes[whole(entity, index)];
    const place = whole(state, index);
    const to = states[place] ?? "";
    if (own === undefined || isMissing[place] === true || own.at(-1)?.state === to) continue;
    own.push({ at: float(walls, index), state: to, byPerson: 1 - byte(IS_MACHINE, byte(cause, index)) });
  }
  return changes;
}

function debounced(changes: readonly Change[]): Change[] {
  const kept: Change[] = [];
  for (const change of changes) {
    const last = kept.at(-1);
    const isShortPause =
      kept.length > 1 &&
      last !== undefined &&
      isRestState(last.state) &&
      !isRestState(change.state) &&
      change.at - last.at < CHATTER_S;
    if (isShortPause) kept.pop();
    else kept.push(change);
  }
  return kept;
}
