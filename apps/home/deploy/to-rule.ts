import type { Rule, RuleCondition, RuleTrigger, SunEvent, Weekday } from "../domain/rule.ts";
import { type AutomationConfig, type ConfigObject, type ConfigValue, listOf } from "./automation-config.ts";
import { normalise } from "./normal-form.ts";
import { stateAfter } from "./services.ts";

/** The part of a rule that an automation holds. Weekdays of a trigger come back as a condition, which means the same. */
export type RuleCore = Pick<Rule, "trigger" | "conditions" | "action">;

/** Reads an automation back as a rule; undefined when it says more than a rule can. */
export function toRule(config: AutomationConfig): RuleCore | undefined {
  const { triggers, conditions, actions, rest } = normalise(config);
  const [trigger, ...others] = triggers.map(triggerOf);
  if (trigger === undefined || others.length > 0 || Object.keys(rest).length > 0) return undefined;
  const checks = conditions.map(conditionOf);
  const done = actions.map(actionOf);
  if (checks.includes(undefined) || done.length === 0) return undefined;
  const [first] = done;
  if (first === undefined || done.some((each) => each?.to !== first.to)) return undefined;
  return {
    trigger,
    conditions: checks.filter((check) => check !== undefined),
    action: { entity_ids: done.flatMap((each) => each?.entity_ids ?? []), to: first.to },
  };
}

/** Writes a rule the way it comes back from an automation. */
export function withoutTriggerDays({ trigger, conditions, action }: RuleCore): RuleCore {
  if (trigger.type === "state" || trigger.weekdays === undefined) return { trigger, conditions, action };
  const { weekdays: days, ...bare } = trigger;
  return { trigger: bare, conditions: [{ type: "weekday", days }, ...conditions], action };
}

export function triggerOf(trigger: ConfigObject): RuleTrigger | undefined {
  const { trigger: type, at, event, offset, entity_id: entities, from, to, for: held } = trigger;
  if (type === "time") {
    const time = clockOf(only(at));
    return time === undefined ? undefined : { type, at: time };
  }
  if (type === "sun") {
    if (!isSunEvent(event)) return undefined;
    return { type, event, offset_min: typeof offset === "number" ? offset / 60 : 0 };
  }
  if (type !== "state") return undefined;
  const entityId = textOf(only(entities));
  const goal = textOf(only(to));
  const source = from === undefined ? undefined : textOf(only(from));
  if (entityId === undefined || goal === undefined || (from !== undefined && source === undefined)) return undefined;
  return {
    type,
    entity_id: entityId,
    to: goal,
    ...(source === undefined ? {} : { from: source }),
    ...(typeof held === "number" ? { for_s: held } : {}),
  };
}

function conditionOf(condition: ConfigObject): RuleCondition | undefined {
  const { condition: type, after, before, weekday, entity_id: entities, state, for: held } = condition;
  if (type === "time" && weekday !== undefined && after === undefined && before === undefined) {
    return { type: "weekday", days: listOf(weekday).map(String) as Weekday[] };
  }
  if (type === "time" && weekday === undefined) {
    const [from, until] = [clockOf(after), clockOf(before)];
    return from === undefined || until === undefined ? undefined : { type, after: from, before: until };
  }
  if (type === "state") {
    const [entityId, is] = [textOf(only(entities)), textOf(only(state))];
    if (entityId === undefined || is === undefined) return undefined;
    return { type, entity_id: entityId, is, ...(typeof held === "number" ? { for_s: held } : {}) };
  }
  if (type === "sun" && [after, before].every((each) => each === undefined || isSunEvent(each))) {
    return {
      type,
      ...(isSunEvent(after) ? { after } : {}),
      ...(isSunEvent(before) ? { before } : {}),
    };
  }
  return undefined;
}

/** The devices and the state of one call; undefined when it is more or something else. */
export function actionOf(
  action: ConfigObject,
): { readonly entity_ids: readonly string[]; readonly to: string } | undefined {
  const { action: service, target, data, entity_id: direct } = action;
  if (typeof service !== "string") return undefined;
  const call = { service, ...(isData(data) ? { data } : {}) };
  const to = stateAfter(call);
  const named =
    (isData(target) ? target["entity_id"] : undefined) ?? direct ?? (isData(data) ? data["entity_id"] : undefined);
  const entities = listOf(named).filter((each) => typeof each === "string");
  return to === undefined || entities.length === 0 ? undefined : { entity_ids: entities, to };
}

function isData(value: ConfigValue | undefined): value is ConfigObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function only(value: ConfigValue | undefined): ConfigValue | undefined {
  const list = listOf(value);
  return list.length === 1 ? list[0] : undefined;
}

function textOf(value: ConfigValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** HH:MM of a time of day on the whole minute. */
function clockOf(value: ConfigValue | undefined): string | undefined {
  return typeof value === "string" ? /^(\d{2}:\d{2})(?::00)?$/.exec(value)?.[1] : undefined;
}

function isSunEvent(value: ConfigValue | undefined): value is SunEvent {
  return value === "sunrise" || value === "sunset";
}
