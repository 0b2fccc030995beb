import { MillraceError } from "millrace";
import { z } from "zod";
import type { RuleCore } from "../backtest/backtest.ts";
import { type RuleCondition, SUN_EVENTS, type Weekday, WEEKDAYS } from "../domain/rule.ts";
import { clockOfMinute } from "../domain/zone.ts";

const Clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day, HH:MM")
  .describe("Local time of day, HH:MM.");
const EntityId = z.string().min(1).max(255);

/** One change of a rule. What is done, and to which device, is not for an edit to choose: it can only take devices away. */
export const RuleEdit = z.discriminatedUnion("edit", [
  z
    .strictObject({ edit: z.literal("shift"), minutes: z.int().min(-720).max(720) })
    .describe("Later (or earlier, below zero) by minutes; of a rule that waits for a state: waits longer or shorter."),
  z.strictObject({ edit: z.literal("at"), time: Clock }).describe("At this time of day."),
  z
    .strictObject({
      edit: z.literal("sun"),
      event: z.enum(SUN_EVENTS),
      offset_min: z.int().min(-360).max(360).describe("Minutes after the event; below zero: before it."),
    })
    .describe("By the sun."),
  z
    .strictObject({ edit: z.literal("days"), days: z.array(z.enum(WEEKDAYS)).min(1).max(7) })
    .describe("On these days alone; all seven: every day."),
  z
    .strictObject({ edit: z.literal("between"), after: Clock, before: Clock })
    .describe("Only between two times of day; it may cross midnight."),
  z.strictObject({ edit: z.literal("any_time") }).describe("At any time of day."),
  z
    .strictObject({ edit: z.literal("light"), is: z.enum(["dark", "bright", "any"]) })
    .describe("Only between sunset and sunrise, only between sunrise and sunset, or either."),
  z
    .strictObject({ edit: z.literal("while"), entity_id: EntityId, is: z.string().min(1).max(255) })
    .describe("Only while an entity is in a state."),
  z
    .strictObject({ edit: z.literal("anyway"), entity_id: EntityId })
    .describe("Whatever state this entity, which a condition names, is in."),
  z
    .strictObject({ edit: z.literal("hold"), seconds: z.int().min(0).max(86_400) })
    .describe("Once what it waits for has held for so many seconds."),
  z.strictObject({ edit: z.literal("without"), entity_id: EntityId }).describe("Leaves a device alone."),
  z
    .strictObject({ edit: z.literal("window"), minutes: z.int().min(1).max(240) })
    .describe("How far from the trigger a person's own act still counts as the same."),
]);

export type RuleEdit = z.output<typeof RuleEdit>;

/** What the home knows of a device, so that no edit names one that it has not. */
export interface KnownEntity {
  readonly id: string;
  /** States it was seen in, most frequent first. */
  readonly states: readonly string[];
}

/** Applies edits in their order. Throws INPUT_INVALID that names the edit which cannot be made. */
export function applyEdits(
  rule: RuleCore,
  edits: readonly RuleEdit[],
  entityOf: (id: string) => KnownEntity | undefined,
): RuleCore {
  return edits.reduce((edited, edit, index) => applyEdit(edited, edit, { index, entityOf }), rule);
}

interface Place {
  readonly index: number;
  readonly entityOf: (id: string) => KnownEntity | undefined;
}

function applyEdit(rule: RuleCore, edit: RuleEdit, { index, entityOf }: Place): RuleCore {
  const { trigger, conditions, action } = rule;
  const refuse = (why: string): MillraceError =>
    new MillraceError("INPUT_INVALID", `The rule cannot be changed so: ${why}`, {
      facts: { errors: [{ pointer: `#/edits/${index}`, detail: why }] },
      isRetryable: false,
    });
  const without = (type: RuleCondition["type"]): readonly RuleCondition[] =>
    conditions.filter((condition) => condition.type !== type);
  switch (edit.edit) {
    case "shift":
      if (trigger.type === "time") {
        return { ...rule, trigger: { ...trigger, at: clockOfMinute(minuteOf(trigger.at) + edit.minutes) } };
      }
      if (trigger.type === "sun") {
        return { ...rule, trigger: { ...trigger, offset_min: trigger.offset_min + edit.minutes } };
      }
      return held(rule, (trigger.for_s ?? 0) + edit.minutes * 60, refuse);
    case "at":
      if (trigger.type === "state") throw refuse("it waits for a state, not for a time of day.");
      return { ...rule, kind: "time_of_day", trigger: { type: "time", at: edit.time, ...daysOf(trigger.weekdays) } };
    case "sun":
      if (trigger.type === "state") throw refuse("it waits for a state, not for the sun.");
      return {
        ...rule,
        kind: "sun",
        trigger: { type: "sun", event: edit.event, offset_min: edit.offset_min, ...daysOf(trigger.weekdays) },
      };
    case "days": {
      const days = WEEKDAYS.filter((day) => edit.days.includes(day));
      const isEvery = days.length === WEEKDAYS.length;
      if (trigger.type === "state") {
        const others = without("weekday");
        return { ...rule, conditions: isEvery ? others : [...others, { type: "weekday", days }] };
      }
      const { weekdays: _, ...bare } = trigger;
      return { ...rule, trigger: isEvery ? bare : { ...bare, weekdays: days }, conditions: without("weekday") };
    }
    case "between":
      if (edit.after === edit.before) throw refuse("the two times of day are the same.");
      return {
        ...rule,
        conditions: [...without("time"), { type: "time", after: edit.after, before: edit.before }],
      };
    case "any_time":
      return { ...rule, conditions: without("time") };
    case "light": {
      const others = without("sun");
      if (edit.is === "any") return { ...rule, conditions: others };
      const [after, before] = edit.is === "dark" ? (["sunset", "sunrise"] as const) : (["sunrise", "sunset"] as const);
      return { ...rule, conditions: [...others, { type: "sun", after, before }] };
    }
    case "while": {
      const entity = entityOf(edit.entity_id);
      if (entity === undefined) throw refuse(`the home has no ${edit.entity_id}.`);
      if (!entity.states.includes(edit.is)) {
        throw refuse(`${edit.entity_id} was never "${edit.is}", only ${entity.states.slice(0, 5).join(", ")}.`);
      }
      const others = conditions.filter((each) => each.type !== "state" || each.entity_id !== edit.entity_id);
      return { ...rule, conditions: [...others, { type: "state", entity_id: edit.entity_id, is: edit.is }] };
    }
    case "anyway": {
      const others = conditions.filter((each) => each.type !== "state" || each.entity_id !== edit.entity_id);
      if (others.length === conditions.length) throw refuse(`no condition names ${edit.entity_id}.`);
      return { ...rule, conditions: others };
    }
    case "hold":
      return held(rule, edit.seconds, refuse);
    case "without": {
      const entity_ids = action.entity_ids.filter((id) => id !== edit.entity_id);
      if (entity_ids.length === action.entity_ids.length) throw refuse(`it does nothing with ${edit.entity_id}.`);
      if (entity_ids.length === 0) throw refuse("nothing would be left to do: reject it instead.");
      return { ...rule, action: { ...action, entity_ids } };
    }
    case "window":
      return { ...rule, window_s: edit.minutes * 60 };
  }
}

function held(rule: RuleCore, seconds: number, refuse: (why: string) => MillraceError): RuleCore {
  const { trigger } = rule;
  if (trigger.type !== "state") throw refuse("it waits for a time, not for a state that can hold.");
  if (seconds < 0 || seconds > 86_400) throw refuse("it can wait for a day at most, and not act before it knows.");
  const { for_s: _, ...bare } = trigger;
  return { ...rule, trigger: seconds === 0 ? bare : { ...bare, for_s: seconds } };
}

function daysOf(weekdays: readonly Weekday[] | undefined): { readonly weekdays?: readonly Weekday[] } {
  return weekdays === undefined ? {} : { weekdays };
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}
