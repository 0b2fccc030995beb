import { habitDay } from "./calendar.ts";
import { float, lowerBound, small } from "./columns.ts";
import { type Hypothesis, PAIR_WINDOW_MS, type PairHypothesis, type Span, type TimeHypothesis } from "./hypothesis.ts";
import { firingsOfTime, isInContext, stateCheck } from "./judge.ts";
import { type Key, phasesOfKey, type Timeline } from "./timeline.ts";

/** How far the target's changes are moved to see what chance gives, in hours. */
const SHIFT_HOURS = [2.5, 5.5, 8, 10.5, 13.5, 16, 18.5, 21.5] as const;
const HOUR_MS = 3_600_000;

/** What a rule would have done as an automation that sees every change, chatter included. */
export interface Backtest {
  readonly hits: number;
  readonly wrong: number;
  /** Wrong firings of each day of the span. */
  readonly wrongOfDay: Uint16Array;
  /** The share of its firings that are right when the target's changes are moved by some hours. */
  readonly chance: number;
}

/**
 * Lets a rule fire on every day of the span. `timeline` holds changes that were not debounced; the hypothesis may come from another
 * timeline of the same series.
 */
export function backtest(timeline: Timeline, hypothesis: Hypothesis, span: Span): Backtest {
  const test = { wrongOfDay: new Uint16Array(Math.max(1, span.end - span.firstDay)), hits: 0, wrong: 0 };
  const moved = new Moved(timeline, keyIn(timeline, hypothesis.key));
  if (hypothesis.kind === "state_pair") fireOnStates(timeline, hypothesis, span, test, moved);
  else fireByClock(timeline, hypothesis, span, test, moved);
  return { ...test, chance: moved.share() };
}

interface Counts {
  readonly wrongOfDay: Uint16Array;
  hits: number;
  wrong: number;
}

function count(test: Counts, isHit: boolean, day: number): void {
  if (isHit) test.hits++;
  else {
    test.wrong++;
    if (day >= 0 && day < test.wrongOfDay.length) test.wrongOfDay[day] = small(test.wrongOfDay, day) + 1;
  }
}

function fireByClock(timeline: Timeline, hypothesis: TimeHypothesis, span: Span, test: Counts, moved: Moved): void {
  const key = keyIn(timeline, hypothesis.key);
  if (key === undefined) return;
  const halfMs = hypothesis.halfWidth * 60_000;
  for (const { hit, day, at } of firingsOfTime(timeline, { ...hypothesis, key }, span)) {
    count(test, hit, day - span.firstDay);
    moved.look(at - halfMs, 2 * halfMs);
  }
}

function fireOnStates(timeline: Timeline, hypothesis: PairHypothesis, span: Span, test: Counts, moved: Moved): void {
  const key = keyIn(timeline, hypothesis.key);
  const trigger = keyIn(timeline, hypothesis.trigger);
  if (key === undefined || trigger === undefined) return;
  const { delayMs, context } = hypothesis;
  const fires = phasesOfKey(timeline, trigger);
  const target = phasesOfKey(timeline, key);
  const holds = stateCheck(timeline, contextIn(timeline, context));
  for (let index = 0; index < fires.enter.length; index++) {
    const at = float(fires.enter, index) + delayMs;
    if (float(fires.leave, index) <= at) continue;
    const wall = float(fires.enterWall, index) + delayMs / 60_000;
    if (habitDay(wall) >= span.end) break;
    if (at + PAIR_WINDOW_MS > timeline.endAt || !isInContext(context, wall) || !holds(at)) continue;
    const next = lowerBound(target.enter, at);
    if (next > 0 && float(target.leave, next - 1) > at) continue;
    const follows = next < target.enter.length && float(target.enter, next) - at <= PAIR_WINDOW_MS;
    if (follows && target.byPerson[next] === 0) continue;
    count(test, follows, habitDay(wall) - span.firstDay);
    moved.look(at, PAIR_WINDOW_MS);
  }
}

/** The target's changes, moved in a circle round the recorded time. */
class Moved {
  readonly #enter: Float64Array;
  readonly #startAt: number;
  readonly #length: number;
  #looks = 0;
  #hits = 0;

  constructor(timeline: Timeline, key: Key | undefined) {
    this.#enter = key === undefined ? new Float64Array() : phasesOfKey(timeline, key).enter;
    this.#startAt = timeline.changes.at[0] ?? 0;
    this.#length = Math.max(1, timeline.endAt - this.#startAt);
  }

  /** Looks for a change in a window, at each of the moves. */
  look(from: number, length: number): void {
    for (const hours of SHIFT_HOURS) {
      const moved = (from - this.#startAt - hours * HOUR_MS + 2 * this.#length) % this.#length;
      const start = this.#startAt + moved;
      const next = lowerBound(this.#enter, start);
      this.#looks++;
      if (next < this.#enter.length && float(this.#enter, next) <= start + length) this.#hits++;
    }
  }

  share(): number {
    return this.#looks === 0 ? 0 : this.#hits / this.#looks;
  }
}

function keyIn(timeline: Timeline, { entity, state }: Key): Key | undefined {
  return timeline.find(entity, state);
}

function contextIn(timeline: Timeline, context: PairHypothesis["context"]): PairHypothesis["context"] {
  const others = context.others.flatMap((key) => keyIn(timeline, key) ?? []);
  const key = context.state && keyIn(timeline, context.state.key);
  return { ...context, others, state: context.state && key && { ...context.state, key } };
}
