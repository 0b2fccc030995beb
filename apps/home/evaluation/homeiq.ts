import type { Rule } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { clockOfMinute } from "../domain/zone.ts";
import { domainOf } from "../mine/entity-kind.ts";
import { baselineRule } from "./baseline-rule.ts";
import { DAY_S, type History, type HistoryOptions, toHistory } from "./history.ts";

/*
 * A rival's two detectors that deliver, written anew from its published formulas: clusters of times of day, and what occurs together. Its
 * filter that drops pairs of sensors is left out, since it would have no rule in most of the recorded homes.
 */

const TOGETHER_S = 300;
const FEWEST_TOGETHER = 10;
const LEAST_TOGETHER = 0.75;
const MOST_GAP_SPREAD_S = 1_800;
const ROUNDS = 100;

/** All rules, the most confident first. */
export function homeIqRules(series: EventSeries, options: HistoryOptions): readonly Rule[] {
  const events = trainingEvents(toHistory(series, options));
  const rules = [...timeOfDay(events), ...coOccurrence(events)].filter(({ action }) =>
    options.isTarget(action.entity_ids[0] ?? ""),
  );
  return rules.sort((a, b) => b.confidence - a.confidence || b.evidence.hits - a.evidence.hits);
}

interface Event {
  readonly at: number;
  readonly entity: string;
  readonly state: string;
}

function trainingEvents({ times, testStart }: History): Event[] {
  const events: Event[] = [];
  for (const [name, { enter }] of times) {
    const [entity = "", state = ""] = name.split("\n");
    for (const at of enter) if (at < testStart) events.push({ at, entity, state });
  }
  return events.sort((a, b) => a.at - b.at);
}

/** Times of day of all changes of an entity in one to three clusters; the state is the most frequent one of the cluster. */
function timeOfDay(events: readonly Event[]): Rule[] {
  const rules: Rule[] = [];
  for (const [entity, own] of Map.groupBy(events, ({ entity }) => entity)) {
    const { fewest, least } = thresholdsOf(domainOf(entity));
    const minutes = own.map(({ at }) => (at % DAY_S) / 60);
    const count = own.length <= 10 ? 1 : own.length <= 20 ? 2 : 3;
    const clusterOf = clusters(minutes, count);
    for (let cluster = 0; cluster < count; cluster++) {
      const members = own.filter((_, index) => clusterOf[index] === cluster);
      if (members.length < fewest) continue;
      const found = minutes.filter((_, index) => clusterOf[index] === cluster);
      const mean = found.reduce((sum, minute) => sum + minute, 0) / found.length;
      const spread = Math.sqrt(found.reduce((sum, minute) => sum + (minute - mean) ** 2, 0) / found.length);
      const bonus = members.length >= 2 * fewest ? 0.1 : 0;
      const raw = (members.length / own.length) * (1 - Math.min(spread / 120, 0.3)) + bonus;
      const confidence = Math.max(0.5, Math.min(0.95, raw));
      if (confidence < least) continue;
      rules.push(
        baselineRule(
          {
            kind: "time_of_day",
            trigger: { type: "time", at: clockOfMinute(Math.floor(mean)) },
            action: { entity_ids: [entity], to: mostFrequent(members.map(({ state }) => state)) },
            window_s: 1_800,
            confidence,
          },
          { hits: members.length, trials: own.length },
        ),
      );
    }
  }
  return rules;
}

function thresholdsOf(domain: string): { readonly fewest: number; readonly least: number } {
  switch (domain) {
    case "light":
    case "switch":
      return { fewest: 8, least: 0.6 };
    case "media_player":
      return { fewest: 6, least: 0.6 };
    case "climate":
      return { fewest: 10, least: 0.75 };
    case "lock":
      return { fewest: 4, least: 0.85 };
    default:
      return { fewest: 10, least: 0.7 };
  }
}

/** K-means on a line, begun at quantiles, so that the same numbers give the same clusters. */
function clusters(values: readonly number[], count: number): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  let centres = Array.from(
    { length: count },
    (_, place) => sorted[Math.floor(((place + 0.5) / count) * sorted.length)] ?? 0,
  );
  let nearest: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    nearest = values.map((value) => indexOfNearest(centres, value));
    const moved = centres.map((centre, place) => {
      const own = values.filter((_, index) => nearest[index] === place);
      return own.length === 0 ? centre : own.reduce((sum, value) => sum + value, 0) / own.length;
    });
    if (moved.every((centre, place) => centre === centres[place])) break;
    centres = moved;
  }
  return nearest;
}

function indexOfNearest(centres: readonly number[], value: number): number {
  let best = 0;
  for (const [place, centre] of centres.entries()) {
    if (Math.abs(centre - value) < Math.abs((centres[best] ?? 0) - value)) best = place;
  }
  return best;
}

function mostFrequent(states: readonly string[]): string {
  const groups = [...Map.groupBy(states, (state) => state)].sort((a, b) => b[1].length - a[1].length);
  return groups[0]?.[0] ?? "";
}

/** Every two changes of two entities within five minutes count, in whatever order; a pair is read as "when one is on, the other goes on". */
function coOccurrence(events: readonly Event[]): Rule[] {
  const perEntity = new Map<string, number>();
  const gaps = new Map<string, number[]>();
  for (const [index, { entity, at }] of events.entries()) {
    perEntity.set(entity, (perEntity.get(entity) ?? 0) + 1);
    for (let later = index + 1; later < events.length; later++) {
      const other = events[later];
      if (other === undefined || other.at - at > TOGETHER_S) break;
      if (other.entity === entity) continue;
      const pair = [entity, other.entity].sort().join("\n");
      const known = gaps.get(pair);
      if (known === undefined) gaps.set(pair, [other.at - at]);
      else known.push(other.at - at);
    }
  }
  const rules: Rule[] = [];
  for (const [pair, found] of gaps) {
    const [first = "", second = ""] = pair.split("\n");
    const trials = Math.min(perEntity.get(first) ?? 1, perEntity.get(second) ?? 1);
    const confidence = Math.min(found.length / trials, 1);
    if (found.length < FEWEST_TOGETHER || confidence < LEAST_TOGETHER || spreadOf(found) > MOST_GAP_SPREAD_S) continue;
    rules.push(
      baselineRule(
        {
          kind: "state_pair",
          trigger: { type: "state", entity_id: first, to: "on" },
          action: { entity_ids: [second], to: "on" },
          window_s: TOGETHER_S,
          confidence,
        },
        { hits: found.length, trials },
      ),
    );
  }
  return rules;
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
