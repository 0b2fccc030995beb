import { type Duration, toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { Schema } from "../core/schema.ts";
import type { BatchRules, CronTrigger, EventTrigger, ManualTrigger, RunEvent } from "./automation.ts";
import type { EventType } from "./event-type.ts";
import { file, type FileTrigger } from "./files/file-trigger.ts";
import type { Stored } from "./stored.ts";
import { webhook, type WebhookTrigger } from "./webhook/webhook-trigger.ts";

export interface CronOptions {
  /** IANA name, for example Europe/Amsterdam. Default: the time zone of the configuration. */
  readonly timezone?: string;
  /**
   * What becomes of times that passed while nothing ran: `last` starts one run for the latest of them, `all` one for each (of more than
   * 1,000, for the latest 1,000), `none` forgets them. Default last.
   */
  readonly catchUp?: "none" | "last" | "all";
}

export interface ManualOptions {
  /** Fields of the input that hold file paths: the command line makes them absolute. Default none. */
  readonly paths?: readonly string[];
}

/**
 * Starts a run when a clock strikes. Five fields (minute, hour, day, month, weekday), six with seconds in front, or a name such as @daily.
 * A fixed local time that daylight saving skips runs right after the gap; one that comes twice runs once. The expression is
 * checked when the automation is registered: SCHEDULE_INVALID or TIMEZONE_INVALID.
 */
function cron(expression: string, { timezone, catchUp = "last" }: CronOptions = {}): CronTrigger {
  return { kind: "cron", expression, timezone, catchUp };
}

/** Starts a run by hand (command line, HTTP, code). Without a schema the input is any JSON. */
function manual(): ManualTrigger<unknown>;
/**
 * Starts a run by hand, with an input that fits the schema. The event carries what the schema gave, in its stored form: a date is a text
 * there. No input counts as an empty object where the schema does not take `undefined`.
 */
function manual<Data>(schema: Schema<Data>, options?: ManualOptions): ManualTrigger<Stored<Data>>;
function manual<Data>(schema?: Schema<Data>, { paths = [] }: ManualOptions = {}): ManualTrigger<Stored<Data>> {
  return { kind: "manual", schema: schema as Schema<Stored<Data>> | undefined, paths };
}

/** Starts a run for each event of a type, whoever emits it. */
function event<const Name extends string, Data>(type: EventType<Name, Data>): EventTrigger<Name, Data> {
  return { kind: "event", name: type.name, event: type };
}

export interface BatchOptions<Event> {
  /** As many events make a run at once, at most 10,000. */
  readonly max: number;
  /** A run starts this long after its first event, full or not. */
  readonly wait: Duration;
  /** Events of one key make one batch. Default: all do. */
  readonly key?: (event: Event) => string;
}

/** What stands in the data of one event of a trigger. */
type DataOf<T> = T extends { readonly data?: infer Data } ? Exclude<Data, undefined> : never;

type BatchedTrigger = ManualTrigger<unknown> | EventTrigger<string, unknown> | FileTrigger<unknown> | WebhookTrigger;

/** Gathers the events of a trigger into one run, whose `event.data` is the list of theirs. Throws INPUT_INVALID. */
function batch<const T extends BatchedTrigger>(
  trigger: T,
  { max, wait, key }: BatchOptions<RunEvent<string, DataOf<T>>>,
): Omit<T, "data" | "batch"> & { readonly batch: BatchRules; readonly data?: readonly DataOf<T>[] } {
  if (!Number.isInteger(max) || max < 1 || max > LARGEST_BATCH) {
    throw new MillraceError("INPUT_INVALID", `max must be a whole number from 1 to ${LARGEST_BATCH}, not ${max}.`);
  }
  const rules: BatchRules = {
    max,
    waitMs: toMs(wait),
    ...(key === undefined ? {} : { key: key as NonNullable<BatchRules["key"]> }),
  };
  return { ...(trigger as Omit<T, "data" | "batch">), batch: rules };
}

const LARGEST_BATCH = 10_000;

/** What starts a run. */
export const on = { cron, manual, event, file, webhook, batch };
