import { habitDay } from "./calendar.ts";
import type { Changes } from "./clean.ts";
import { byte, float, whole } from "./columns.ts";

/** One entity reaching one state: what a rule waits for or brings about. */
export interface Key {
  readonly index: number;
  readonly entity: number;
  readonly state: number;
}

/** The changes sorted by key, which is all that the detectors and the judging of a rule need. */
export interface Timeline {
  readonly changes: Changes;
  readonly keys: readonly Key[];
  /** Finds the key of an entity and a state; undefined when it never was in it. */
  readonly find: (entity: number, state: number) => Key | undefined;
  /** The key of each change. */
  readonly keyOf: Uint32Array;
  /** The last change of all, milliseconds since the epoch. */
  readonly endAt: number;
  /** When each key's entity entered its state and left it again, by the index of the key. */
  readonly phases: readonly Phases[];
}

/** The times one entity spent in one state, oldest first. */
export interface Phases {
  /** Indexes into `Changes` of the changes that began each phase. */
  readonly change: Uint32Array;
  /** Milliseconds since the epoch. */
  readonly enter: Float64Array;
  /** Infinity while the last phase lasts. */
  readonly leave: Float64Array;
  readonly enterWall: Float64Array;
  readonly leaveWall: Float64Array;
  readonly byPerson: Uint8Array;
}

export function createTimeline(changes: Changes): Timeline {
  const { entity, state, at } = changes;
  const byName = new Map<number, Key>();
  const keys: Key[] = [];
  const keyOf = new Uint32Array(at.length);
  const sizes: number[] = [];
  const stateCount = changes.series.states.length;
  for (let index = 0; index < at.length; index++) {
    const name = whole(entity, index) * stateCount + whole(state, index);
    let key = byName.get(name);
    if (key === undefined) {
      key = { index: keys.length, entity: whole(entity, index), state: whole(state, index) };
      byName.set(name, key);
      keys.push(key);
      sizes.push(0);
    }
    keyOf[index] = key.index;
    sizes[key.index] = (sizes[key.index] ?? 0) + 1;
  }

  const start = new Uint32Array(keys.length + 1);
  for (const [index, size] of sizes.entries()) start[index + 1] = whole(start, index) + size;
  const fill = start.slice();
  const sorted = new Uint32Array(at.length);
  for (let index = 0; index < at.length; index++) {
    const key = whole(keyOf, index);
    const place = whole(fill, key);
    sorted[place] = index;
    fill[key] = place + 1;
  }

  const all = phasesOf(changes, sorted);
  const phases = keys.map(({ index }) => phasesBetween(all, whole(start, index), whole(start, index + 1)));
  return {
    changes,
    keys,
    find: (entityIndex, stateIndex) => byName.get(entityIndex * stateCount + stateIndex),
    keyOf,
    phases,
    endAt: at.at(-1) ?? 0,
  };
}

function phasesBetween(all: Phases, from: number, to: number): Phases {
  return {
    change: all.change.subarray(from, to),
    enter: all.enter.subarray(from, to),
    leave: all.leave.subarray(from, to),
    enterWall: all.enterWall.subarray(from, to),
    leaveWall: all.leaveWall.subarray(from, to),
    byPerson: all.byPerson.subarray(from, to),
  };
}

function phasesOf(changes: Changes, change: Uint32Array): Phases {
  const length = change.length;
  const next = nextChanges(changes);
  const phases = {
    change,
    enter: new Float64Array(length),
    leave: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    enterWall: new Float64Array(length),
    leaveWall: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    byPerson: new Uint8Array(length),
  };
  for (let index = 0; index < length; index++) {
    const first = whole(change, index);
    phases.enter[index] = float(changes.at, first);
    phases.enterWall[index] = float(changes.wall, first);
    phases.byPerson[index] = byte(changes.byPerson, first);
    const end = whole(next, first);
    if (end === 0) continue;
    phases.leave[index] = float(changes.at, end);
    phases.leaveWall[index] = float(changes.wall, end);
  }
  return phases;
}

/** For each change the next one of the same entity; 0 for none. */
function nextChanges({ entity, at, series }: Changes): Uint32Array {
  const next = new Uint32Array(at.length);
  const following = new Uint32Array(series.entities.length);
  for (let index = at.length - 1; index >= 0; index--) {
    const owner = whole(entity, index);
    next[index] = whole(following, owner);
    following[owner] = index;
  }
  return next;
}

/** On how many habit days before `untilDay` a person brought each key about. */
export function activeDays({ changes, keyOf, keys }: Timeline, untilDay: number): Uint32Array {
  const days = new Uint32Array(keys.length);
  const last = new Float64Array(keys.length).fill(Number.NaN);
  for (let index = 0; index < changes.at.length; index++) {
    if (changes.byPerson[index] === 0) continue;
    const day = habitDay(float(changes.wall, index));
    if (day >= untilDay) break;
    const key = whole(keyOf, index);
    if (last[key] === day) continue;
    last[key] = day;
    days[key] = whole(days, key) + 1;
  }
  return days;
}

/** The phases of a key. */
export function phasesOfKey({ phases }: Timeline, { index }: Key): Phases {
  const found = phases[index];
  if (found === undefined) throw new RangeError(`There is no key ${index}.`);
  return found;
}

/** The part of the recorded time that an entity spends in a state. */
export function shareOfTime({ phases, endAt, changes }: Timeline, { index }: Key): number {
  const found = phases[index];
  const startAt = changes.at[0] ?? 0;
  if (found === undefined || endAt <= startAt) return 0;
  let time = 0;
  for (let phase = 0; phase < found.enter.length; phase++) {
    time += Math.min(endAt, float(found.leave, phase)) - float(found.enter, phase);
  }
  return time / (endAt - startAt);
}
