import { DAY_MINUTES, minuteOfDay } from "./calendar.ts";
import { float } from "./columns.ts";
import { PAIR_WINDOW_MS } from "./hypothesis.ts";
import type { Phases } from "./timeline.ts";

/** Chance is taken within a quarter of an hour and within an hour and a half of the clock time, whichever is more. */
const HALF_SPANS = [15, 90] as const;

export interface BaseRateOptions {
  /** Wall-clock minutes between which the rate is taken. */
  readonly from: number;
  readonly until: number;
  /** Whether any instant counts, and not only those at which the target is in another state. Default false. */
  readonly isAnyTime?: boolean;
  /** Within how long, in milliseconds. Default: the window of a pair. */
  readonly windowMs?: number;
}

/**
 * For each minute of the day the chance that, at an instant at which the target is in another state, somebody brings it to its state
 * within the window: from the target's own times alone.
 */
export function baseRates(
  { enterWall, leaveWall, byPerson }: Phases,
  { from: fromWall, until: untilWall, isAnyTime = false, windowMs = PAIR_WINDOW_MS }: BaseRateOptions,
): Float64Array {
  const window = windowMs / 60_000;
  const away = new DayTime();
  const soon = new DayTime();
  let left = fromWall;
  for (let index = 0; index <= enterWall.length && left < untilWall; index++) {
    const isLast = index === enterWall.length;
    const entered = isLast ? untilWall : Math.min(untilWall, float(enterWall, index));
    if (entered > left) away.add(left, entered);
    const isHit = !isLast && byPerson[index] === 1 && float(enterWall, index) < untilWall;
    if (isHit && entered > left) soon.add(Math.max(left, entered - window), entered);
    left = isLast ? untilWall : Math.max(left, isAnyTime ? entered : float(leaveWall, index));
  }
  const awaySums = circularSums(away.toMinutes());
  const soonSums = circularSums(soon.toMinutes());
  const rates = new Float64Array(DAY_MINUTES);
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    for (const half of HALF_SPANS) {
      const from = minute - half + DAY_MINUTES;
      const to = minute + half + 1 + DAY_MINUTES;
      const time = float(awaySums, to) - float(awaySums, from);
      if (time > 0)
        rates[minute] = Math.max(float(rates, minute), (float(soonSums, to) - float(soonSums, from)) / time);
    }
  }
  return rates;
}

/** Time per minute of the day, gathered from spans; a span of many hours costs no more than a short one. */
class DayTime {
  readonly #parts = new Float64Array(DAY_MINUTES);
  /** How many more whole minutes begin at a minute than end before it. */
  readonly #steps = new Float64Array(DAY_MINUTES);
  #everywhere = 0;

  add(from: number, to: number): void {
    const first = Math.ceil(from);
    const last = Math.floor(to);
    if (first > last) return this.#addPart(from, to - from);
    this.#addPart(from, first - from);
    this.#addPart(last, to - last);
    const days = Math.floor((last - first) / DAY_MINUTES);
    this.#everywhere += days;
    const start = minuteOfDay(first);
    const end = minuteOfDay(last);
    this.#steps[start] = float(this.#steps, start) + 1;
    this.#steps[end] = float(this.#steps, end) - 1;
    if (end < start) this.#everywhere++;
  }

  toMinutes(): Float64Array {
    let level = this.#everywhere;
    return this.#parts.map((part, minute) => {
      level += float(this.#steps, minute);
      return part + level;
    });
  }

  #addPart(at: number, length: number): void {
    const minute = Math.floor(minuteOfDay(at));
    this.#parts[minute] = float(this.#parts, minute) + length;
  }
}

/** Running sums over three days, so that a span may cross midnight. */
function circularSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(3 * DAY_MINUTES + 1);
  for (let index = 0; index < 3 * DAY_MINUTES; index++) {
    sums[index + 1] = float(sums, index) + float(values, index % DAY_MINUTES);
  }
  return sums;
}
