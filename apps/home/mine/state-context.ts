import { isPerson } from "../domain/names.ts";
import type { SunClock } from "../domain/sun.ts";
import { binomialTail, wilsonBound } from "./binomial.ts";
import { domainOf, isRestState } from "./entity-kind.ts";
import { FEWEST_DAYS, type PairContext, type PairHypothesis, type Span } from "./hypothesis.ts";
import { type Firing, firingsOfPair, stateCheck } from "./judge.ts";
import { type BestContexts, NO_CONTEXT } from "./pair-context.ts";
import { type Key, type Timeline } from "./timeline.ts";

/** For so long the target has been idle, in milliseconds. */
const IDLE_MS = [15, 30, 60, 120, 240].map((minutes) => minutes * 60_000);

/** So likely may chance be to raise the rate as far in one of all contexts that are looked at. */
const CONTEXT_LEVEL = 0.05;

/** What is right less often than this by itself is not looked at: the states that count hold for a good part of the time. */
const LEAST_SHARE = 0.1;
/** Of what is right so often, at the lower end, no condition is asked for. */
const SURE = 0.9;

export interface StateContextOptions {
  /** Keys of which the state may be asked for. */
  readonly contexts: readonly Key[];
  /** Left out for a home without a place. */
  readonly sun: SunClock | undefined;
  /** Where all other persons are when nobody else is at home; empty where the trigger is none of several persons. */
  readonly others: readonly Key[];
  readonly span: Span;
}

/** How many contexts of state a pair has. */
export function countStateContexts({ contexts, sun, others }: Omit<StateContextOptions, "span">): number {
  return contexts.length + IDLE_MS.length + (sun === undefined ? 0 : 2) + Number(others.length > 0);
}

/** Finds for a person's key the keys that say that every other one is away; persons are those of its domain. */
export function othersAway({ changes, keys }: Timeline): (trigger: Key) => readonly Key[] {
  const { entities, states } = changes.series;
  const away = keys.filter(({ entity, state }) => {
    const facts = entities[entity];
    return facts !== undefined && isPerson(facts.id, facts) && isRestState(states[state] ?? "");
  });
  const idOf = ({ entity }: Key): string => entities[entity]?.id ?? "";
  // By name, so that the rule's fingerprint does not depend on who is seen first.
  const sorted = away.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const byDomain = Map.groupBy(sorted, (key) => domainOf(idOf(key)));
  return (trigger) => {
    const own = byDomain.get(domainOf(idOf(trigger))) ?? [];
    return own.some((key) => key.entity === trigger.entity) ? own.filter((key) => key.entity !== trigger.entity) : [];
  };
}

/**
 * Looks at the contexts that ask for a state: of the sun, of another entity, or of the target itself for some time, so that the habit is one after a
 * rest. They count where they promise more than the pair by itself, and more than chance would among so many.
 */
export function considerStates(
  best: BestContexts,
  timeline: Timeline,
  pair: Pick<PairHypothesis, "trigger" | "key" | "delayMs">,
  { contexts, sun, others, span }: StateContextOptions,
): void {
  const firings = firingsOfPair(timeline, { ...pair, context: NO_CONTEXT }, span).filter(
    ({ day }) => day < span.trainEnd,
  );
  const hits = countHits(firings);
  if (hits < Math.max(FEWEST_DAYS, LEAST_SHARE * firings.length)) return;
  const plain = wilsonBound(hits, firings.length);
  if (plain >= SURE) return;
  const most = CONTEXT_LEVEL / countStateContexts({ contexts, sun, others });
  for (const key of contexts) {
    if (key.entity !== pair.trigger.entity && key.entity !== pair.key.entity) considerState(key, 0);
  }
  if (others.length > 0) {
    const context = { ...NO_CONTEXT, others };
    const holds = stateCheck(timeline, context);
    consider(context, ({ at }) => holds(at));
  }
  const rest = restOf(timeline, pair.key);
  if (rest !== undefined && pair.trigger.entity !== pair.key.entity)
    for (const forMs of IDLE_MS) considerState(rest, forMs);
  if (sun !== undefined) {
    for (const isDark of [true, false])
      consider({ ...NO_CONTEXT, sun: { isDark, clock: sun } }, ({ wall }) => sun.isDark(wall) === isDark);
  }

  function considerState(key: Key, forMs: number): void {
    const context = { ...NO_CONTEXT, state: { key, forMs } };
    const holds = stateCheck(timeline, context);
    consider(context, ({ at }) => holds(at));
  }

  function consider(context: PairContext, holds: (firing: Firing) => boolean): void {
    let trials = 0;
    let found = 0;
    for (const firing of firings) {
      if (!holds(firing)) continue;
      trials++;
      if (firing.hit) found++;
    }
    if (found < FEWEST_DAYS) return;
    const wilson = wilsonBound(found, trials);
    if (wilson > plain && binomialTail(found, trials, hits / firings.length) <= most)
      best.consider({ context, delayMs: pair.delayMs, trials, wilson });
  }
}

function countHits(firings: readonly Firing[]): number {
  let hits = 0;
  for (const { hit } of firings) if (hit) hits++;
  return hits;
}

/** The only other state of an entity of two states. */
function restOf({ keys }: Timeline, { entity, state }: Key): Key | undefined {
  const others = keys.filter((key) => key.entity === entity && key.state !== state);
  return others.length === 1 ? others[0] : undefined;
}
