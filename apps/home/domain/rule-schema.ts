import { z } from "zod";
import { RULE_KINDS, SUN_EVENTS, WEEKDAYS } from "./rule.ts";

const Clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .describe("Local time of day, HH:MM.");
const Weekdays = z.array(z.enum(WEEKDAYS)).min(1);
const EntityId = z.string().min(1);
const Seconds = z.number().min(0);
const Share = z.number().min(0).max(1);
const Count = z.int().min(0);
const Held = Seconds.describe("Once the state has held for so many seconds; left out: at once.").optional();

const Trigger = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("time"), at: Clock, weekdays: Weekdays.optional() }),
  z.strictObject({
    type: z.literal("sun"),
    event: z.enum(SUN_EVENTS),
    offset_min: z.number().describe("Minutes after the event; below zero: before it."),
    weekdays: Weekdays.optional(),
  }),
  z.strictObject({
    type: z.literal("state"),
    entity_id: EntityId,
    to: z.string(),
    from: z.string().optional(),
    for_s: Held,
  }),
]);

const Condition = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("time"),
    after: Clock,
    before: Clock.describe("May be earlier than `after`: the span then crosses midnight."),
  }),
  z.strictObject({ type: z.literal("weekday"), days: Weekdays }),
  z.strictObject({ type: z.literal("state"), entity_id: EntityId, is: z.string(), for_s: Held }),
  z
    .strictObject({
      type: z.literal("sun"),
      after: z.enum(SUN_EVENTS).optional(),
      before: z.enum(SUN_EVENTS).optional(),
    })
    .describe("Night is after sunset or before sunrise: with these two fields one of them is enough."),
]);

const Evidence = z.strictObject({
  days_hit: Count.describe("Distinct local days with a hit."),
  days_possible: Count.describe("Distinct local days on which a hit was possible."),
  trials: Count.describe(
    "Chances in the days that were learnt from: days for a rule by the clock or the sun, firings for a state rule.",
  ).optional(),
  hits: Count.optional(),
  p: Share.describe("Probability of at least so many hits by chance alone: exact binomial tail."),
  q: z.number().min(0).describe("The same after Benjamini-Hochberg over everything that was looked at."),
  wilson: Share.describe("Lower end of the 95 % Wilson interval of the hit rate."),
  held_out: z
    .strictObject({ hits: Count, misses: Count })
    .describe("The rule judged on the last fifth of the days, which were not learnt from."),
  chance: Share.describe("Hit rate that chance alone would give."),
  examples: z.array(z.string()).describe("Up to three local times, ISO 8601 without an offset."),
  occurrences: z
    .array(z.strictObject({ date: z.iso.date(), minute: z.number().nullable(), hit: z.boolean() }))
    .describe("The latest 200 chances, oldest first; not on the command line.")
    .optional(),
});

/** A rule as it is published: docs/reference/home-rule.schema.json is made of this. */
export const RuleSchema = z
  .strictObject({
    id: z.string().describe("Fingerprint of kind, trigger, conditions and action; a small drift of the data keeps it."),
    kind: z.enum(RULE_KINDS),
    trigger: Trigger,
    conditions: z.array(Condition),
    action: z.strictObject({ entity_ids: z.array(EntityId).min(1), to: z.string() }),
    window_s: Seconds.describe("How far from the trigger a change still counts as the habit, in seconds."),
    confidence: Share.describe("The Wilson bound."),
    evidence: Evidence,
  })
  .meta({ title: "A rule that the home app found" });
