import { float, whole } from "./columns.ts";
import { isActuator, isForbidden } from "./entity-kind.ts";
import type { Key, Timeline } from "./timeline.ts";

/** What one hand or one scene brings about at once, comes within this time. */
export const TOGETHER_MS = 3_000;
/** So many changes back one looks at most; more of them within three seconds are an outage or a flood. */
const FURTHEST_BACK = 64;
const FEWEST_CHANGES = 6;
const JACCARD = 0.7;

/** What is brought about as one: keys of several actuators, and the one that stands for all. */
export interface Units {
  /** For each key the index of the key that stands for its unit; its own when it is alone. */
  readonly leader: Uint32Array;
  /** All keys of a unit, in the order of their entities, by the index of its leader; a key that is alone has none. */
  readonly members: ReadonlyMap<number, readonly Key[]>;
}

/**
 * Joins actuators that reach the same state within three seconds of each other (Jaccard of these changes at least 0.7, at least six of
 * them): lamps on one switch or of one scene are one unit, led by the member that changes most. Each direction stands for itself: lamps
 * lit one by one may be put out together.
 */
export function findUnits({ changes, keys, keyOf }: Timeline): Units {
  const { entities } = changes.series;
  const isGrouped = Uint8Array.from(keys, ({ entity }) => {
    const found = entities[entity];
    return Number(found !== undefined && isActuator(found.id) && !isForbidden(found));
  });
  const total = new Uint32Array(keys.length);
  for (const key of keyOf) total[key] = whole(total, key) + 1;
  const parent = Uint32Array.from(keys, ({ index }) => index);
  for (const [pair, shared] of countTogether({ changes, keys, keyOf }, isGrouped)) {
    const a = Math.floor(pair / keys.length);
    const b = pair % keys.length;
    const either = whole(total, a) + whole(total, b) - shared;
    if (shared >= FEWEST_CHANGES && shared >= JACCARD * either) parent[rootOf(parent, a)] = rootOf(parent, b);
  }
  return leadersOf(
    Map.groupBy(keys, ({ index }) => rootOf(parent, index)),
    total,
  );
}

function leadersOf(groups: ReadonlyMap<number, readonly Key[]>, total: Uint32Array): Units {
  const leader = Uint32Array.from(total, (_, index) => index);
  const members = new Map<number, readonly Key[]>();
  for (const group of groups.values()) {
    const byChanges = group.toSorted((a, b) => whole(total, b.index) - whole(total, a.index) || a.entity - b.entity);
    const first = byChanges[0];
    if (first === undefined || group.length < 2) continue;
    for (const { index } of group) leader[index] = first.index;
    members.set(
      first.index,
      group.toSorted((a, b) => a.entity - b.entity),
    );
  }
  return { leader, members };
}

function rootOf(parent: Uint32Array, index: number): number {
  let top = index;
  while (whole(parent, top) !== top) top = whole(parent, top);
  return top;
}

/** Counts for each two keys of one state (lower index times count plus higher) how often they came about together. */
function countTogether(
  { changes, keys, keyOf }: Pick<Timeline, "changes" | "keys" | "keyOf">,
  isGrouped: Uint8Array,
): Map<number, number> {
  const together = new Map<number, number>();
  const lastTogether = new Map<number, number>();
  for (let index = 0; index < changes.at.length; index++) {
    const key = whole(keyOf, index);
    if (isGrouped[key] === 0) continue;
    const earliest = float(changes.at, index) - TOGETHER_MS;
    for (
      let before = index - 1;
      before >= Math.max(0, index - FURTHEST_BACK) && float(changes.at, before) >= earliest;
      before--
    ) {
      const other = whole(keyOf, before);
      if (other === key || isGrouped[other] === 0 || changes.state[before] !== changes.state[index]) continue;
      const pair = Math.min(key, other) * keys.length + Math.max(key, other);
      if ((lastTogether.get(pair) ?? Number.NEGATIVE_INFINITY) >= earliest) continue;
      lastTogether.set(pair, float(changes.at, index));
      together.set(pair, (together.get(pair) ?? 0) + 1);
    }
  }
  return together;
}
