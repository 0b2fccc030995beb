import type { AutomationView } from "millrace/http";

/** Asks whether a person may start it. */
export function isStartable({ triggers }: AutomationView): boolean {
  return triggers.some(({ kind }) => kind === "manual");
}
