import { Cron } from "croner";

import { MillraceError } from "../core/errors.ts";

/** The planned times of a cron expression in a time zone. Instants are milliseconds since the epoch, UTC. */
export interface CronTimes {
  /** The first planned time after `at`. Undefined: there is none. */
  after(at: number): number | undefined;
  /** The latest planned time that is not after `at`. Undefined: there is none. */
  latest(at: number): number | undefined;
}

export interface CronTimesParams {
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  /** Who asks for it, for the message. */
  readonly automation: string;
  readonly now: number;
}

/** Reads a cron expression. Throws TIMEZONE_INVALID, or SCHEDULE_INVALID also for one that never comes true, such as 30 February. */
export function parseCron({ expression, timezone, automation, now }: CronTimesParams): CronTimes {
  requireTimezone(timezone, automation);
  const times = cronTimes(readPattern(expression, timezone, automation));
  if (times.after(now) === undefined) throw scheduleInvalid(expression, automation, "it names no time to come");
  return times;
}

function requireTimezone(timezone: string, automation: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone }).format(0);
  } catch (cause) {
    throw new MillraceError("TIMEZONE_INVALID", `The time zone "${timezone}" of ${automation} is not known.`, {
      facts: { timezone, automation },
      cause,
    });
  }
}

function readPattern(expression: string, timezone: string, automation: string): Cron {
  try {
    return new Cron(expression, { timezone, paused: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^Cron\w+: /, "") : String(cause);
    throw scheduleInvalid(expression, automation, reason, cause);
  }
}

function scheduleInvalid(expression: string, automation: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError(
    "SCHEDULE_INVALID",
    `The schedule "${expression}" of ${automation} cannot be used: ${reason}.`,
    {
      facts: { expression, automation },
      cause,
    },
  );
}

/** Planned times are whole seconds, so what is planned up to `at` is what is planned before the second after it. */
function cronTimes(cron: Cron): CronTimes {
  return {
    after: (at) => cron.nextRun(new Date(at))?.getTime(),
    latest: (at) => cron.previousRuns(1, new Date(Math.floor(at / 1_000) * 1_000 + 1_000))[0]?.getTime(),
  };
}
