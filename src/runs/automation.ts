import { MillraceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Schema } from "../core/schema.ts";
import type { Step } from "./step.ts";
import type { Stored } from "./stored.ts";

/** What starts a run. `data` is a type only: what the event of this trigger carries. */
export type Trigger<Data = unknown> = CronTrigger<Data> | ManualTrigger<Data>;

export interface CronTrigger<Data = CronData> {
  readonly kind: "cron";
  readonly expression: string;
  /** IANA name. Default: the time zone of the configuration. */
  readonly timezone: string | undefined;
  /** What a start after a pause does about times that were missed: nothing, or one run for the latest. Default last. */
  readonly catchUp: "none" | "last";
  readonly data?: Data;
}

export interface ManualTrigger<Data> {
  readonly kind: "manual";
  readonly schema: Schema<Data> | undefined;
  /** Fields of the input that hold file paths: the command line makes them absolute before it hands them on. */
  readonly paths: readonly string[];
  readonly data?: Data;
}

/** What the event of a cron trigger carries. */
export interface CronData {
  /** The time that was planned, ISO 8601 in UTC; a run caught up later keeps it. */
  readonly scheduledFor: string;
}

/** The fact that started a run. */
export interface RunEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly data: Data;
}

/** The events that these triggers can give: a union told apart by `type`. */
export type EventOf<T> =
  T extends Trigger<infer Data> ? { readonly [K in T["kind"]]: RunEvent<K, Data> }[T["kind"]] : never;

export interface RetryPolicy {
  /** Tries in all, the first included. Default 3. */
  readonly attempts?: number;
  /** The wait before the second try, in milliseconds; doubles with each further one, with jitter. Default 1 000. */
  readonly backoffMs?: number;
  /** The longest wait, in milliseconds. Default 60 000. */
  readonly maxBackoffMs?: number;
}

export interface AutomationOptions<T extends readonly Trigger[]> {
  /** One sentence for lists and the dashboard. */
  readonly description?: string;
  readonly on: T;
  /** Idempotency key: one run per key, as long as the run is kept. */
  readonly key?: (event: EventOf<T[number]>) => string;
  /** The default of its steps, and the policy for errors thrown outside of steps. */
  readonly retry?: RetryPolicy;
}

export interface AutomationContext<Event> {
  readonly event: Event;
  readonly step: Step;
  /** Fires when the run is canceled, its claim is lost, or the process shuts down. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly run: { readonly id: string; readonly attempt: number };
}

/** The definition: a name, triggers, and a function. `Services` are what the host adds to the context, such as `ai`. */
export interface Automation<Event = unknown, Result = unknown, Services = unknown> {
  readonly name: string;
  readonly options: AutomationOptions<readonly Trigger[]>;
  readonly run: (context: AutomationContext<Event> & Services) => Promise<Result>;
}

/** An automation of any event and result, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- the event is contravariant: only `any` lets every automation into one list
export type AnyAutomation<Services = any> = Automation<any, any, Services>;

const NAME = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;

/**
 * Defines an automation. The function may run again after a crash, so whatever it does outside of steps is repeated; what a
 * step returned is not. Throws INPUT_INVALID for a name that is not made of lower-case words joined by dots or dashes.
 */
export function defineAutomation<const T extends readonly Trigger[], R, Services = unknown>(
  name: string,
  options: AutomationOptions<T>,
  run: (context: AutomationContext<EventOf<T[number]>> & Services) => Promise<R>,
): Automation<EventOf<T[number]>, Stored<R>, Services> {
  if (!NAME.test(name)) {
    throw new MillraceError("INPUT_INVALID", `"${name}" cannot name an automation.`, {
      advice: "Use lower-case words joined by dots or dashes, for example home.daily.",
    });
  }
  return { name, options, run } as unknown as Automation<EventOf<T[number]>, Stored<R>, Services>;
}
