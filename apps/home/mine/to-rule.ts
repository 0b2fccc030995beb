import { createHash } from "node:crypto";
import { isPerson } from "../domain/names.ts";
import {
  type Evidence,
  type Occurrence,
  type Rule,
  type RuleCondition,
  type RuleKind,
  WEEKDAYS,
} from "../domain/rule.ts";
import { clockOfMinute, dateOfDay } from "../domain/zone.ts";
import { DAY_MINUTES, type DayMask, EVERY_DAY, minuteOfDay, weekdaysOf } from "./calendar.ts";
import { float, lowerBound } from "./columns.ts";
import { QUIET_MS } from "./forgotten-on.ts";
import { type Hypothesis, PAIR_WINDOW_MS, type PairContext, type PairHypothesis, type Span } from "./hypothesis.ts";
import type { Firing } from "./judge.ts";
import type { Selected } from "./select.ts";
import { phasesOfKey, type Timeline } from "./timeline.ts";
import type { Units } from "./units.ts";

const MOST_OCCURRENCES = 200;
const MOST_EXAMPLES = 3;
/** A fingerprint knows the time of day to half an hour, and a span of hours by the quarter of the day in which its middle lies. */
const FINGERPRINT_MINUTES = 30;
const FINGERPRINT_BAND_MINUTES = 360;

export interface RuleScope {
  readonly timeline: Timeline;
  readonly units: Units;
  readonly span: Span;
}

/** Writes a selected hypothesis as the rule that everything downstream is made of. */
export function toRule({ hypothesis, q, wilson, firings, also }: Selected, { timeline, units, span }: RuleScope): Rule {
  const { entities, states } = timeline.changes.series;
  const members = [hypothesis.key, ...also].flatMap((key) => units.members.get(key.index) ?? [key]);
  const action = {
    entity_ids: [...new Set(members.map(({ entity }) => entities[entity]?.id ?? ""))].sort(),
    to: states[hypothesis.key.state] ?? "",
  };
  const evidence = toEvidence(hypothesis, q, wilson, firings, span);
  if (hypothesis.kind === "time_of_day") {
    const { mask, minute, halfWidth, sun } = hypothesis;
    const weekdays =
      mask === EVERY_DAY ? {} : { weekdays: sun === undefined ? weekdaysOf(mask, minute) : calendarDays(mask) };
    const rounded = clockOfMinute(Math.round(minute / FINGERPRINT_MINUTES) * FINGERPRINT_MINUTES);
    return {
      id: fingerprint([sun?.event ?? hypothesis.kind, rounded, mask, action]),
      kind: sun === undefined ? "time_of_day" : "sun",
      trigger:
        sun === undefined
          ? { type: "time", at: clockOfMinute(minute), ...weekdays }
          : { type: "sun", event: sun.event, offset_min: minute, ...weekdays },
      conditions: [],
      action,
      window_s: halfWidth * 60,
      confidence: wilson,
      evidence,
    };
  }
  const { trigger, context, delayMs } = hypothesis;
  const entity_id = entities[trigger.entity]?.id ?? "";
  const to = states[trigger.state] ?? "";
  return {
    id: fingerprint([
      hypothesis.kind,
      entity_id,
      to,
      delayMs,
      context.mask,
      roundedBand(context),
      ...conditionsOf({ ...context, mask: EVERY_DAY, band: undefined }, timeline),
      action,
    ]),
    kind: kindOf(hypothesis, firings, timeline),
    trigger: { type: "state", entity_id, to, ...(delayMs === 0 ? {} : { for_s: delayMs / 1_000 }) },
    conditions: conditionsOf(context, timeline),
    action,
    window_s: (hypothesis.isForgotten === true ? QUIET_MS : PAIR_WINDOW_MS) / 1_000,
    confidence: wilson,
    evidence,
  };
}

/** A state that the condition asks for was reached so shortly before in most hits: it is a step on the way. */
const STEP_MS = 900_000;
const STEP_SHARE = 0.8;

function kindOf(
  { trigger, key, context, isForgotten }: PairHypothesis,
  firings: readonly Firing[],
  timeline: Timeline,
): RuleKind {
  if (isForgotten === true) return "forgotten_on";
  if (trigger.entity === key.entity) return "duration";
  const source = timeline.changes.series.entities[trigger.entity];
  if (source !== undefined && isPerson(source.id, source)) return "presence";
  if (context.state === undefined || context.state.key.entity === key.entity) return "state_pair";
  const { enter } = phasesOfKey(timeline, context.state.key);
  const hits = firings.filter(({ hit }) => hit);
  const fresh = hits.filter(({ at }) => at - float(enter, Math.max(0, lowerBound(enter, at) - 1)) <= STEP_MS);
  return fresh.length >= STEP_SHARE * hits.length ? "sequence" : "state_pair";
}

function conditionsOf({ mask, band, state, others, sun }: PairContext, { changes }: Timeline): RuleCondition[] {
  const conditions: RuleCondition[] = [];
  if (band !== undefined) {
    conditions.push({ type: "time", after: clockOfMinute(band.from), before: clockOfMinute(band.to) });
  }
  if (mask !== EVERY_DAY) conditions.push({ type: "weekday", days: calendarDays(mask) });
  if (sun !== undefined) {
    conditions.push(
      sun.isDark
        ? { type: "sun", after: "sunset", before: "sunrise" }
        : { type: "sun", after: "sunrise", before: "sunset" },
    );
  }
  const { entities, states } = changes.series;
  const asked = state === undefined ? others.map((key) => ({ key, forMs: 0 })) : [state];
  for (const { key, forMs } of asked) {
    const held = forMs === 0 ? {} : { for_s: forMs / 1_000 };
    conditions.push({ type: "state", entity_id: entities[key.entity]?.id ?? "", is: states[key.state] ?? "", ...held });
  }
  return conditions;
}

function calendarDays(mask: DayMask): (typeof WEEKDAYS)[number][] {
  return WEEKDAYS.filter((_, index) => (mask & (1 << index)) !== 0);
}

function toEvidence(
  hypothesis: Hypothesis,
  q: number,
  wilson: number,
  firings: readonly Firing[],
  { trainEnd }: Span,
): Evidence {
  const training = firings.filter(({ day }) => day < trainEnd);
  const heldOut = firings.filter(({ day }) => day >= trainEnd);
  const hits = training.filter(({ hit }) => hit);
  const heldOutHits = heldOut.filter(({ hit }) => hit).length;
  return {
    days_hit: distinctDays(hits),
    days_possible: distinctDays(training),
    trials: training.length,
    hits: hits.length,
    p: hypothesis.p,
    q,
    wilson,
    held_out: { hits: heldOutHits, misses: heldOut.length - heldOutHits },
    chance: hypothesis.chance,
    examples: firings
      .filter(({ hit }) => hit)
      .slice(-MOST_EXAMPLES)
      .map(({ happened }) => localTime(happened)),
    occurrences: firings.slice(-MOST_OCCURRENCES).map((firing) => toOccurrence(hypothesis, firing)),
  };
}

function distinctDays(firings: readonly Firing[]): number {
  return new Set(firings.map(({ day }) => day)).size;
}

function toOccurrence({ kind }: Hypothesis, { wall, hit, happened }: Firing): Occurrence {
  if (kind === "state_pair") return { date: dateOfWall(wall), minute: wholeMinute(wall), hit };
  return Number.isNaN(happened)
    ? { date: dateOfWall(wall), minute: null, hit }
    : { date: dateOfWall(happened), minute: wholeMinute(happened), hit };
}

function dateOfWall(wall: number): string {
  return dateOfDay(Math.floor(wall / DAY_MINUTES));
}

function wholeMinute(wall: number): number {
  return Math.floor(minuteOfDay(wall));
}

/** A wall-clock minute as ISO 8601 to the second, without an offset. */
function localTime(wall: number): string {
  return new Date(Math.round(wall * 60) * 1_000).toISOString().slice(0, 19);
}

function roundedBand({ band }: PairContext): number | null {
  if (band === undefined) return null;
  const length = (band.to - band.from + DAY_MINUTES) % DAY_MINUTES;
  return Math.floor(((band.from + length / 2) % DAY_MINUTES) / FINGERPRINT_BAND_MINUTES);
}

function fingerprint(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
