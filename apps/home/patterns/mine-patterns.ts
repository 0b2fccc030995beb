import type { Clock, Database, Ids, Log } from "millrace";
import { sentenceOf } from "../domain/sentence.ts";
import type { Rule } from "../domain/rule.ts";
import type { Entity } from "../domain/series.ts";
import { isKnownHabit } from "../suggestions/same-habit.ts";
import { suggestedRules } from "../suggestions/suggestion-store.ts";
import { type Habit, toHabit } from "./habit.ts";
import { putPatterns } from "./pattern-store.ts";

/** How many rules of a home are kept, at most. */
const MAX_PATTERNS = 50;

export interface MinePatternsParams {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly home: string;
  readonly timezone: string;
  readonly runId: string;
  readonly maxSuggestions: number;
  /** Events of the home beyond this number are forgotten first, the oldest of them. Default: all are kept. */
  readonly maxEvents?: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface MinedPatterns {
  readonly patterns: number;
  /** Local days that the history covers. */
  readonly days: number;
  readonly events: number;
  /** Rules that were looked at. */
  readonly candidates: number;
  /** The strongest rules of the home that have no suggestion yet, strongest first. */
  readonly habits: readonly Habit[];
}

/**
 * Mines a home's history off the main thread and keeps its rules. Of the `maxSuggestions` strongest, those without a suggestion are
 * handed on; a rejected one stays rejected, and does not make room for a weaker one.
 */
export async function minePatterns(params: MinePatternsParams): Promise<MinedPatterns> {
  const { db, clock, ids, home, timezone, runId, maxSuggestions, maxEvents, signal, log } = params;
  const [{ forgetEvents }, { loadSeries }, { placeOf }, { mineOffThread }] = await Promise.all([
    import("../events/forget-events.ts"),
    import("../events/load-series.ts"),
    import("../home-assistant/link.ts"),
    import("../mine/mine-off-thread.ts"),
  ]);
  const forgotten = maxEvents === undefined ? 0 : await forgetEvents({ db, home, most: maxEvents });
  if (forgotten > 0) log.info({ home, forgotten, maxEvents }, "the oldest events were forgotten");
  // The home's own place, so that what is counted from the sun falls where it did once Home Assistant counts it.
  const place = await placeOf(db, home);
  const options = { zone: timezone, maxRules: MAX_PATTERNS, ...(place && { place }) };
  const loading = loadSeries({ db, home });
  const mining = mineOffThread(loading, options, signal);
  const [series, { rules, days, events, candidates }] = await Promise.all([loading, mining]);
  const entities = new Map<string, Entity>(series.entities.map((entity) => [entity.id, entity]));
  const factsOf = (entityId: string): Entity | undefined => entities.get(entityId);
  const patterns = rules.map((rule) => ({ id: ids.next(), rule, sentence: sentenceOf(rule, factsOf) }));
  await putPatterns({ db, home, runId, now: clock.now(), patterns });
  const suggested = await suggestedRules(db, home);
  const strongest = rules.slice(0, maxSuggestions);
  const isKnown = (rule: Rule): boolean => suggested.some((known) => isKnownHabit(rule, known));
  const habits = strongest.filter((rule) => !isKnown(rule)).map(toHabit);
  log.info({ home, events, days, candidates, rules: rules.length, toSuggest: habits.length }, "history mined");
  return { patterns: rules.length, days, events, candidates, habits };
}
