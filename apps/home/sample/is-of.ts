import type { Rule } from "../domain/rule.ts";
import type { PlantedRoutine } from "./routine.ts";

const NEAR_MINUTES = 30;
const DAY_MINUTES = 1_440;

/** Asks whether a rule does what the household does: within half an hour of its time, or after the same trigger. */
export function isOf(
  { trigger, action }: Pick<Rule, "trigger" | "action">,
  planted: Pick<PlantedRoutine, "trigger" | "action">,
): boolean {
  if (action.to !== planted.action.to || !action.entity_ids.some((id) => planted.action.entity_ids.includes(id))) {
    return false;
  }
  if (trigger.type === "state") {
    return planted.trigger.type === "state" && planted.trigger.entity_id === trigger.entity_id;
  }
  if (trigger.type === "sun") {
    if (planted.trigger.type !== "sun" || planted.trigger.event !== trigger.event) return false;
    return Math.abs(trigger.offset_min - planted.trigger.offset_min) <= NEAR_MINUTES;
  }
  if (planted.trigger.type !== "time") return false;
  const apart = Math.abs(minuteOf(trigger.at) - minuteOf(planted.trigger.at));
  return Math.min(apart, DAY_MINUTES - apart) <= NEAR_MINUTES;
}

function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}
