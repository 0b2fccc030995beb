import type { SunClock } from "../domain/sun.ts";
import { baseRates } from "./base-rate.ts";
import { binomialTail, wilsonBound } from "./binomial.ts";
import { DAY_MINUTES, DAY_STARTS_AT, minuteOfDay } from "./calendar.ts";
import { float, lowerBound } from "./columns.ts";
import { isActuator, isRestState } from "./entity-kind.ts";
import {
  type Findings,
  FEWEST_DAYS,
  LEAST_CONFIDENCE,
  LEAST_LIFT,
  PAIR_WINDOW_MS,
  type PairContext,
  type PairHypothesis,
  type Span,
} from "./hypothesis.ts";
import { screenHeld, USUAL_SHARE } from "./held-screen.ts";
import { type Firing, firingsOfPair } from "./judge.ts";
import {
  BestContexts,
  type BlockCounts,
  blocksOf,
  considerTimes,
  countBlocks,
  totalOf,
  TIME_CONTEXTS,
} from "./pair-context.ts";
import { type Candidate, screenPairs } from "./pair-screen.ts";
import { considerStates, countStateContexts, othersAway } from "./state-context.ts";
import { type Key, type Phases, type Timeline, phasesOfKey, shareOfTime } from "./timeline.ts";
import { TOGETHER_MS } from "./units.ts";

/** Bounds the work on homes with very many pairs: so many changes are compared in all, the most frequent pairs first. */
const MOST_STEPS = 400_000_000;
/** So many states of other entities are asked for, the most evenly divided first, and so many firings are looked at with them. */
const MOST_CONTEXTS = 60;
const MOST_CONTEXT_STEPS = 30_000_000;
/** A state that holds for less of the time, or for more, divides nothing. */
const LEAST_SHARE = 0.05;
/** A usual time of use is looked for after all but these shares of the times of use; of the longest ones this share is left out. */
const SHORTEST_SHARES = [0.02, 0.1, 0.2] as const;
const LONGEST_SHARE = 0.9;
/** Delays are given to half a minute. */
const DELAY_STEP_MS = 30_000;
/**
 * Chance is asked within the window of a pair, then within a minute and a quarter of one, where nearly all hits come so soon: what is on for
 * minutes goes off within the window by any trigger, but not at once.
 */
const CHANCE_WINDOWS_MS = [PAIR_WINDOW_MS, 60_000, 15_000] as const;
const SOON_SHARE = 0.8;
/** No hand follows so fast: where half of the changes come sooner than this, a machine makes them already. */
const FASTEST_HAND_MS = 1_500;

export interface PairOptions {
  readonly triggers: readonly Key[];
  readonly targets: readonly Key[];
  /** Whether a pair may be of one entity. */
  readonly hasDurations: boolean;
  readonly span: Span;
  /** Left out for a home without a place. */
  readonly sun: SunClock | undefined;
}

/** A pair to be looked at, with every delay after which it may fire. */
interface Pair {
  readonly trigger: Key;
  readonly key: Key;
  readonly delays: readonly number[];
  /** How much it may be worth: the pairs that explain most changes are looked at first. */
  readonly hits: number;
}

/**
 * Finds directed pairs: A reaches a state, at once or for some time, and somebody brings B to a state within five minutes. A and B may be
 * one entity: it is then brought back after a usual time. A firing counts when B is in another state; the chance of a hit is B's own rate
 * at that time of day. A pair may hold only at some hours, on working days or at weekends, or in one state of another entity; such a
 * condition is taken only where the Wilson bound rises by it.
 */
export function findPairs(timeline: Timeline, options: PairOptions): Findings<PairHypothesis> {
  const { triggers, targets, hasDurations, span, sun } = options;
  const isSet = (key: Key): boolean => isActuator(timeline.changes.series.entities[key.entity]?.id ?? "");
  const pairs = withinSteps(timeline, [
    ...screenPairs(timeline, { triggers, targets, span }).map(atOnce),
    ...(hasDurations ? pairsInOne(timeline, options, isSet) : []),
    ...screenHeld(timeline, quietKeys(timeline, triggers), quietKeys(timeline, targets), span),
  ]);
  const contexts = contextKeys(timeline, triggers);
  const othersOf = othersAway(timeline);
  const blocks = blocksOf(timeline.changes);
  const end = span.trainEnd * DAY_MINUTES + DAY_STARTS_AT;
  const hypotheses: PairHypothesis[] = [];
  let contextSteps = 0;
  let looked = 0;
  for (const [key, ofTarget] of Map.groupBy(pairs, ({ key }) => key)) {
    const target = phasesOfKey(timeline, key);
    const times = { from: timeline.changes.startWall, until: end };
    const ratesWithin = lazily((windowMs) => baseRates(target, { ...times, windowMs }));
    const ratesAtAnyTime = baseRates(target, { ...times, isAnyTime: true });
    for (const { trigger, delays } of ofTarget) {
      const fires = phasesOfKey(timeline, trigger);
      let variants = TIME_CONTEXTS * delays.length;
      const isOne = trigger.entity === key.entity;
      const best = new BestContexts();
      for (const delayMs of delays) {
        const counts = countBlocks(fires, target, { blocks, end, delayMs });
        if (delayMs === 0 || isUsual(counts, target, end)) considerTimes(best, counts, delayMs);
      }
      contextSteps += fires.enter.length * contexts.length;
      if (contextSteps < MOST_CONTEXT_STEPS) {
        const others = othersOf(trigger);
        variants += countStateContexts({ contexts, sun, others });
        const delayMs = best.useful?.delayMs ?? delays[0] ?? 0;
        if (delayMs === 0) considerStates(best, timeline, { trigger, key, delayMs }, { contexts, sun, others, span });
      }
      looked += variants;
      const ofOne = isOne ? ratesOfOne(fires, delays, ratesAtAnyTime) : undefined;
      const windows = isOne ? CHANCE_WINDOWS_MS.slice(0, 1) : CHANCE_WINDOWS_MS;
      const proposal = {
        trigger,
        key,
        variants,
        windows,
        ratesWithin: ofOne === undefined ? ratesWithin : () => ofOne,
      };
      for (const { context, delayMs } of best.toArray()) {
        const settled = settle(timeline, { ...proposal, context, delayMs }, span);
        if (settled !== undefined) hypotheses.push(settled);
      }
    }
  }
  const families = triggers.length * targets.length;
  return { hypotheses, families, looked };
}

function lazily<T>(make: (windowMs: number) => T): (windowMs: number) => T {
  const made = new Map<number, T>();
  return (windowMs) => {
    const known = made.get(windowMs) ?? make(windowMs);
    made.set(windowMs, known);
    return known;
  };
}

function atOnce({ trigger, target, hits }: Candidate): Pair {
  return { trigger, key: target, delays: [0], hits };
}

/**
 * What goes back by itself or by hand after a usual time. A device that can be set is not put off at the moment it is put on, but once
 * nearly all its times of use have lasted so long; and only where what is left of them is shorter than that, so that its use is regular.
 */
function pairsInOne(
  timeline: Timeline,
  { triggers, targets, span }: PairOptions,
  isSet: (key: Key) => boolean,
): Pair[] {
  return targets.flatMap((key) =>
    triggers
      .filter((trigger) => trigger.entity === key.entity && trigger.state !== key.state)
      .map((trigger) => ({
        trigger,
        key,
        delays: isSet(key) ? usualDelays(phasesOfKey(timeline, trigger), span) : [0],
        hits: Number.MAX_SAFE_INTEGER,
      }))
      .filter(({ delays }) => delays.length > 0),
  );
}

/** What is put back after a while is held against times of use without a usual length, which end at any moment as likely as at any other. */
function ratesOfOne({ enter, leave }: Phases, delays: readonly number[], atAnyTime: Float64Array): Float64Array {
  if (delays[0] === 0) return atAnyTime;
  let total = 0;
  let count = 0;
  for (let index = 0; index < enter.length; index++) {
    const length = float(leave, index) - float(enter, index);
    if (!Number.isFinite(length)) continue;
    total += length;
    count++;
  }
  const chance = count === 0 ? 1 : 1 - Math.exp((-PAIR_WINDOW_MS * count) / Math.max(1, total));
  return atAnyTime.map(() => chance);
}

function usualDelays({ enter, leave, enterWall }: Phases, { trainEnd }: Span): readonly number[] {
  const count = lowerBound(enterWall, trainEnd * DAY_MINUTES + DAY_STARTS_AT);
  const lengths = Float64Array.from({ length: count }, (_, index) => float(leave, index) - float(enter, index)).sort();
  const quantile = (share: number): number => lengths[Math.floor(share * (count - 1))] ?? 0;
  const delays = SHORTEST_SHARES.map((share) => Math.floor(quantile(share) / DELAY_STEP_MS) * DELAY_STEP_MS);
  const longest = quantile(LONGEST_SHARE);
  return [...new Set(delays)].filter((delay) => delay > 0 && longest - delay <= delay);
}

/** Asks whether most changes of the target come so long after: else the rule would speak of the latest alone. */
function isUsual(counts: BlockCounts, { enterWall }: Phases, end: number): boolean {
  return totalOf(counts.hits) >= USUAL_SHARE * lowerBound(enterWall, end);
}

function quietKeys({ changes }: Timeline, keys: readonly Key[]): readonly Key[] {
  return keys.filter(({ state }) => isRestState(changes.series.states[state] ?? ""));
}

/** The states that divide time most evenly. */
function contextKeys(timeline: Timeline, keys: readonly Key[]): readonly Key[] {
  return keys
    .map((key) => ({ key, share: shareOfTime(timeline, key) }))
    .filter(({ share }) => share >= LEAST_SHARE && share <= 1 - LEAST_SHARE)
    .sort((a, b) => Math.abs(a.share - 0.5) - Math.abs(b.share - 0.5) || a.key.index - b.key.index)
    .slice(0, MOST_CONTEXTS)
    .map(({ key }) => key);
}

function withinSteps(timeline: Timeline, pairs: readonly Pair[]): readonly Pair[] {
  let steps = 0;
  return pairs
    .toSorted((a, b) => b.hits - a.hits || a.trigger.index - b.trigger.index || a.key.index - b.key.index)
    .filter(({ trigger, key, delays }) => {
      steps += delays.length * (phasesOfKey(timeline, trigger).enter.length + phasesOfKey(timeline, key).enter.length);
      return steps <= MOST_STEPS;
    });
}

interface Proposal {
  readonly trigger: Key;
  readonly key: Key;
  readonly delayMs: number;
  readonly context: PairContext;
  readonly variants: number;
  /** Within which chance is asked, the widest first. */
  readonly windows: readonly number[];
  readonly ratesWithin: (windowMs: number) => Float64Array;
}

/**
 * Judges a pair in its context by firings and by hours of the clock, because what happens within an hour is not independent, and takes
 * the worse p-value. The binomial tail at the mean chance is never smaller than the true one of unequal chances.
 */
function settle(
  timeline: Timeline,
  { trigger, key, delayMs, context, variants, windows, ratesWithin }: Proposal,
  span: Span,
): PairHypothesis | undefined {
  const pair = { trigger, key, delayMs, context };
  const firings = firingsOfPair(timeline, pair, span).filter(({ day }) => day < span.trainEnd);
  const hits = firings.filter(({ hit }) => hit);
  if (new Set(hits.map(({ day }) => day)).size < FEWEST_DAYS) return undefined;
  if (wilsonBound(hits.length, firings.length) < LEAST_CONFIDENCE) return undefined;
  if (isMadeAtOnce(timeline, pair, hits)) return undefined;
  const leastLift = trigger.entity === key.entity && delayMs > 0 ? 1 : LEAST_LIFT;
  for (const [place, windowMs] of windows.entries()) {
    const isSoon = (firing: Firing): boolean => isHitWithin(firing, windowMs);
    const soon = firings.filter(isSoon).length;
    if (soon < SOON_SHARE * hits.length) break;
    const rates = ratesWithin(windowMs);
    const chance = firings.reduce((sum, firing) => sum + rateAt(rates, firing), 0) / firings.length;
    if (soon < leastLift * chance * firings.length) continue;
    const hours = sumHours(firings, rates, isSoon);
    const p = Math.max(
      binomialTail(soon, firings.length, chance),
      binomialTail(hours.hits, hours.trials, hours.chance),
    );
    return { kind: "state_pair", ...pair, p, variants: variants * (place + 1), chance };
  }
  return undefined;
}

function isHitWithin({ hit, wall, happened }: Firing, windowMs: number): boolean {
  return hit && (windowMs === PAIR_WINDOW_MS || (happened - wall) * 60_000 <= windowMs);
}

/** Asks whether no hand makes the second change after the first: a machine does it already, or one act makes both. */
function isMadeAtOnce(
  { changes }: Timeline,
  { trigger, key, delayMs }: Pick<Proposal, "trigger" | "key" | "delayMs">,
  hits: readonly Firing[],
): boolean {
  const { entities } = changes.series;
  if (delayMs > 0 || !isActuator(entities[key.entity]?.id ?? "")) return false;
  const isOneAct = trigger.state === key.state && isActuator(entities[trigger.entity]?.id ?? "");
  return medianLagMs(hits) < (isOneAct ? TOGETHER_MS : FASTEST_HAND_MS);
}

/** Counts hours with a firing, those with a hit, and the mean chance that an hour has one. */
function sumHours(
  firings: readonly Firing[],
  rates: Float64Array,
  isHit: (firing: Firing) => boolean,
): { trials: number; hits: number; chance: number } {
  const missChance = new Map<number, number>();
  const hitHours = new Set<number>();
  for (const firing of firings) {
    const hour = Math.floor(firing.wall / 60);
    missChance.set(hour, (missChance.get(hour) ?? 1) * (1 - rateAt(rates, firing)));
    if (isHit(firing)) hitHours.add(hour);
  }
  let chance = 0;
  for (const miss of missChance.values()) chance += (1 - miss) / missChance.size;
  return { trials: missChance.size, hits: hitHours.size, chance };
}

function rateAt(rates: Float64Array, { wall }: Firing): number {
  return float(rates, Math.floor(minuteOfDay(wall)));
}

function medianLagMs(hits: readonly Firing[]): number {
  const lags = hits.map(({ wall, happened }) => (happened - wall) * 60_000);
  return lags.toSorted((a, b) => a - b)[lags.length >> 1] ?? 0;
}
