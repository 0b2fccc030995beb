import { MillraceError } from "millrace";
import type { Rule, RuleCondition, RuleTrigger, Weekday } from "../domain/rule.ts";
import type { AutomationConfig, ConfigObject } from "./automation-config.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { callFor } from "./services.ts";

export interface CompileParams {
  readonly rule: Pick<Rule, "trigger" | "conditions" | "action">;
  /** Home Assistant's, such as 2024.3.3. */
  readonly version: string;
  /** The same for every version of one suggestion: a new one replaces the old. */
  readonly id: string;
  /** What people read. */
  readonly alias: string;
  readonly description: string;
}

/**
 * Writes a rule as an automation of Home Assistant: the same rule and version always give the same. Throws INPUT_INVALID when no service
 * brings a device of the rule to its state.
 */
export function compile({ rule, version, id, alias, description }: CompileParams): AutomationConfig {
  const dialect = dialectOf(version);
  const { trigger, conditions, action } = rule;
  const weekdays = trigger.type === "state" ? undefined : trigger.weekdays;
  const checks: readonly RuleCondition[] = [
    ...(weekdays === undefined ? [] : [{ type: "weekday", days: weekdays } as const]),
    ...conditions,
  ];
  const [triggers, conditionsKey, actions] = dialect.hasPluralKeys
    ? (["triggers", "conditions", "actions"] as const)
    : (["trigger", "condition", "action"] as const);
  return {
    id,
    alias,
    description,
    [triggers]: [compileTrigger(trigger, dialect)],
    [conditionsKey]: checks.map(compileCondition),
    [actions]: compileActions(action.entity_ids, action.to, dialect),
    mode: "single",
  };
}

function compileTrigger(trigger: RuleTrigger, { hasPluralKeys }: Dialect): ConfigObject {
  const platform = (name: string): ConfigObject => ({ [hasPluralKeys ? "trigger" : "platform"]: name });
  switch (trigger.type) {
    case "time":
      return { ...platform("time"), at: `${trigger.at}:00` };
    case "sun":
      return {
        ...platform("sun"),
        event: trigger.event,
        ...(trigger.offset_min === 0 ? {} : { offset: toDuration(trigger.offset_min * 60) }),
      };
    case "state":
      return {
        ...platform("state"),
        entity_id: [trigger.entity_id],
        // Without one of them it would fire at every start and after every gap.
        ...(trigger.from === undefined ? { not_from: ["unavailable", "unknown"] } : { from: trigger.from }),
        to: trigger.to,
        ...(trigger.for_s === undefined ? {} : { for: toDuration(trigger.for_s) }),
      };
  }
}

function compileCondition(condition: RuleCondition): ConfigObject {
  switch (condition.type) {
    case "time":
      return { condition: "time", after: `${condition.after}:00`, before: `${condition.before}:00` };
    case "weekday":
      return { condition: "time", weekday: sorted(condition.days) };
    case "state":
      return {
        condition: "state",
        entity_id: condition.entity_id,
        state: condition.is,
        ...(condition.for_s === undefined ? {} : { for: toDuration(condition.for_s) }),
      };
    case "sun":
      return {
        condition: "sun",
        ...(condition.after === undefined ? {} : { after: condition.after }),
        ...(condition.before === undefined ? {} : { before: condition.before }),
      };
  }
}

/** One call for all devices that need the same one, in the order of the rule. */
function compileActions(entityIds: readonly string[], to: string, { hasActionKey }: Dialect): readonly ConfigObject[] {
  const calls = new Map<string, ConfigObject>();
  const entitiesByCall = new Map<string, string[]>();
  for (const entityId of entityIds) {
    const call = callFor(entityId, to);
    if (call === undefined) throw impossible(entityId, to);
    const { service, data } = call;
    const body = { [hasActionKey ? "action" : "service"]: service, ...(data === undefined ? {} : { data }) };
    const key = JSON.stringify(body);
    const entities = entitiesByCall.get(key);
    if (entities !== undefined) entities.push(entityId);
    else {
      const first = [entityId];
      entitiesByCall.set(key, first);
      calls.set(key, { ...body, target: { entity_id: first } });
    }
  }
  return [...calls.values()];
}

const ORDER: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function sorted(days: readonly Weekday[]): readonly Weekday[] {
  return ORDER.filter((day) => days.includes(day));
}

/** `HH:MM:SS`, with a sign below zero. */
function toDuration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return `${seconds < 0 ? "-" : ""}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}

function impossible(entityId: string, to: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `No service of Home Assistant brings ${entityId} to "${to}".`, {
    facts: { entityId, to },
    advice: "A rule can act on lamps, switches, covers and the like, not on what only reports.",
    isRetryable: false,
  });
}
