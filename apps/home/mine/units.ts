import type { Changes } from "./clean.ts";
import { read } from "./columns.ts";
import { isActuator } from "./entity-kind.ts";

const TOGETHER_MS = 3_000;
const FEWEST_CHANGES = 6;
const JACCARD = 0.7;

/** What is switched as one: the entities of a group, each of them by its index, and the one that stands for all. */
export interface Units {
  /** For each entity the entity that stands for its unit; itself when it is alone. */
  readonly leader: Uint32Array;
  /** The members of each unit of two or more, by its leader. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

/**
 * Joins actuators that change to the same state within three seconds of each other (Jaccard of their changes at least 0.7, at least six
 * such changes): lamps on one switch or in one scene are one unit, led by the member that changes most.
 */
export function findUnits(changes: Changes): Units {
  const { entities } = changes.series;
  const count = entities.length;
  const isGrouped = Uint8Array.from(entities, ({ id }) => Number(isActuator(id)));
  const total = new Uint32Array(count);
  const together = countTogether(changes, isGrouped, total);

  const parent = Uint32Array.from({ length: count }, (_, index) => index);
  for (const [pair, shared] of together) {
    const a = Math.floor(pair / count);
    const b = pair % count;
    const either = read(total, a) + read(total, b) - shared;
    if (shared >= FEWEST_CHANGES && shared >= JACCARD * either) parent[root(a)] = root(b);
  }

  const groups = new Map<number, number[]>();
  for (let entity = 0; entity < count; entity++) {
    if (isGrouped[entity] === 0) continue;
    const top = root(entity);
    groups.set(top, [...(groups.get(top) ?? []), entity]);
  }
  const leader = Uint32Array.from({ length: count }, (_, index) => index);
  const members = new Map<number, readonly number[]>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const first = group.toSorted((a, b) => read(total, b) - read(total, a) || a - b)[0] ?? 0;
    for (const entity of group) leader[entity] = first;
    members.set(first, group);
  }
  return { leader, members };

  function root(entity: number): number {
    let top = entity;
    while (read(parent, top) !== top) top = read(parent, top);
    return top;
  }
}

/** Counts for each pair of actuators (lower index times count plus higher) how often they went to one state together. */
function countTogether(changes: Changes, isGrouped: Uint8Array, total: Uint32Array): Map<number, number> {
  const count = total.length;
  const together = new Map<number, number>();
  const lastTogether = new Map<number, number>();
  for (let index = 0; index < changes.at.length; index++) {
    const entity = read(changes.entity, index);
    if (isGrouped[entity] === 0) continue;
    total[entity] = read(total, entity) + 1;
    const earliest = read(changes.at, index) - TOGETHER_MS;
    for (let before = index - 1; before >= 0 && read(changes.at, before) >= earliest; before--) {
      const other = read(changes.entity, before);
      if (other === entity || isGrouped[other] === 0 || changes.state[before] !== changes.state[index]) continue;
      const pair = Math.min(entity, other) * count + Math.max(entity, other);
      if ((lastTogether.get(pair) ?? Number.NEGATIVE_INFINITY) >= earliest) continue;
      lastTogether.set(pair, read(changes.at, index));
      together.set(pair, (together.get(pair) ?? 0) + 1);
    }
  }
  return together;
}
