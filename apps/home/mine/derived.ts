import type { Changes } from "./clean.ts";
import { float, whole } from "./columns.ts";
import { isActuator, isRestState } from "./entity-kind.ts";

const COPY_MS = 2_000;
/** So many changes back one looks at most; more of them within two seconds are an outage or a flood. */
const FURTHEST_BACK = 64;
const FEWEST_COPIES = 6;
const COPY_SHARE = 0.9;
const UNION_SHARE = 0.95;
const FEWEST_UNION_CHANGES = 20;

/**
 * Marks sensors that follow other sensors by themselves: nearly every change comes within two seconds after one in the same direction,
 * either of one other sensor (a copy) or of any of several (a group such as "motion at home"). Of two that follow each other, neither is
 * marked unless one is always later.
 */
export function findDerived(changes: Changes): Uint8Array {
  const { entities } = changes.series;
  const count = entities.length;
  const isSensor = Uint8Array.from(entities, ({ id }) => Number(!isActuator(id)));
  const direction = Uint8Array.from(changes.series.states, (state) => Number(isRestState(state)));
  const total = new Uint32Array(count);
  const followed = new Uint32Array(count);
  const copies = new Map<number, number>();
  const sources = new Map<number, Set<number>>();
  const counted = new Set<number>();

  for (let index = 0; index < changes.at.length; index++) {
    const entity = whole(changes.entity, index);
    if (isSensor[entity] === 0) continue;
    total[entity] = whole(total, entity) + 1;
    const earliest = float(changes.at, index) - COPY_MS;
    counted.clear();
    for (
      let before = index - 1;
      before >= Math.max(0, index - FURTHEST_BACK) && float(changes.at, before) >= earliest;
      before--
    ) {
      const source = whole(changes.entity, before);
      if (source === entity || isSensor[source] === 0 || counted.has(source)) continue;
      if (direction[whole(changes.state, before)] !== direction[whole(changes.state, index)]) continue;
      counted.add(source);
      const pair = source * count + entity;
      copies.set(pair, (copies.get(pair) ?? 0) + 1);
    }
    if (counted.size === 0) continue;
    followed[entity] = whole(followed, entity) + 1;
    const known = sources.get(entity) ?? new Set();
    for (const source of counted) known.add(source);
    sources.set(entity, known);
  }

  const derived = new Uint8Array(count);
  for (const [pair, found] of copies) {
    const entity = pair % count;
    if (found >= FEWEST_COPIES && found >= COPY_SHARE * whole(total, entity)) derived[entity] = 1;
  }
  for (let entity = 0; entity < count; entity++) {
    const changesOfIt = whole(total, entity);
    if (changesOfIt < FEWEST_UNION_CHANGES || (sources.get(entity)?.size ?? 0) < 2) continue;
    if (whole(followed, entity) >= UNION_SHARE * changesOfIt) derived[entity] = 1;
  }
  return derived;
}
