import type { Duration } from "../core/duration.ts";
import { type ErrorRecord, MillraceError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Schema } from "../core/schema.ts";
import type { AnyEventType, EventType } from "./event-type.ts";
import type { FileTrigger } from "./files/file-trigger.ts";
import type { OwnFiles } from "./files/own-files.ts";
import type { Step } from "./step.ts";
import type { Stored } from "./stored.ts";
import type { WebhookTrigger } from "./webhook/webhook-trigger.ts";

/** What starts a run. `data` is a type only: what the event of this trigger carries. */
export type Trigger<Data = unknown> =
  | CronTrigger<Data>
  | ManualTrigger<Data>
  | EventTrigger<string, Data>
  | FileTrigger<Data>
  | WebhookTrigger<Data>;

export interface CronTrigger<Data = CronData> {
  readonly kind: "cron";
  readonly expression: string;
  /** IANA name. Default: the time zone of the configuration. */
  readonly timezone: string | undefined;
  /** What a start after a pause does about times that were missed: nothing, one run for the latest, or one for each. Default last. */
  readonly catchUp: "none" | "last" | "all";
  readonly data?: Data;
}

export interface ManualTrigger<Data> {
  readonly kind: "manual";
  readonly schema: Schema<Data> | undefined;
  /** Fields of the input that hold file paths: the command line makes them absolute before it hands them on. */
  readonly paths: readonly string[];
  /** Set: several inputs make one run. */
  readonly batch?: BatchRules;
  readonly data?: Data;
}

export interface EventTrigger<Name extends string, Data> {
  readonly kind: "event";
  readonly name: Name;
  // oxlint-disable-next-line typescript/no-explicit-any -- of a batch, the type of one event, and `data` a list of them
  readonly event: EventType<Name, any>;
  /** Set: several events make one run. */
  readonly batch?: BatchRules;
  readonly data?: Data;
}

/** Several events make one run, whose `event.data` is a list. */
export interface BatchRules {
  /** As many make a run at once. */
  readonly max: number;
  /** A run starts this long after its first event, full or not. */
  readonly waitMs: number;
  /** Events of one key make one batch. Default: all do. */
  readonly key?: (event: RunEvent) => string;
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

/** The events that these triggers can give: a union told apart by `type`, which for an event is its name. */
export type EventOf<T> =
  T extends EventTrigger<infer Name, infer Data>
    ? RunEvent<Name, Data>
    : T extends Trigger<infer Data>
      ? { readonly [K in T["kind"]]: RunEvent<K, Data> }[T["kind"]]
      : never;

export interface RetryPolicy {
  /** Tries in all, the first included. Default 3. */
  readonly attempts?: number;
  /** The wait before the second try, in milliseconds; doubles with each further one, with jitter. Default 1 000. */
  readonly backoffMs?: number;
  /** The longest wait, in milliseconds. Default 60 000. */
  readonly maxBackoffMs?: number;
}

/** How many runs are executed at once. A run that sleeps, waits or backs off counts for nothing. */
export interface ConcurrencyRule<Event> {
  readonly limit: number;
  /** Each key has the limit for itself. Default: all runs of the automation share it. */
  readonly key?: (event: Event) => string;
}

/** How often runs may start: a bucket of `limit` that fills up within `per`. */
export interface RateRule<Event> {
  readonly limit: number;
  readonly per: Duration;
  /** Each key has its own bucket. Default: one for all. */
  readonly key?: (event: Event) => string;
  /** What comes over it is started later, or refused with RATE_LIMITED (events: passed over). Default delay. */
  readonly over?: "delay" | "drop";
}

/** At most one run per period: the first event starts it, those that follow within the period are passed over. */
export interface ThrottleRule<Event> {
  readonly per: Duration;
  readonly key?: (event: Event) => string;
}

/** Events in quick succession make one run, of the last one. */
export interface DebounceRule<Event> {
  /** The run starts once there was no event for so long. */
  readonly for: Duration;
  /** At the latest so long after the first event. Default: ten times `for`. */
  readonly max?: Duration;
  readonly key?: (event: Event) => string;
}

/** What `onFailure` is told. */
export interface FailedRun<Event> {
  readonly event: Event;
  readonly error: ErrorRecord;
  readonly run: { readonly id: string };
  readonly signal: AbortSignal;
  /** The same for every attempt. */
  readonly idempotencyKey: string;
  readonly log: Log;
}

export interface AutomationOptions<T extends readonly Trigger[]> {
  /** One sentence for lists and the dashboard. */
  readonly description?: string;
  readonly on: T;
  /** Idempotency key: one run per key, as long as the run is kept. */
  readonly key?: (event: EventOf<T[number]>) => string;
  /** The default of its steps, and the policy for errors thrown outside of steps. */
  readonly retry?: RetryPolicy;
  /** Higher ones start first; within one priority the oldest does. Default 0. */
  readonly priority?: number | ((event: EventOf<T[number]>) => number);
  readonly concurrency?: ConcurrencyRule<EventOf<T[number]>>;
  /** At most one of rate, throttle and debounce. */
  readonly rate?: RateRule<EventOf<T[number]>>;
  readonly throttle?: ThrottleRule<EventOf<T[number]>>;
  readonly debounce?: DebounceRule<EventOf<T[number]>>;
  /** Events that its steps wait for: named here they can be emitted over HTTP and from the command line. Default none. */
  readonly waits?: readonly AnyEventType[];
  /** How long a run may take from its first start on, sleeps and waits included, in milliseconds; then it fails. Default: for ever. */
  readonly timeoutMs?: number;
  /**
   * A whole number; raise it when the steps change their meaning. Runs of an older version go on with the code as it is now, by the names
   * of their steps; those of a newer one wait for it. Default 1.
   */
  readonly version?: number;
  /** True: a run goes on with code of its own version only. Default false. */
  readonly pin?: boolean;
  /** Called once a run has failed for good, after its compensations; durable and tried again like a step. */
  readonly onFailure?: (failed: FailedRun<EventOf<T[number]>>) => unknown;
}

export interface AutomationContext<Event> {
  readonly event: Event;
  readonly step: Step;
  /** Writes files for which this automation's own file triggers start nothing. */
  readonly files: OwnFiles;
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
