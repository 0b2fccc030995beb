import { habitDay } from "./calendar.ts";
import type { Changes } from "./clean.ts";
import { read } from "./columns.ts";

/** One entity reaching one state: what a rule waits for or brings about. */
export interface Key {
  readonly index: number;
  readonly entity: number;
  readonly state: number;
}

/**
 * The changes sorted by key. `phases(key)` gives when the entity entered the state and when it left it again, which is all that both
 * detectors and the judging of a rule need.
 */
export interface Timeline {
  readonly changes: Changes;
  readonly keys: readonly Key[];
  /** The key of each change. */
  readonly keyOf: Uint32Array;
  /** The last change of all, milliseconds since the epoch. */
  readonly endAt: number;
  phases(key: Key): Phases;
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
    const name = read(entity, index) * stateCount + read(state, index);
    let key = byName.get(name);
    if (key === undefined) {
      key = { index: keys.length, entity: read(entity, index), state: read(state, index) };
      byName.set(name, key);
      keys.push(key);
      sizes.push(0);
    }
    keyOf[index] = key.index;
    sizes[key.index] = (sizes[key.index] ?? 0) + 1;
  }

  const start = new Uint32Array(keys.length + 1);
  for (const [index, size] of sizes.entries()) start[index + 1] = read(start, index) + size;
  const fill = start.slice();
  const sorted = new Uint32Array(at.length);
  for (let index = 0; index < at.length; index++) {
    const key = read(keyOf, index);
    const place = read(fill, key);
    sorted[place] = index;
    fill[key] = place + 1;
  }

  const all = phasesOf(changes, sorted);
  return {
    changes,
    keys,
    keyOf,
    endAt: at.at(-1) ?? 0,
    phases({ index }) {
      const from = read(start, index);
      const to = read(start, index + 1);
      return {
        change: all.change.subarray(from, to),
        enter: all.enter.subarray(from, to),
        leave: all.leave.subarray(from, to),
        enterWall: all.enterWall.subarray(from, to),
        leaveWall: all.leaveWall.subarray(from, to),
        byPerson: all.byPerson.subarray(from, to),
      };
    },
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
    const first = read(change, index);
    phases.enter[index] = read(changes.at, first);
    phases.enterWall[index] = read(changes.wall, first);
    phases.byPerson[index] = read(changes.byPerson, first);
    const end = read(next, first);
    if (end === 0) continue;
    phases.leave[index] = read(changes.at, end);
    phases.leaveWall[index] = read(changes.wall, end);
  }
  return phases;
}

/** For each change the next one of the same entity; 0 for none. */
function nextChanges({ entity, at, series }: Changes): Uint32Array {
  const next = new Uint32Array(at.length);
  const following = new Uint32Array(series.entities.length);
  for (let index = at.length - 1; index >= 0; index--) {
    const owner = read(entity, index);
    next[index] = read(following, owner);
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
    const day = habitDay(read(changes.wall, index));
    if (day >= untilDay) break;
    const key = read(keyOf, index);
    if (last[key] === day) continue;
    last[key] = day;
    days[key] = read(days, key) + 1;
  }
  return days;
}
