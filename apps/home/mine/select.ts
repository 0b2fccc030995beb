import { type Backtest, backtest } from "./backtest.ts";
import { isActuator } from "./entity-kind.ts";
import { wilsonBound } from "./binomial.ts";
import { falseDiscoveryRates } from "./false-discovery.ts";
import { type Findings, type Hypothesis, LEAST_CONFIDENCE, netUse, type Span } from "./hypothesis.ts";
import { type Firing, firingsOf } from "./judge.ts";
import { asPartOf } from "./one-act.ts";
import { Portfolio } from "./portfolio.ts";
import { type Recent, weighRecent } from "./recent.ts";
import type { Key, Timeline } from "./timeline.ts";

const FALSE_DISCOVERY_RATE = 0.05;
/** With so many firings in the held-out days, at least this share of them must be right. */
const FEWEST_HELD_OUT = 3;
const LEAST_HELD_OUT_PRECISION = 0.5;
/** A rule must be the first to explain at least this share of its hits. */
const LEAST_NEW = 0.5;
/** What a right firing of a rule by the usual time of use is worth. */
const USUAL_WORTH = 0.8;
/** What becomes a part of another rule must foresee this share of what it foresees by itself. */
const LEAST_COVERED = 0.9;
/** What a wrong firing may cost, in right ones: the dearer, the more of the budget of wrong firings is left for other rules. */
const PRICES = [1, 2, 4, 8] as const;
/** The price is chosen by the first so many rules, whatever their number, so that the first of many are those of few. */
const PRICED = 10;
/** So many of the most useful proposals are weighed against each other. */
const MOST_WEIGHED = 2_000;

/** A hypothesis that passed every test, with everything its evidence is made of. */
export interface Selected {
  readonly hypothesis: Hypothesis;
  readonly q: number;
  readonly wilson: number;
  readonly firings: readonly Firing[];
  /** What is brought about by the same act besides the key of the hypothesis; the evidence speaks of that key alone. */
  readonly also: readonly Key[];
}

export interface SelectOptions {
  /** The changes that were not debounced: what an automation would see. */
  readonly raw: Timeline;
  readonly span: Span;
  readonly maxRules: number;
  /** Wrong firings a day that all rules of a home may cause together. */
  readonly maxFalsePerDay: number;
}

/**
 * Keeps what chance does not explain and what still holds in the held-out days, then takes rules by their use: right firings less wrong
 * ones, at the cautious end, for what no rule before them explains. What takes the home past two wrong firings a day is passed over.
 */
export function selectRules(
  timeline: Timeline,
  findings: readonly Findings<Hypothesis>[],
  options: SelectOptions,
): readonly Selected[] {
  const weighed = significant(findings)
    .map(({ hypothesis, q }) => weigh(timeline, hypothesis, q, options.span))
    .filter(isSure)
    .sort((a, b) => b.use - a.use || a.hypothesis.p - b.hypothesis.p)
    .slice(0, MOST_WEIGHED);
  const tests = new Map<Weighed, readonly Backtest[]>();
  const testsOf = (rule: Weighed): readonly Backtest[] => {
    const known =
      tests.get(rule) ?? [options.raw, timeline].map((seen) => backtest(seen, rule.hypothesis, options.span));
    tests.set(rule, known);
    return known;
  };
  const choices = PRICES.map((price) => takeByUse(timeline, weighed, { ...options, price, testsOf }));
  const { taken } = choices.reduce((best, choice) => (choice.value > best.value ? choice : best));
  return taken.slice(0, options.maxRules);
}

function significant(findings: readonly Findings<Hypothesis>[]): { hypothesis: Hypothesis; q: number }[] {
  const hypotheses = findings.flatMap(({ hypotheses }) => hypotheses);
  const families = findings.reduce((sum, { families }) => sum + families, 0);
  const rates = falseDiscoveryRates(
    hypotheses.map(({ p, variants }) => Math.min(1, p * variants)),
    families,
  );
  return hypotheses
    .map((hypothesis, index) => ({ hypothesis, q: rates[index] ?? 1 }))
    .filter(({ q }) => q <= FALSE_DISCOVERY_RATE);
}

interface Weighed extends Selected {
  readonly use: number;
  /** All firings, held-out days included, the recent ones weighing more. */
  readonly recent: Recent;
  readonly heldOut: { readonly hits: number; readonly misses: number };
  /** The changes of the training days that it foresees. */
  readonly covered: readonly number[];
}

function weigh(timeline: Timeline, hypothesis: Hypothesis, q: number, span: Span): Weighed {
  const firings = firingsOf(timeline, hypothesis, span);
  const training = firings.filter(({ day }) => day < span.trainEnd);
  const trials = training.length;
  const hits = training.filter(({ hit }) => hit).length;
  const heldOutHits = firings.filter(({ day, hit }) => hit && day >= span.trainEnd).length;
  const heldOut = { hits: heldOutHits, misses: firings.length - trials - heldOutHits };
  const wilson = wilsonBound(hits, trials);
  const covered = training.flatMap(({ covered }) => covered);
  const recent = weighRecent(firings, span.end);
  const use = netUse(recent.trials, recent.wilson);
  return { hypothesis, q, wilson, firings, use, recent, heldOut, covered, also: [] };
}

function isSure(rule: Weighed): boolean {
  return rule.wilson >= LEAST_CONFIDENCE && rule.recent.wilson >= LEAST_CONFIDENCE && holdsOut(rule);
}

function holdsOut({ heldOut: { hits, misses } }: Weighed): boolean {
  return hits + misses < FEWEST_HELD_OUT || hits >= LEAST_HELD_OUT_PRECISION * (hits + misses);
}

interface TakeOptions extends SelectOptions {
  /** What a wrong firing costs, in right ones. */
  readonly price: number;
  readonly testsOf: (rule: Weighed) => readonly Backtest[];
}

/**
 * Greedy cover. Use only falls while changes get covered, so a rule still on top after being weighed again is the best one. What is done by
 * the act of a rule that was taken becomes a part of it, and needs no place.
 */
function takeByUse(
  timeline: Timeline,
  weighed: readonly Weighed[],
  { maxRules, maxFalsePerDay, price, span, testsOf }: TakeOptions,
): { readonly taken: readonly Selected[]; readonly value: number } {
  const portfolio = new Portfolio(maxFalsePerDay);
  const isCovered = new Uint8Array(timeline.changes.at.length);
  const taken: Weighed[] = [];
  let waiting = weighed.map((rule) => ({ rule, use: useOf(rule, 1, price) })).toSorted((a, b) => b.use - a.use);
  let value = 0;
  // The first places first, with all that belongs to them: so the first rules of many are those of few.
  for (const places of [PRICED, maxRules]) waiting = fill(places);
  return { taken, value };

  function fill(places: number): typeof waiting {
    const late: typeof waiting = [];
    while (waiting.length > 0) {
      const first = waiting[0];
      if (first === undefined) break;
      waiting = waiting.slice(1);
      const { rule } = first;
      const fresh = rule.covered.filter((change) => isCovered[change] === 0).length / Math.max(1, rule.covered.length);
      const use = useOf(rule, fresh, price);
      if (fresh < LEAST_NEW || use <= 0) continue;
      const next = waiting[0];
      if (next !== undefined && use < next.use) {
        insert(waiting, { rule, use });
        continue;
      }
      if (taken.some((other) => contradicts(timeline, other, rule))) continue;
      const home = findWhole(rule);
      if (home === undefined && taken.length >= places) late.push(first);
      else take(home?.part ?? rule, home?.place ?? taken.length, fresh);
    }
    return late;
  }

  /** Finds the rule of which another is a part, and what it says as that. */
  function findWhole(rule: Weighed): { readonly part: Weighed; readonly place: number } | undefined {
    for (const [place, whole] of taken.entries()) {
      const hypothesis = asPartOf(whole, rule);
      if (hypothesis === undefined) continue;
      const part = weigh(timeline, hypothesis, rule.q, span);
      if (isSure(part) && part.covered.length >= LEAST_COVERED * rule.covered.length) return { part, place };
    }
    return undefined;
  }

  function take(rule: Weighed, place: number, fresh: number): void {
    // A rule fires once for all that belongs to it, and is wrong once.
    if (place === taken.length && !portfolio.take(testsOf(rule))) return;
    if (place < PRICED)
      value += useOf(rule, fresh, price) + (price - 1) * rule.recent.trials * (1 - rule.recent.wilson);
    const whole = taken[place];
    taken[place] = whole === undefined ? rule : { ...whole, also: [...whole.also, rule.hypothesis.key] };
    for (const change of rule.covered) isCovered[change] = 1;
  }
}

/**
 * What a rule brings that foresees so many changes which no other does. That a device goes off after its usual time is said better by what
 * ends its use, so it counts a little less.
 */
function useOf({ recent: { trials, wilson }, hypothesis }: Weighed, fresh: number, price: number): number {
  const isUsual =
    hypothesis.kind === "state_pair" && hypothesis.trigger.entity === hypothesis.key.entity && hypothesis.delayMs > 0;
  return trials * (fresh * wilson - price * (1 - wilson)) * (isUsual ? USUAL_WORTH : 1);
}

function insert<T extends { readonly use: number }>(sorted: T[], item: T): void {
  const place = sorted.findIndex(({ use }) => use < item.use);
  sorted.splice(place < 0 ? sorted.length : place, 0, item);
}

/** One pair is the other read backwards, or one trigger would set one device to two states. */
function contradicts({ changes }: Timeline, { hypothesis: a }: Weighed, { hypothesis: b }: Weighed): boolean {
  if (a.kind !== "state_pair" || b.kind !== "state_pair") return false;
  const isOfOne = a.trigger.entity === a.key.entity && !isActuator(changes.series.entities[a.key.entity]?.id ?? "");
  if (a.trigger === b.key && a.key === b.trigger) return !isOfOne;
  const target = changes.series.entities[a.key.entity];
  return a.trigger === b.trigger && a.key.entity === b.key.entity && target !== undefined && isActuator(target.id);
}
