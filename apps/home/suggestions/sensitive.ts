import { domainOf, type EntityFacts } from "../domain/names.ts";
import type { FactsOf } from "../domain/sentence.ts";
import type { Habit } from "../patterns/habit.ts";

const DOMAINS = new Set(["lock", "alarm_control_panel", "siren", "valve", "water_heater"]);
const COVERS = /garage|gate|door/;
const APPLIANCES = /oven|stove|hob|cooktop|heater|boiler|furnace|(?<![a-z])iron(?![a-z])/;

/**
 * Asks whether a habit would have a program do what may harm: open locks, garages and gates, disarm alarms, heat ovens. Such habits are
 * shown as patterns and never suggested.
 */
export function isSensitive({ action }: Pick<Habit, "action">, factsOf: FactsOf): boolean {
  return action.entity_ids.some((id) => isSensitiveEntity(id, factsOf(id)));
}

function isSensitiveEntity(entityId: string, facts: EntityFacts | undefined): boolean {
  const domain = domainOf(entityId);
  if (DOMAINS.has(domain)) return true;
  const told = `${entityId.slice(domain.length + 1)} ${facts?.deviceClass ?? ""}`;
  if (domain === "cover") return COVERS.test(told);
  return (domain === "switch" || domain === "input_boolean" || domain === "climate") && APPLIANCES.test(told);
}
