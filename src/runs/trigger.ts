import type { Schema } from "../core/schema.ts";
import type { CronTrigger, ManualTrigger } from "./automation.ts";
import type { Stored } from "./stored.ts";

export interface CronOptions {
  /** IANA name, for example Europe/Amsterdam. Default: the time zone of the configuration. */
  readonly timezone?: string;
  /**
   * What becomes of times that passed while nothing ran: `last` starts one run for the latest of them, `none` forgets them. Default last.
   */
  readonly catchUp?: "none" | "last";
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

/** What starts a run. */
export const on = { cron, manual };
