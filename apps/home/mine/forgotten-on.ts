import { isPerson } from "../domain/names.ts";
import type { Entity } from "../domain/series.ts";
import { binomialTail, wilsonBound } from "./binomial.ts";
import { DAY_MINUTES, DAY_STARTS_AT, habitDay } from "./calendar.ts";
import { float, lowerBound } from "./columns.ts";
import { isRestState, wordsOf } from "./entity-kind.ts";
import { falseDiscoveryRates } from "./false-discovery.ts";
import { FEWEST_DAYS, type PairHypothesis, type Span } from "./hypothesis.ts";
import type { Firing } from "./judge.ts";
import { NO_CONTEXT } from "./pair-context.ts";
import { weighRecent } from "./recent.ts";
import type { Selected } from "./select.ts";
import { type Key, type Phases, phasesOfKey, type Timeline } from "./timeline.ts";

/** Of all times of use so many are shorter than what is taken for forgotten; each of these is tried. */
const LONG_SHARES = [0.8, 0.9, 0.95] as const;
const SHORTEST_MS = 900_000;
const STEP_MS = 300_000;
/** Nobody was seen for so long before, and nobody comes back for so long after. */
export const QUIET_MS = 600_000;
/** So often nobody came back, at the lower end of what is known. */
const LEAST_CONFIDENCE = 0.6;
const FALSE_DISCOVERY_RATE = 0.05;
const WATCHING = new Set(["motion", "occupancy", "presence"]);
const WATCHING_WORDS = new Set(["motion", "occupancy", "pir", "presence"]);
const COMMON_WORDS = new Set(["binary", "fan", "lamp", "light", "media", "player", "sensor", "switch"]);

/**
 * Finds devices that are left on when nobody needs them: a time of use longer than nearly all others, at a moment at which the room, or the
 * home, has been without anybody for ten minutes. Whether it would have been right to put the device out is judged by regret, not by
 * imitation: a firing is right when nobody comes back within ten minutes. Chance is how often nobody comes back after ten quiet minutes
 * while the device is in ordinary use.
 */
export function findForgotten(timeline: Timeline, targets: readonly Key[], span: Span): readonly Selected[] {
  const found: Omit<Selected, "q">[] = [];
  let families = 0;
  const watchers = findWatchers(timeline);
  if (watchers.length === 0) return [];
  const onOf = othersOf(timeline);
  for (const key of targets) {
    if (!isRestState(timeline.changes.series.states[key.state] ?? "")) continue;
    const on = onOf(key);
    if (on === undefined) continue;
    const delays = longUses(phasesOfKey(timeline, on), span);
    for (const quiet of quietKeys(timeline, watchers, key)) {
      families++;
      const best = delays
        .map((delayMs) => judge(timeline, { key, on, quiet, delayMs }, span))
        .filter((rule) => rule !== undefined)
        .sort((a, b) => a.hypothesis.p - b.hypothesis.p)[0];
      if (best !== undefined) found.push(best);
    }
  }
  const rates = falseDiscoveryRates(
    found.map(({ hypothesis: { p, variants } }) => Math.min(1, p * variants)),
    families,
  );
  const sure = found
    .map((rule, index) => withRate(rule, rates[index] ?? 1))
    .filter(({ q }) => q <= FALSE_DISCOVERY_RATE)
    .sort((a, b) => b.wilson - a.wilson || a.hypothesis.p - b.hypothesis.p);
  // One rule for a device, by whoever watches best.
  return [...new Map(sure.toReversed().map((rule) => [rule.hypothesis.key.index, rule])).values()].toReversed();
}

function withRate(rule: Omit<Selected, "q">, q: number): Selected {
  return { ...rule, q };
}

interface Forgotten {
  /** The device goes to its rest state. */
  readonly key: Key;
  /** It is in use. */
  readonly on: Key;
  /** Nobody is seen. */
  readonly quiet: Key;
  /** How long it must have been in use. */
  readonly delayMs: number;
}

function judge(
  timeline: Timeline,
  { key, on, quiet, delayMs }: Forgotten,
  span: Span,
): Omit<Selected, "q"> | undefined {
  const uses = phasesOfKey(timeline, on);
  const watch = new QuietWatch(phasesOfKey(timeline, quiet));
  const firings: Firing[] = [];
  let ordinary = 0;
  let ordinaryQuiet = 0;
  for (let index = 0; index < uses.enter.length; index++) {
    const start = float(uses.enter, index);
    const end = Math.min(float(uses.leave, index), timeline.endAt);
    for (let at = start + QUIET_MS; at < Math.min(end, start + delayMs); at += STEP_MS) {
      const stays = watch.staysQuiet(at);
      if (stays === undefined) continue;
      ordinary++;
      if (stays) ordinaryQuiet++;
    }
    const at = start + delayMs;
    const hit = at < end && at + QUIET_MS <= timeline.endAt ? watch.staysQuiet(at) : undefined;
    if (hit === undefined || uses.byPerson[index] === 0) continue;
    const wall = float(uses.enterWall, index) + delayMs / 60_000;
    if (habitDay(wall) >= span.end) break;
    firings.push({ day: habitDay(wall), at, wall, hit, happened: hit ? wall : Number.NaN, covered: [] });
  }
  const training = firings.filter(({ day }) => day < span.trainEnd);
  const hits = training.filter(({ hit }) => hit);
  const wilson = wilsonBound(hits.length, training.length);
  if (new Set(hits.map(({ day }) => day)).size < FEWEST_DAYS || wilson < LEAST_CONFIDENCE) return undefined;
  if (weighRecent(firings, span.end).wilson < LEAST_CONFIDENCE) return undefined;
  // Without ordinary use of that kind nothing is known about chance.
  const chance = (ordinaryQuiet + 1) / (ordinary + 2);
  const hypothesis: PairHypothesis = {
    kind: "state_pair",
    isForgotten: true,
    trigger: on,
    key,
    delayMs,
    context: { ...NO_CONTEXT, state: { key: quiet, forMs: QUIET_MS } },
    p: binomialTail(hits.length, training.length, chance),
    variants: LONG_SHARES.length,
    chance,
  };
  return { hypothesis, wilson, firings, also: [] };
}

/** The lengths of use that few exceed, in whole five minutes. */
function longUses({ enter, leave, enterWall }: Phases, { trainEnd }: Span): readonly number[] {
  const count = lowerBound(enterWall, trainEnd * DAY_MINUTES + DAY_STARTS_AT);
  if (count < FEWEST_DAYS) return [];
  const lengths = Float64Array.from({ length: count }, (_, index) => float(leave, index) - float(enter, index)).sort();
  const long = LONG_SHARES.map((share) => float(lengths, Math.floor(share * (count - 1)))).filter(Number.isFinite);
  return [...new Set(long.map((length) => Math.max(SHORTEST_MS, Math.ceil(length / STEP_MS) * STEP_MS)))];
}

/** Is asked of rising instants whether somebody is there. */
class QuietWatch {
  readonly #phases: Phases;
  #next = 0;

  constructor(phases: Phases) {
    this.#phases = phases;
  }

  /** After ten quiet minutes: whether the next ten are quiet too; undefined where it was not quiet before. */
  staysQuiet(at: number): boolean | undefined {
    const { enter, leave } = this.#phases;
    while (this.#next < enter.length && float(enter, this.#next) < at) this.#next++;
    const phase = this.#next - 1;
    if (phase < 0 || float(leave, phase) <= at || float(enter, phase) > at - QUIET_MS) return undefined;
    return float(leave, phase) > at + QUIET_MS;
  }
}

/** Finds the only other state of an entity of two states. */
function othersOf({ keys }: Timeline): (key: Key) => Key | undefined {
  const byEntity = Map.groupBy(keys, ({ entity }) => entity);
  return ({ entity, index }) => {
    const own = byEntity.get(entity) ?? [];
    return own.length === 2 ? own.find((key) => key.index !== index) : undefined;
  };
}

/** What may see somebody, in its quiet state. */
interface Watcher {
  readonly key: Key;
  readonly entity: Entity;
  readonly isPerson: boolean;
}

function findWatchers({ keys, changes }: Timeline): readonly Watcher[] {
  const { entities, states } = changes.series;
  const sees = entities.map((entity) => isPerson(entity.id, entity) || isWatching(entity));
  return keys.flatMap((key) => {
    const entity = entities[key.entity];
    if (entity === undefined || sees[key.entity] !== true || !isRestState(states[key.state] ?? "")) return [];
    return [{ key, entity, isPerson: isPerson(entity.id, entity) }];
  });
}

/** The quiet states of what watches the device's room, and of the persons of the home. */
function quietKeys({ changes }: Timeline, watchers: readonly Watcher[], { entity }: Key): readonly Key[] {
  const device = changes.series.entities[entity];
  if (device === undefined) return [];
  return watchers
    .filter((watcher) => watcher.key.entity !== entity && (watcher.isPerson || isBeside(device, watcher.entity)))
    .map(({ key }) => key);
}

function isWatching({ id, deviceClass }: Entity): boolean {
  return WATCHING.has(deviceClass ?? "") || wordsOf(id).some((word) => WATCHING_WORDS.has(word));
}

/** In one area; where areas are not known, with a word of the name in common. */
function isBeside(device: Entity, watcher: Entity): boolean {
  if (device.area !== null && watcher.area !== null) return device.area === watcher.area;
  const words = new Set(wordsOf(device.id).filter((word) => !COMMON_WORDS.has(word)));
  return wordsOf(watcher.id).some((word) => words.has(word));
}
