import { isActuator } from "./entity-kind.ts";
import { wilsonBound } from "./binomial.ts";
import { falseDiscoveryRates } from "./false-discovery.ts";
import { type Findings, type Hypothesis, LEAST_CONFIDENCE, netUse, type Span } from "./hypothesis.ts";
import { type Firing, firingsOf } from "./judge.ts";
import { joinMoments } from "./moments.ts";
import type { Key, Timeline } from "./timeline.ts";

const FALSE_DISCOVERY_RATE = 0.05;
/** With so many firings in the held-out days, at least this share of them must be right. */
const FEWEST_HELD_OUT = 3;
const LEAST_HELD_OUT_PRECISION = 0.5;
/** Wrong firings a day that all rules of a home may cause together. */
const MOST_FALSE_PER_DAY = 2;
/** A rule must be the first to explain at least this share of its hits. */
const LEAST_NEW = 0.5;
/** So many of the most useful proposals are weighed against each other. */
const MOST_WEIGHED = 2_000;

/** A hypothesis that passed every test, with everything its evidence is made of. */
export interface Selected {
  readonly hypothesis: Hypothesis;
  readonly q: number;
  readonly wilson: number;
  readonly firings: readonly Firing[];
  /** What is brought about at the same moment besides the key of the hypothesis; the evidence speaks of that key alone. */
  readonly also: readonly Key[];
}

/**
 * Keeps what chance does not explain and what still holds in the held-out days, then takes rules by their use: right firings less wrong
 * ones, at the cautious end, for what no rule before them explains. What takes the home past two wrong firings a day is passed over.
 */
export function selectRules(
  timeline: Timeline,
  findings: readonly Findings<Hypothesis>[],
  { span, maxRules }: { readonly span: Span; readonly maxRules: number },
): readonly Selected[] {
  const weighed = significant(findings)
    .map(({ hypothesis, q }) => weigh(timeline, hypothesis, q, span))
    .filter((rule) => rule.wilson >= LEAST_CONFIDENCE && holdsOut(rule))
    .sort((a, b) => b.use - a.use || a.hypothesis.p - b.hypothesis.p)
    .slice(0, MOST_WEIGHED);
  return takeByUse(timeline, joinMoments(weighed), { days: Math.max(1, span.trainEnd - span.firstDay), maxRules });
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
  readonly trials: number;
  readonly hits: number;
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
  return { hypothesis, q, wilson, firings, use: netUse(trials, wilson), trials, hits, heldOut, covered, also: [] };
}

function holdsOut({ heldOut: { hits, misses } }: Weighed): boolean {
  return hits + misses < FEWEST_HELD_OUT || hits >= LEAST_HELD_OUT_PRECISION * (hits + misses);
}

/** Greedy cover. Use only falls while changes get covered, so a rule still on top after being weighed again is the best one. */
function takeByUse(
  timeline: Timeline,
  weighed: readonly Weighed[],
  { days, maxRules }: { readonly days: number; readonly maxRules: number },
): readonly Selected[] {
  const isCovered = new Uint8Array(timeline.changes.at.length);
  const taken: Weighed[] = [];
  let waiting = weighed.map((rule) => ({ rule, use: rule.use }));
  let falsePerDay = 0;
  while (taken.length < maxRules && waiting.length > 0) {
    const first = waiting[0];
    if (first === undefined) break;
    waiting = waiting.slice(1);
    const { rule } = first;
    const fresh = rule.covered.filter((change) => isCovered[change] === 0).length / Math.max(1, rule.covered.length);
    const use = rule.use * fresh;
    if (fresh < LEAST_NEW) continue;
    const next = waiting[0];
    if (next !== undefined && use < next.use) {
      insert(waiting, { rule, use });
      continue;
    }
    const wrong = (rule.trials - rule.hits) / days;
    if (falsePerDay + wrong > MOST_FALSE_PER_DAY || taken.some((other) => contradicts(timeline, other, rule))) continue;
    falsePerDay += wrong;
    taken.push(rule);
    for (const change of rule.covered) isCovered[change] = 1;
  }
  return taken;
}

function insert<T extends { readonly use: number }>(sorted: T[], item: T): void {
  const place = sorted.findIndex(({ use }) => use < item.use);
  sorted.splice(place < 0 ? sorted.length : place, 0, item);
}

/** One pair is the other read backwards, or one trigger would set one device to two states. */
function contradicts({ changes }: Timeline, { hypothesis: a }: Weighed, { hypothesis: b }: Weighed): boolean {
  if (a.kind !== "state_pair" || b.kind !== "state_pair") return false;
  if (a.trigger === b.key && a.key === b.trigger) return true;
  const target = changes.series.entities[a.key.entity];
  return a.trigger === b.trigger && a.key.entity === b.key.entity && target !== undefined && isActuator(target.id);
}
