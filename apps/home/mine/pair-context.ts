import { wilsonBound } from "./binomial.ts";
import { DAY_MINUTES, type DayMask, EVERY_DAY, minuteOfDay, weekdayOf, WEEKEND, WORKING_DAYS } from "./calendar.ts";
import { byte, float, whole } from "./columns.ts";
import type { Changes } from "./clean.ts";
import { FEWEST_DAYS, LEAST_CONFIDENCE, netUse, PAIR_WINDOW_MS, type PairContext } from "./hypothesis.ts";
import type { Phases } from "./timeline.ts";

const BLOCK_MINUTES = 120;
const BLOCKS = DAY_MINUTES / BLOCK_MINUTES;
const BAND_BLOCKS = [2, 3, 4, 6] as const;
/** Every day comes first. */
const MASKS = [EVERY_DAY, WORKING_DAYS, WEEKEND] as const;
/** Length of a run of sums over the blocks of two days. */
const RUN = 2 * BLOCKS + 1;

/** How many contexts of days and hours a pair has. */
export const TIME_CONTEXTS = MASKS.length * (1 + BLOCKS * BAND_BLOCKS.length);

export const NO_CONTEXT: PairContext = {
  mask: EVERY_DAY,
  band: undefined,
  state: undefined,
  others: [],
  sun: undefined,
};

/** A context and what it promises. */
export interface Promising {
  readonly context: PairContext;
  readonly delayMs: number;
  readonly trials: number;
  readonly wilson: number;
}

/**
 * Keeps what promises most: one for whom a wrong firing costs what a right one brings, and one for whom it costs ten times as much. Which of
 * the two a home can afford depends on its other rules.
 */
export class BestContexts {
  #useful: Promising | undefined;
  #strict: Promising | undefined;

  consider(found: Promising): void {
    if (found.wilson < LEAST_CONFIDENCE) return;
    if (this.#useful === undefined || useOf(found, 1) > useOf(this.#useful, 1)) this.#useful = found;
    if (this.#strict === undefined || useOf(found, STRICT_PRICE) > useOf(this.#strict, STRICT_PRICE)) {
      this.#strict = found;
    }
  }

  get useful(): Promising | undefined {
    return this.#useful;
  }

  toArray(): readonly Promising[] {
    return [...new Set([this.#useful, this.#strict])].filter((found) => found !== undefined);
  }
}

const STRICT_PRICE = 10;

function useOf({ trials, wilson }: Promising, price: number): number {
  return netUse(trials, wilson, price);
}

/** Looks at the contexts of days and hours in which the pair is right more often than wrong. */
export function considerTimes(best: BestContexts, counts: BlockCounts, delayMs: number): void {
  const plain = wilsonBound(whole(counts.hits, BLOCKS), whole(counts.trials, BLOCKS));
  for (const [place, mask] of MASKS.entries()) {
    const from = place * RUN;
    consider(mask, 0, from, BLOCKS);
    for (const length of BAND_BLOCKS) for (let block = 0; block < BLOCKS; block++) consider(mask, block, from, length);
  }

  function consider(mask: DayMask, block: number, from: number, length: number): void {
    const hits = whole(counts.hits, from + block + length) - whole(counts.hits, from + block);
    if (hits < FEWEST_DAYS) return;
    const trials = whole(counts.trials, from + block + length) - whole(counts.trials, from + block);
    const wilson = wilsonBound(hits, trials);
    const isPlain = mask === EVERY_DAY && length === BLOCKS;
    if (!isPlain && wilson <= plain) return;
    const start = block * BLOCK_MINUTES;
    const band = length === BLOCKS ? undefined : { from: start, to: (start + length * BLOCK_MINUTES) % DAY_MINUTES };
    best.consider({ context: { ...NO_CONTEXT, mask, band }, delayMs, trials, wilson });
  }
}

/** Running sums over the blocks of two days, for each of `MASKS` one run after the other. */
export interface BlockCounts {
  readonly trials: Uint32Array;
  readonly hits: Uint32Array;
}

/** Each change's block of two hours, those of weekends after those of working days. */
export function blocksOf({ wall }: Changes): Uint8Array {
  const blocks = new Uint8Array(wall.length);
  for (let index = 0; index < wall.length; index++) blocks[index] = blockOf(float(wall, index));
  return blocks;
}

function blockOf(wall: number): number {
  const isWeekend = weekdayOf(Math.floor(wall / DAY_MINUTES)) >= 5;
  return Number(isWeekend) * BLOCKS + Math.floor(minuteOfDay(wall) / BLOCK_MINUTES);
}

export interface CountOptions {
  readonly blocks: Uint8Array;
  /** Wall-clock minute at which the training days end. */
  readonly end: number;
  readonly delayMs: number;
}

/** Counts the trials and hits of the training days; as `firingsOfPair`, for every context of days and hours at once. */
export function countBlocks(fires: Phases, target: Phases, { blocks, end, delayMs }: CountOptions): BlockCounts {
  const trials = new Uint32Array(2 * BLOCKS);
  const hits = new Uint32Array(2 * BLOCKS);
  const enters = target.enter;
  let next = 0;
  let claimed = -1;
  for (let index = 0; index < fires.enter.length; index++) {
    const at = float(fires.enter, index) + delayMs;
    const wall = float(fires.enterWall, index) + delayMs / 60_000;
    if (wall >= end) break;
    if (delayMs > 0 && float(fires.leave, index) <= at) continue;
    while (next < enters.length && float(enters, next) <= at) next++;
    if (byte(fires.byPerson, index) === 0 || claimed === next) continue;
    if (next > 0 && float(target.leave, next - 1) > at) continue;
    const follows = next < enters.length && float(enters, next) - at <= PAIR_WINDOW_MS;
    if (follows && byte(target.byPerson, next) === 0) continue;
    const block = delayMs === 0 ? byte(blocks, whole(fires.change, index)) : blockOf(wall);
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

/** All trials or hits, whatever their hour and day. */
export function totalOf(sums: Uint32Array): number {
  return whole(sums, BLOCKS);
}
