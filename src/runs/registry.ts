import { MillraceError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { AnyAutomation, CronTrigger, EventTrigger, ManualTrigger } from "./automation.ts";
import { type CronTimes, parseCron } from "./cron.ts";
import type { FileTrigger } from "./files/file-trigger.ts";
import { requireFlowRules } from "./flow-rules.ts";
import { retryRules } from "./retry.ts";
import type { WebhookTrigger } from "./webhook/webhook-trigger.ts";

/** A cron trigger of an automation, with its zone filled in. */
export interface Planned {
  /** The same for the same automation, expression and zone, whatever stands beside it. */
  readonly scheduleId: string;
  readonly automation: string;
  readonly expression: string;
  readonly timezone: string;
  readonly catchUp: CronTrigger["catchUp"];
  readonly times: CronTimes;
}

export interface Registered {
  readonly automation: AnyAutomation;
  readonly manual: ManualTrigger<unknown> | undefined;
  readonly planned: readonly Planned[];
  readonly onEvents: readonly EventTrigger<string, unknown>[];
  readonly onFiles: readonly FileTrigger[];
  readonly onWebhooks: readonly WebhookTrigger[];
}

/** The automations that an engine knows. */
export interface Registry {
  readonly names: readonly string[];
  readonly all: readonly Registered[];
  find(name: string): Registered | undefined;
  /** Throws AUTOMATION_UNKNOWN. */
  require(name: string): Registered;
}

export interface RegistryParams {
  readonly automations: readonly AnyAutomation[];
  /** The zone of cron triggers that name none. */
  readonly timezone: string;
  readonly now: number;
}

/** Checks the automations. Throws AUTOMATION_DUPLICATE, SCHEDULE_INVALID, TIMEZONE_INVALID, INPUT_INVALID (retry, and what limits runs). */
export function createRegistry({ automations, timezone, now }: RegistryParams): Registry {
  const byName = new Map<string, Registered>();
  for (const automation of automations) {
    const { name } = automation;
    if (byName.has(name)) {
      throw new MillraceError("AUTOMATION_DUPLICATE", `Two automations are named "${name}".`, { facts: { name } });
    }
    byName.set(name, register(automation, timezone, now));
  }
  const names = [...byName.keys()];
  return {
    names,
    all: [...byName.values()],
    find: (name) => byName.get(name),
    require(name) {
      const registered = byName.get(name);
      if (registered === undefined) throw unknownAutomation(name, names);
      return registered;
    },
  };
}

function register(automation: AnyAutomation, timezone: string, now: number): Registered {
  const { name, options } = automation;
  retryRules(options.retry);
  requireFlowRules(automation);
  const planned = options.on
    .filter((trigger) => trigger.kind === "cron")
    .map((trigger) => plan(name, trigger, timezone, now));
  return {
    automation,
    manual: options.on.find((trigger) => trigger.kind === "manual"),
    planned,
    onEvents: options.on.filter((trigger) => trigger.kind === "event"),
    onFiles: options.on.filter((trigger) => trigger.kind === "file") as readonly FileTrigger[],
    onWebhooks: options.on.filter((trigger) => trigger.kind === "webhook"),
  };
}

function plan(automation: string, trigger: CronTrigger<unknown>, defaultZone: string, now: number): Planned {
  const { expression, catchUp, timezone = defaultZone } = trigger;
  const times = parseCron({ expression, timezone, automation, now });
  return { scheduleId: `${automation} ${expression} ${timezone}`, automation, expression, timezone, catchUp, times };
}

/** AUTOMATION_UNKNOWN with the nearest of the known names, and all of them. */
export function unknownAutomation(name: string, names: readonly string[]): MillraceError {
  const known = names.toSorted();
  const list = known.length === 0 ? "None is registered." : `Known are: ${known.join(", ")}.`;
  return new MillraceError(
    "AUTOMATION_UNKNOWN",
    `There is no automation "${name}".${didYouMean(name, known)} ${list}`,
    { facts: { name, known } },
  );
}
