import { baseRates } from "./base-rate.ts";
import { binomialTail, wilsonBound } from "./binomial.ts";
import {
  DAY_MINUTES,
  DAY_STARTS_AT,
  type DayMask,
  EVERY_DAY,
  minuteOfDay,
  weekdayOf,
  WEEKEND,
  WORKING_DAYS,
} from "./calendar.ts";
import { byte, float, whole } from "./columns.ts";
import type { Changes } from "./clean.ts";
import { isActuator } from "./entity-kind.ts";
import {
  type Findings,
  FEWEST_DAYS,
  LEAST_CONFIDENCE,
  LEAST_LIFT,
  netUse,
  PAIR_WINDOW_MS,
  type PairContext,
  type PairHypothesis,
  type Span,
} from "./hypothesis.ts";
import { type Firing, firingsOfPair } from "./judge.ts";
import { type Candidate, screenPairs } from "./pair-screen.ts";
import { type Key, type Phases, type Timeline, phasesOfKey } from "./timeline.ts";
import { TOGETHER_MS } from "./units.ts";

const BLOCK_MINUTES = 120;
const BLOCKS = DAY_MINUTES / BLOCK_MINUTES;
const BAND_BLOCKS = [2, 3, 4, 6] as const;
/** Every day comes first. */
const MASKS = [EVERY_DAY, WORKING_DAYS, WEEKEND] as const;
/** Length of a run of sums over the blocks of two days. */
const RUN = 2 * BLOCKS + 1;
const VARIANTS = MASKS.length * (1 + BLOCKS * BAND_BLOCKS.length);
/** Bounds the work on homes with very many pairs: so many changes are compared in all, the most frequent pairs first. */
const MOST_STEPS = 400_000_000;
/** No hand follows so fast: where half of the changes come sooner than this, a machine makes them already. */
const FASTEST_HAND_MS = 1_500;

export interface PairOptions {
  readonly triggers: readonly Key[];
  readonly targets: readonly Key[];
  readonly span: Span;
}

/**
 * Finds directed pairs: A reaches a state, and somebody brings B to a state within five minutes. A firing counts when B is in another
 * state; the chance of a hit is B's own rate at that time of day. A pair may hold only at some hours or only on working days or at
 * weekends; such a condition is taken only where the Wilson bound rises by it.
 */
export function findPairs(timeline: Timeline, { triggers, targets, span }: PairOptions): Findings<PairHypothesis> {
  const candidates = screenPairs(timeline, { triggers, targets, span });
  const affordable = withinSteps(timeline, candidates);
  const byTarget = Map.groupBy(affordable, ({ target }) => target);
  const hypotheses: PairHypothesis[] = [];
  const blocks = blocksOf(timeline.changes);
  const trainEnd = span.trainEnd * DAY_MINUTES + DAY_STARTS_AT;
  for (const [target, pairs] of byTarget) {
    const phases = phasesOfKey(timeline, target);
    const rates = baseRates(phases, timeline.changes.startWall, trainEnd);
    for (const { trigger } of pairs) {
      const context = bestContext(countBlocks(phasesOfKey(timeline, trigger), phases, blocks, trainEnd));
      const found = context && settle(timeline, { trigger, key: target, context, rates }, span);
      if (found !== undefined) hypotheses.push(found);
    }
  }
  const families = countFamilies(triggers, targets);
  return { hypotheses, families, looked: families * VARIANTS };
}

/** Ordered pairs of keys that belong to two entities. */
function countFamilies(triggers: readonly Key[], targets: readonly Key[]): number {
  const perEntity = new Map<number, number>();
  for (const { entity } of triggers) perEntity.set(entity, (perEntity.get(entity) ?? 0) + 1);
  return targets.reduce((sum, { entity }) => sum + triggers.length - (perEntity.get(entity) ?? 0), 0);
}

function withinSteps(timeline: Timeline, candidates: readonly Candidate[]): readonly Candidate[] {
  let steps = 0;
  return candidates
    .toSorted((a, b) => b.days - a.days || a.trigger.index - b.trigger.index || a.target.index - b.target.index)
    .filter(({ trigger, target }) => {
      steps += phasesOfKey(timeline, trigger).enter.length + phasesOfKey(timeline, target).enter.length;
      return steps <= MOST_STEPS;
    });
}

/** The context of most use, among those in which the pair is right more often than wrong. */
function bestContext(counts: BlockCounts): PairContext | undefined {
  const plain = wilsonBound(whole(counts.hits, BLOCKS), whole(counts.trials, BLOCKS));
  let best: PairContext | undefined;
  let bestUse = 0;
  for (const [place, mask] of MASKS.entries()) {
    const from = place * RUN;
    consider(mask, 0, from, BLOCKS);
    for (const length of BAND_BLOCKS) for (let block = 0; block < BLOCKS; block++) consider(mask, block, from, length);
  }
  return best;

  function consider(mask: DayMask, block: number, from: number, length: number): void {
    const hits = whole(counts.hits, from + block + length) - whole(counts.hits, from + block);
    if (hits < FEWEST_DAYS) return;
    const trials = whole(counts.trials, from + block + length) - whole(counts.trials, from + block);
    const wilson = wilsonBound(hits, trials);
    const use = netUse(trials, wilson);
    if (wilson < LEAST_CONFIDENCE || use <= bestUse) return;
    const isPlain = mask === EVERY_DAY && length === BLOCKS;
    if (!isPlain && wilson <= plain) return;
    const start = block * BLOCK_MINUTES;
    const band = length === BLOCKS ? undefined : { from: start, to: (start + length * BLOCK_MINUTES) % DAY_MINUTES };
    best = { mask, band };
    bestUse = use;
  }
}

/** Running sums over the blocks of two days, for each of `MASKS` one run after the other. */
interface BlockCounts {
  readonly trials: Uint32Array;
  readonly hits: Uint32Array;
}

/** Each change's block of two hours, those of weekends after those of working days. */
function blocksOf({ wall }: Changes): Uint8Array {
  const blocks = new Uint8Array(wall.length);
  for (let index = 0; index < wall.length; index++) {
    const at = float(wall, index);
    const isWeekend = weekdayOf(Math.floor(at / DAY_MINUTES)) >= 5;
    blocks[index] = Number(isWeekend) * BLOCKS + Math.floor(minuteOfDay(at) / BLOCK_MINUTES);
  }
  return blocks;
}

/** Counts the trials and hits of the training days; as `firingsOfPair`, for every context at once. */
function countBlocks(fires: Phases, target: Phases, blocks: Uint8Array, end: number): BlockCounts {
  const trials = new Uint32Array(2 * BLOCKS);
  const hits = new Uint32Array(2 * BLOCKS);
  const enters = target.enter;
  let next = 0;
  let claimed = -1;
  for (let index = 0; index < fires.enter.length; index++) {
    const at = float(fires.enter, index);
    if (float(fires.enterWall, index) >= end) break;
    while (next < enters.length && float(enters, next) <= at) next++;
    if (byte(fires.byPerson, index) === 0 || claimed === next) continue;
    if (next > 0 && float(target.leave, next - 1) > at) continue;
    const follows = next < enters.length && float(enters, next) - at <= PAIR_WINDOW_MS;
    if (follows && byte(target.byPerson, next) === 0) continue;
    const block = byte(blocks, whole(fires.change, index));
    trials[block] = whole(trials, block) + 1;
    if (!follows) continue;
    claimed = next;
    hits[block] = whole(hits, block) + 1;
  }
  return { trials: runningSums(trials), hits: runningSums(hits) };
}

function runningSums(counts: Uint32Array): Uint32Array {
  const sums = new Uint32Array(MASKS.length * RUN);
  for (const [place, mask] of MASKS.entries()) {
    for (let index = 0; index < RUN - 1; index++) {
      const block = index % BLOCKS;
      const workday = (mask & WORKING_DAYS) === 0 ? 0 : whole(counts, block);
      const weekend = (mask & WEEKEND) === 0 ? 0 : whole(counts, BLOCKS + block);
      sums[place * RUN + index + 1] = whole(sums, place * RUN + index) + workday + weekend;
    }
  }
  return sums;
}

interface Proposal {
  readonly trigger: Key;
  readonly key: Key;
  readonly context: PairContext;
  readonly rates: Float64Array;
}

/**
 * Judges a pair in its context by firings and by hours of the clock, because what happens within an hour is not independent, and takes
 * the worse p-value. The binomial tail at the mean chance is never smaller than the true one of unequal chances.
 */
function settle(
  timeline: Timeline,
  { trigger, key, context, rates }: Proposal,
  span: Span,
): PairHypothesis | undefined {
  const firings = firingsOfPair(timeline, { trigger, key, context }, span).filter(({ day }) => day < span.trainEnd);
  const hits = firings.filter(({ hit }) => hit);
  if (new Set(hits.map(({ day }) => day)).size < FEWEST_DAYS) return undefined;
  if (wilsonBound(hits.length, firings.length) < LEAST_CONFIDENCE) return undefined;
  if (isMadeAtOnce(timeline, { trigger, key }, hits)) return undefined;
  const chance = firings.reduce((sum, firing) => sum + rateAt(rates, firing), 0) / firings.length;
  if (hits.length < LEAST_LIFT * chance * firings.length) return undefined;
  const hours = sumHours(firings, rates);
  const p = Math.max(
    binomialTail(hits.length, firings.length, chance),
    binomialTail(hours.hits, hours.trials, hours.chance),
  );
  return { kind: "state_pair", trigger, key, context, p, variants: VARIANTS, chance };
}

/** Asks whether no hand makes the second change after the first: a machine does it already, or one act makes both. */
function isMadeAtOnce(
  { changes }: Timeline,
  { trigger, key }: Pick<Proposal, "trigger" | "key">,
  hits: readonly Firing[],
): boolean {
  const { entities } = changes.series;
  if (!isActuator(entities[key.entity]?.id ?? "")) return false;
  const isOneAct = trigger.state === key.state && isActuator(entities[trigger.entity]?.id ?? "");
  return medianLagMs(hits) < (isOneAct ? TOGETHER_MS : FASTEST_HAND_MS);
}

/** Counts hours with a firing, those with a hit, and the mean chance that an hour has one. */
function sumHours(firings: readonly Firing[], rates: Float64Array): { trials: number; hits: number; chance: number } {
  const missChance = new Map<number, number>();
  const hitHours = new Set<number>();
  for (const firing of firings) {
    const hour = Math.floor(firing.wall / 60);
    missChance.set(hour, (missChance.get(hour) ?? 1) * (1 - rateAt(rates, firing)));
    if (firing.hit) hitHours.add(hour);
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
