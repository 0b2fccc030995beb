import { habitDay } from "./calendar.ts";
import { byte, float, signed, whole } from "./columns.ts";
import { FEWEST_DAYS, PAIR_WINDOW_MS, type Span } from "./hypothesis.ts";
import type { Key, Timeline } from "./timeline.ts";

/** How long a state may have to hold before a rule fires, in milliseconds. */
export const DELAYS_MS: readonly number[] = [
  0, 1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 17, 19, 22, 25, 28, 31, 35, 39, 43, 47, 51, 55, 58, 75, 88, 118, 178, 238,
].map((minutes) => minutes * 60_000);
const DELAYS = Float64Array.from(DELAYS_MS);
const MINUTE_MS = 60_000;
const LONGEST_MS = (DELAYS_MS.at(-1) ?? 0) + PAIR_WINDOW_MS;
/** For each minute of quiet the last delay that may be over. */
const LAST_DELAYS = Uint8Array.from({ length: LONGEST_MS / MINUTE_MS + 1 }, (_, minute) =>
  DELAYS_MS.findLastIndex((delay) => delay <= minute * MINUTE_MS),
);

/** Most changes of the target must come within the window after the delay; else the delay would speak of the latest of them alone. */
export const USUAL_SHARE = 0.6;

/** With more pairs and delays than this in sight, none of them is looked at. */
const MOST_COUNTERS = 8_000_000;

/**
 * Looks once at every change of a target and at how long each quiet trigger has been quiet then, and keeps the pairs and delays that
 * explain most changes of the target: such as a lamp that goes off once a room has been still for ten minutes.
 */
export function screenHeld(
  { changes, keyOf, keys }: Timeline,
  triggers: readonly Key[],
  targets: readonly Key[],
  { trainEnd }: Span,
): { trigger: Key; key: Key; delays: readonly number[]; hits: number }[] {
  const delays = DELAYS_MS.length;
  const size = triggers.length * targets.length * delays;
  if (size > MOST_COUNTERS) return [];
  const hits = new Uint32Array(size);
  const changesOf = new Uint32Array(targets.length);
  const triggerOf = placesOf(keys.length, triggers);
  const targetOf = placesOf(keys.length, targets);
  const quietSince = new Float64Array(triggers.length).fill(Number.POSITIVE_INFINITY);
  const placeOfEntity = new Int32Array(changes.series.entities.length).fill(-1);
  for (const [place, { entity }] of triggers.entries()) placeOfEntity[entity] = place;

  for (let index = 0; index < changes.at.length; index++) {
    const at = float(changes.at, index);
    const key = whole(keyOf, index);
    const target = signed(targetOf, key);
    if (target >= 0 && changes.byPerson[index] === 1) {
      if (habitDay(float(changes.wall, index)) >= trainEnd) break;
      changesOf[target] = whole(changesOf, target) + 1;
      countQuiet(target, at);
    }
    const owner = signed(placeOfEntity, whole(changes.entity, index));
    if (owner >= 0) quietSince[owner] = signed(triggerOf, key) === owner ? at : Number.POSITIVE_INFINITY;
  }

  return triggers.flatMap((trigger, place) =>
    targets.flatMap((key, target) => {
      if (key.entity === trigger.entity) return [];
      const start = (place * targets.length + target) * delays;
      const least = Math.max(FEWEST_DAYS, USUAL_SHARE * whole(changesOf, target));
      const seen = DELAYS_MS.filter((_, delay) => delay > 0 && whole(hits, start + delay) >= least);
      return seen.length === 0 ? [] : [{ trigger, key, delays: seen, hits: whole(changesOf, target) }];
    }),
  );

  function countQuiet(target: number, at: number): void {
    for (let place = 0; place < triggers.length; place++) {
      const quiet = at - float(quietSince, place);
      if (!(quiet > 0 && quiet <= LONGEST_MS)) continue;
      const start = (place * targets.length + target) * delays;
      for (let delay = byte(LAST_DELAYS, Math.floor(quiet / MINUTE_MS)); delay > 0; delay--) {
        const after = quiet - float(DELAYS, delay);
        if (after > PAIR_WINDOW_MS) break;
        if (after > 0) hits[start + delay] = whole(hits, start + delay) + 1;
      }
    }
  }
}

function placesOf(length: number, keys: readonly Key[]): Int32Array {
  const places = new Int32Array(length).fill(-1);
  for (const [place, { index }] of keys.entries()) places[index] = place;
  return places;
}
