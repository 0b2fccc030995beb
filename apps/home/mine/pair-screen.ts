import { habitDay } from "./calendar.ts";
import { float, signed, small, whole } from "./columns.ts";
import { FEWEST_DAYS, PAIR_WINDOW_MS, type Span } from "./hypothesis.ts";
import { type Key, phasesOfKey, shareOfTime, type Timeline } from "./timeline.ts";

/** So far back, in changes, a cause is looked for; only a home with more than one change a second is touched by it. */
const FURTHEST_BACK = 512;
/** What happens on fewer of all days is no habit worth a rule. */
const LEAST_DAY_SHARE = 0.05;
/** What follows fewer of the firings cannot be right in most of them at any hours: the narrowest context is a twentieth of the week. */
const LEAST_HIT_SHARE = 0.05;
const MOST_DENSE_PAIRS = 4_000_000;
/** With more pairs than this in sight, further ones are left out, the latest to appear first. */
const MOST_SPARSE_PAIRS = 1_000_000;

export interface Candidate {
  readonly trigger: Key;
  readonly target: Key;
  /** Changes of the target that followed the trigger within the window. */
  readonly hits: number;
}

export interface ScreenOptions {
  readonly triggers: readonly Key[];
  readonly targets: readonly Key[];
  readonly span: Span;
}

/**
 * Looks once at every change of a target and back to what happened in the window before it, as long as the target was in another state,
 * and keeps the pairs that were seen so on enough distinct days, and after enough firings of the trigger: the only ones that can become rules.
 */
export function screenPairs(timeline: Timeline, { triggers, targets, span }: ScreenOptions): readonly Candidate[] {
  const { changes, keyOf, keys } = timeline;
  const triggerOf = placesOf(keys.length, triggers);
  const targetOf = placesOf(keys.length, targets);
  const pairs = createCounts(triggers.length, targets.length);
  const previousOfEntity = new Float64Array(changes.series.entities.length).fill(Number.NEGATIVE_INFINITY);

  for (let index = 0; index < changes.at.length; index++) {
    const entity = whole(changes.entity, index);
    const at = float(changes.at, index);
    const leftAt = float(previousOfEntity, entity);
    previousOfEntity[entity] = at;
    const target = signed(targetOf, whole(keyOf, index));
    if (target < 0 || changes.byPerson[index] === 0) continue;
    const day = habitDay(float(changes.wall, index));
    if (day >= span.trainEnd) break;
    const earliest = Math.max(at - PAIR_WINDOW_MS, leftAt);
    const last = Math.max(0, index - FURTHEST_BACK);
    for (let before = index - 1; before >= last; before--) {
      const fired = float(changes.at, before);
      if (fired < earliest) break;
      const trigger = signed(triggerOf, whole(keyOf, before));
      if (trigger < 0 || fired === at || changes.byPerson[before] === 0 || whole(changes.entity, before) === entity)
        continue;
      pairs.add(trigger * targets.length + target, index, day - span.firstDay);
    }
  }

  const fewest = Math.max(FEWEST_DAYS, Math.ceil(LEAST_DAY_SHARE * (span.trainEnd - span.firstDay)));
  const away = targets.map((key) => 1 - shareOfTime(timeline, key));
  const candidates: Candidate[] = [];
  for (const { pair, days, hits } of pairs.toArray()) {
    const trigger = triggers[Math.floor(pair / targets.length)];
    const target = targets[pair % targets.length];
    if (trigger === undefined || target === undefined || days < fewest) continue;
    const trials = phasesOfKey(timeline, trigger).enter.length * (away[pair % targets.length] ?? 1);
    if (hits >= LEAST_HIT_SHARE * trials) candidates.push({ trigger, target, hits });
  }
  return candidates;
}

function placesOf(length: number, keys: readonly Key[]): Int32Array {
  const places = new Int32Array(length).fill(-1);
  for (const [place, { index }] of keys.entries()) places[index] = place;
  return places;
}

interface Counts {
  /** Adds a change of the target after the trigger; the same change of the same pair is counted once. */
  add(pair: number, change: number, day: number): void;
  /** What was seen of each pair, lowest pair first. */
  toArray(): readonly Seen[];
}

interface Seen {
  readonly pair: number;
  readonly days: number;
  readonly hits: number;
}

/** Counts changes and distinct days: in a table while that is small, in a map for homes of thousands of entities. */
function createCounts(triggers: number, targets: number): Counts {
  const size = triggers * targets;
  const isDense = size <= MOST_DENSE_PAIRS;
  const capacity = isDense ? size : MOST_SPARSE_PAIRS;
  const days = new Uint16Array(capacity);
  const lastDay = new Int32Array(capacity).fill(-1);
  const hits = new Uint32Array(capacity);
  const lastChange = new Int32Array(capacity).fill(-1);
  const places = new PlaceTable(isDense ? 1 : MOST_SPARSE_PAIRS);

  function seen(pair: number, place: number): Seen {
    return { pair, days: small(days, place), hits: whole(hits, place) };
  }

  return {
    add(pair, change, day) {
      const place = isDense ? pair : places.placeOf(pair);
      if (place < 0 || lastChange[place] === change) return;
      lastChange[place] = change;
      hits[place] = whole(hits, place) + 1;
      if (lastDay[place] === day) return;
      lastDay[place] = day;
      days[place] = small(days, place) + 1;
    },
    toArray() {
      if (isDense) return Array.from({ length: size }, (_, pair) => seen(pair, pair)).filter((found) => found.hits > 0);
      return places
        .entries()
        .map(([pair, place]) => seen(pair, place))
        .sort((a, b) => a.pair - b.pair);
    },
  };
}

/** Numbers pairs in the order in which they are first asked for, up to a limit; beyond it, unknown pairs have the place -1. */
class PlaceTable {
  readonly #limit: number;
  readonly #pairs: Float64Array;
  readonly #places: Int32Array;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
    const slots = 2 ** Math.ceil(Math.log2(limit * 2));
    this.#pairs = new Float64Array(slots).fill(-1);
    this.#places = new Int32Array(slots);
  }

  placeOf(pair: number): number {
    const last = this.#pairs.length - 1;
    let slot = (Math.imul(pair ^ (pair / 0x1_0000_0000), 0x9e37_79b1) >>> 7) & last;
    while (this.#pairs[slot] !== -1) {
      if (this.#pairs[slot] === pair) return signed(this.#places, slot);
      slot = (slot + 1) & last;
    }
    if (this.#size >= this.#limit) return -1;
    this.#pairs[slot] = pair;
    this.#places[slot] = this.#size;
    return this.#size++;
  }

  entries(): (readonly [pair: number, place: number])[] {
    return Array.from(this.#pairs, (pair, slot) => [pair, signed(this.#places, slot)] as const).filter(
      ([pair]) => pair >= 0,
    );
  }
}
