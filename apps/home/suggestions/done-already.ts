import type { Habit } from "../patterns/habit.ts";
import type { AutomationConfig } from "../deploy/automation-config.ts";
import { readAutomations, readStates } from "../deploy/home-automations.ts";
import { normalise } from "../deploy/normal-form.ts";
import { type RuleCore, toRule } from "../deploy/to-rule.ts";
import type { Connection } from "../home-assistant/connection.ts";
import { isSameHabit } from "./same-habit.ts";

export interface DoneAlreadyParams {
  readonly connection: Connection;
  readonly habits: readonly Habit[];
  readonly signal: AbortSignal;
}

/** A habit that needs no suggestion, and the automation of the home that does it. */
export interface DoneHabit {
  readonly ruleId: string;
  readonly automation: string;
}

/**
 * Finds the habits that an automation of the home does already, switched on or off: whoever switched one off does not want it again. Automations that
 * the home does not give out cannot be compared.
 */
export async function doneAlready({ connection, habits, signal }: DoneAlreadyParams): Promise<readonly DoneHabit[]> {
  if (habits.length === 0) return [];
  const existing = await readAutomations(connection, await readStates(connection, signal), signal);
  const known = existing.flatMap(({ entityId, config }) =>
    config === undefined ? [] : rulesOf(config).map((rule) => ({ entityId, rule })),
  );
  return habits.flatMap((habit) => {
    const found = known.find(({ rule }) => isSameHabit(habit, rule));
    return found === undefined ? [] : [{ ruleId: habit.id, automation: found.entityId }];
  });
}

/** Reads an automation as rules, one for each trigger and each call; what no rule can say is left out. */
export function rulesOf(config: AutomationConfig): readonly RuleCore[] {
  const { triggers, conditions, actions } = normalise(config);
  return triggers.flatMap((trigger) =>
    actions.flatMap((action) => {
      const rule = toRule({ triggers: [trigger], conditions, actions: [action] });
      return rule === undefined ? [] : [rule];
    }),
  );
}
