import { dateOfDay } from "../domain/zone.ts";
import { habitDay } from "./calendar.ts";
import { byte, float, whole } from "./columns.ts";
import type { Span } from "./hypothesis.ts";
import { type Key, phasesOfKey, type Timeline } from "./timeline.ts";

/** So unlikely a day must be, all days and keys that are looked at counted. */
const LEVEL = 0.001;
const FEWEST_DAYS = 14;
const LEAST_USUAL = 1;
const MOST = 10;
/** More changes than this a day are counted no further. */
const MOST_CHANGES = 10_000;

/** A day on which something happened far more or far less often than usual: for people to look at, never for an automation. */
export interface Anomaly {
  /** Local date, YYYY-MM-DD; the day begins at 04:00. */
  readonly date: string;
  readonly entity_id: string;
  readonly to: string;
  readonly seen: number;
  /** Mean of the training days. */
  readonly usual: number;
  /** Probability of so many or more, or so few or fewer, changes on a usual day. */
  readonly p: number;
}

/**
 * Compares each of the held-out days with the training days, by the tail of a negative binomial of their mean and variance (of a Poisson
 * where they vary no more than that). The least likely first.
 */
export function findAnomalies(timeline: Timeline, keys: readonly Key[], span: Span): readonly Anomaly[] {
  const { lived, firstDay, series } = timeline.changes;
  const isLived = (day: number): boolean => lived[day - firstDay] === 1;
  const training = days(span.firstDay, span.trainEnd).filter(isLived);
  // The first and the last day are recorded in part.
  const recent = days(Math.max(span.trainEnd, span.firstDay + 1), span.end - 1).filter(isLived);
  if (training.length < FEWEST_DAYS) return [];
  const found: Anomaly[] = [];
  for (const key of keys) {
    const counts = countDays(timeline, key, span);
    const usual = mean(training.map((day) => whole(counts, day - span.firstDay)));
    if (usual < LEAST_USUAL) continue;
    const variance = mean(training.map((day) => (whole(counts, day - span.firstDay) - usual) ** 2));
    for (const day of recent) {
      const seen = whole(counts, day - span.firstDay);
      const p = tail(seen, usual, variance);
      if (p * keys.length * recent.length > LEVEL) continue;
      const entity_id = series.entities[key.entity]?.id ?? "";
      found.push({ date: dateOfDay(day), entity_id, to: series.states[key.state] ?? "", seen, usual, p });
    }
  }
  return found.sort((a, b) => a.p - b.p || a.date.localeCompare(b.date)).slice(0, MOST);
}

function days(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function countDays(timeline: Timeline, key: Key, { firstDay, end }: Span): Uint32Array {
  const { enterWall, byPerson } = phasesOfKey(timeline, key);
  const counts = new Uint32Array(Math.max(0, end - firstDay));
  for (let index = 0; index < enterWall.length; index++) {
    const day = habitDay(float(enterWall, index)) - firstDay;
    if (day >= 0 && day < counts.length) counts[day] = whole(counts, day) + byte(byPerson, index);
  }
  return counts;
}

/** The smaller of both tails, doubled because either would be noticed. */
function tail(seen: number, usual: number, variance: number): number {
  const size = variance > usual ? (usual * usual) / (variance - usual) : 1e9;
  let part = size >= 1e9 ? Math.exp(-usual) : (size / (size + usual)) ** size;
  let below = 0;
  for (let count = 0; count < Math.min(seen, MOST_CHANGES); count++) {
    below += part;
    part *= ((count + size) / (count + 1)) * (usual / (size + usual));
  }
  return Math.min(1, 2 * Math.min(below + part, Math.max(0, 1 - below)));
}
