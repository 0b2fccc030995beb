import type { AutomationView } from "millrace/http";

export interface Scheduled {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly timezone: string;
}

/** The automation that a schedule starts next, if there is one. */
export function nextScheduled(automations: readonly AutomationView[]): Scheduled | undefined {
  return automations
    .flatMap(({ name, triggers }) =>
      triggers.flatMap((trigger) =>
        trigger.kind === "cron" && trigger.nextAt !== null
          ? [{ name, at: Date.parse(trigger.nextAt), timezone: trigger.timezone }]
          : [],
      ),
    )
    .sort((a, b) => a.at - b.at)[0];
}
