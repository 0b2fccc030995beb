import { type Rule, SUN_EVENTS } from "../domain/rule.ts";
import type { Entity, EventSeries } from "../domain/series.ts";
import { openSunClock, type Place } from "../domain/sun.ts";
import { placeOfZone } from "../domain/zone-places.ts";
import { openZone } from "../domain/zone.ts";
import { type Anomaly, findAnomalies } from "./anomalies.ts";
import { clean, type Changes } from "./clean.ts";
import { whole } from "./columns.ts";
import { findDerived } from "./derived.ts";
import { isActuator, isForbidden, isPassingState } from "./entity-kind.ts";
import { findForgotten } from "./forgotten-on.ts";
import { FEWEST_DAYS, type Span } from "./hypothesis.ts";
import { selectRules } from "./select.ts";
import { findPairs } from "./state-pairs.ts";
import { findTimeHabits } from "./time-of-day.ts";
import { activeDays, createTimeline, type Timeline } from "./timeline.ts";
import { findSunHabits } from "./sun-habits.ts";
import { toRule } from "./to-rule.ts";
import { findUnits, type Units } from "./units.ts";

const TRAIN_SHARE = 0.8;

export interface MineOptions {
  /** IANA name of the home's time zone. An unknown one throws RangeError. */
  readonly zone: string;
  /** Default 50. A caller that wants ten takes the first ten: they are the same as with `maxRules: 10`. */
  readonly maxRules?: number;
  /** Wrong firings a day that all rules together may be expected to cause. Default 2. */
  readonly maxFalsePerDay?: number;
  /**
   * Entities to find habits of, as ids in which * stands for anything. Default: every entity that an automation can set, or in a home
   * without any, every entity of two states. What could let somebody in, burn or flood is never among them.
   */
  readonly targets?: readonly string[];
  /** Whether rules may say that an entity goes back after its usual time. Default true. */
  readonly hasDurations?: boolean;
  /** Where the home lies, for habits that go by the sun. Default: the city after which the time zone is named, if it is. */
  readonly place?: Place;
  /** Events from this instant on are not looked at, in milliseconds since the epoch. Default: none. */
  readonly until?: number;
}

export interface MineResult {
  /** The most useful rule first. */
  readonly rules: readonly Rule[];
  /** Days from the first event to the last, the ones without events included; a day begins at 04:00. */
  readonly days: number;
  /** Events that were looked at. */
  readonly events: number;
  /** Hypotheses that were tested: every window, mask and context of every entity and pair. */
  readonly candidates: number;
  /** What the latest days had that is not usual: reported, never automated. */
  readonly anomalies: readonly Anomaly[];
  /** Entities in which habits were looked for. */
  readonly targets: number;
}

/**
 * Finds the habits of a home: times of day at which somebody brings a state about, and directed pairs in which a state follows another.
 * It learns from the first four fifths of the days and checks on the rest. The same series gives the same rules.
 */
export function mine(
  series: EventSeries,
  {
    zone,
    maxRules = 50,
    maxFalsePerDay = 2,
    hasDurations = true,
    place = placeOfZone(zone),
    targets,
    until,
  }: MineOptions,
): MineResult {
  const sun = place && openSunClock(place, openZone(zone));
  const seen = { zone, until: until ?? Number.POSITIVE_INFINITY };
  const changes = clean(series, seen);
  const days = changes.lived.length;
  const span = splitDays(changes);
  const isDerived = findDerived(changes);
  const isTarget = findTargets(changes, isDerived, targets);
  const timeline = createTimeline(changes);
  const units = findUnits(timeline);
  const { triggerKeys, targetKeys } = chooseKeys(timeline, { units, isDerived, isTarget, span });

  const findings = [
    findTimeHabits(timeline, targetKeys, { span }),
    ...(sun === undefined
      ? []
      : SUN_EVENTS.map((event) => findSunHabits(timeline, targetKeys, { span, sun: { event, clock: sun } }))),
    findPairs(timeline, {
      triggers: triggerKeys,
      targets: targetKeys.filter(({ entity }) => isDerived[entity] === 0),
      hasDurations,
      span,
      sun,
    }),
  ];
  const raw = createTimeline(clean(series, { ...seen, isDebounced: false }));
  const selected = selectRules(timeline, findings, { raw, span, maxRules, maxFalsePerDay });
  const forgotten = hasDurations ? findForgotten(timeline, targetKeys, span).slice(0, maxRules - selected.length) : [];
  return {
    rules: withoutTwins([...selected, ...forgotten].map((rule) => toRule(rule, { timeline, units, span }))),
    days,
    events: changes.events,
    candidates: findings.reduce((sum, { looked }) => sum + looked, 0),
    anomalies: findAnomalies(timeline, triggerKeys, span),
    targets: isTarget.reduce((sum, value) => sum + value, 0),
  };
}

function splitDays({ firstDay, lived }: Changes): Span {
  return { firstDay, trainEnd: firstDay + Math.round(TRAIN_SHARE * lived.length), end: firstDay + lived.length };
}

/** Marks the entities in which habits are looked for. */
function findTargets(
  { series, entity, state }: Changes,
  isDerived: Uint8Array,
  patterns: readonly string[] | undefined,
): Uint8Array {
  const { entities } = series;
  const statesOf = countStates(entities.length, entity, state);
  const hasActuators = entities.some(({ id }, index) => isActuator(id) && whole(statesOf, index) > 0);
  const isAsked = patterns && matcherOf(patterns);
  return Uint8Array.from(entities, (candidate, index) => {
    if (isForbidden(candidate) || whole(statesOf, index) < 2) return 0;
    if (isAsked !== undefined) return Number(isAsked(candidate.id));
    if (hasActuators) return Number(isActuator(candidate.id));
    return Number(statesOf[index] === 2 && isDerived[index] === 0);
  });
}

/**
 * Makes the test of whether changes of an entity are what an evaluation counts: those that match a pattern, by default those that an
 * automation can set, or in a home without any all of them.
 */
export function targetTest(
  entities: readonly Entity[],
  patterns: readonly string[] | undefined,
): (entityId: string) => boolean {
  if (patterns !== undefined) return matcherOf(patterns);
  const settable = new Set(
    entities.filter((entity) => isActuator(entity.id) && !isForbidden(entity)).map(({ id }) => id),
  );
  return settable.size === 0 ? () => true : (entityId) => settable.has(entityId);
}

function matcherOf(patterns: readonly string[]): (entityId: string) => boolean {
  const asked = new RegExp(`^(?:${patterns.map(toRegExp).join("|")})$`);
  return (entityId) => asked.test(entityId);
}

function countStates(count: number, entity: Uint32Array, state: Uint32Array): Uint32Array {
  const seen = new Map<number, Set<number>>();
  for (let index = 0; index < entity.length; index++) {
    const owner = whole(entity, index);
    const known = seen.get(owner) ?? new Set();
    if (known.size === 0) seen.set(owner, known);
    known.add(whole(state, index));
  }
  return Uint32Array.from({ length: count }, (_, index) => seen.get(index)?.size ?? 0);
}

function toRegExp(glob: string): string {
  return glob.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
}

interface KeyOptions {
  readonly units: Units;
  readonly isDerived: Uint8Array;
  readonly isTarget: Uint8Array;
  readonly span: Span;
}

/** The states that happened on enough days to be part of a rule at all; of a unit only its leader. */
function chooseKeys(timeline: Timeline, { units, isDerived, isTarget, span }: KeyOptions) {
  const { keys, changes } = timeline;
  const days = activeDays(timeline, span.trainEnd);
  const leaders = keys.filter(({ index }) => whole(days, index) >= FEWEST_DAYS && units.leader[index] === index);
  return {
    triggerKeys: leaders.filter(({ entity }) => isDerived[entity] === 0),
    targetKeys: leaders.filter(
      ({ entity, state }) => isTarget[entity] === 1 && !isPassingState(changes.series.states[state] ?? ""),
    ),
  };
}

/** Two rules that differ only by what a fingerprint leaves out are one habit; the stronger stays. */
function withoutTwins(rules: readonly Rule[]): readonly Rule[] {
  return [...new Map(rules.toReversed().map((rule) => [rule.id, rule])).values()].toReversed();
}
