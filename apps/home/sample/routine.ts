import type { RuleCondition, RuleTrigger, Weekday } from "../domain/rule.ts";
import { clockOfMinute } from "../domain/zone.ts";
import type { Chance } from "./chance.ts";
import type { DayScript } from "./day-script.ts";

/** Local minutes since midnight. */
export type Minute = number;

/** What the household really does: the truth that a miner's findings can be held against. */
export interface PlantedRoutine {
  readonly id: string;
  readonly description: string;
  readonly trigger: RuleTrigger;
  readonly conditions: readonly RuleCondition[];
  readonly action: { readonly entity_ids: readonly string[]; readonly to: string };
  /** Days of a habit by the clock; left out: every day. */
  readonly weekdays?: readonly Weekday[];
  /** Local time of day of a habit by the clock, HH:MM. */
  readonly time?: string;
  /** How often the action follows on a day at home, or after a trigger, 0 to 1. */
  readonly reliability: number;
  /** All but a handful of hits lie this close to the trigger, in seconds. */
  readonly window_s: number;
  /** Whether one who looks for times of day, for the sun and for pairs of states can be expected to find it within eight weeks. */
  readonly minable: boolean;
}

/** A day to be lived. */
export interface Scene {
  readonly script: DayScript;
  readonly isWeekend: boolean;
  readonly weekday: Weekday;
  /** Local minutes at which the sun sets. */
  readonly sunset: Minute;
  /** The day's dice for a purpose. */
  readonly chance: (purpose: string) => Chance;
}

/** A part of the household's life. */
export interface Routine {
  readonly planted: readonly PlantedRoutine[];
  live(scene: Scene): void;
}

interface ClockHabit {
  readonly id: string;
  readonly description: string;
  readonly minute: Minute;
  readonly weekdays?: readonly Weekday[];
  readonly entities: readonly string[];
  readonly to: string;
  readonly reliability: number;
  /** Default: it can. */
  readonly minable?: boolean;
}

/** Plants a habit by the clock; it comes within half an hour. */
export function byClock({ minute, weekdays, entities, to, minable = true, ...rest }: ClockHabit): PlantedRoutine {
  const at = clockOfMinute(minute);
  const days = weekdays === undefined ? {} : { weekdays };
  return {
    ...rest,
    ...days,
    time: at,
    trigger: { type: "time", at, ...days },
    conditions: [],
    action: { entity_ids: entities, to },
    window_s: 1_800,
    minable,
  };
}

interface PairHabit {
  readonly id: string;
  readonly description: string;
  readonly when: string;
  readonly goesTo: string;
  readonly entity: string;
  readonly to: string;
  readonly reliability: number;
  readonly window_s: number;
  readonly conditions?: readonly RuleCondition[];
}

/** Plants a habit that follows another change. */
export function byState({ when, goesTo, entity, to, conditions = [], ...rest }: PairHabit): PlantedRoutine {
  return {
    ...rest,
    trigger: { type: "state", entity_id: when, to: goesTo },
    conditions,
    action: { entity_ids: [entity], to },
    minable: true,
  };
}
