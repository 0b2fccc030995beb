import { type Duration, toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { numberOrNull } from "../store/row.ts";
import type { Database, RunStore } from "../store/store.ts";

/**
 * How long ended runs, with their steps and keys, and events are kept, and how many of them at most: whichever is over first. An event that an
 * open wait has yet to look at is kept longer.
 */
export interface RetentionOptions {
  /** Done runs. Default 7d. */
  readonly done?: Duration;
  /** Failed and canceled runs: they can be tried again. Default 90d. */
  readonly failed?: Duration;
  /** Default 7d. */
  readonly events?: Duration;
  /** Done runs at most. Default 200,000. */
  readonly maxDone?: number;
  /** Failed and canceled runs at most, of each. Default 50,000. */
  readonly maxFailed?: number;
  /** Default 1,000,000. */
  readonly maxEvents?: number;
  /** How long a `step.wait` without a `timeout` lasts, for waits that begin from then on; then it gives null. Default 365d. */
  readonly waits?: Duration;
}

/** How long a wait lasts that does not say so itself, in milliseconds. Throws INPUT_INVALID. */
export function longestWaitMs({ waits = "365d" }: RetentionOptions): number {
  return toMs(waits);
}

export interface RetentionParams {
  readonly runs: Pick<RunStore, "forget" | "forgetEvents">;
  readonly db: Pick<Database, "get">;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: RetentionOptions;
}

/** Forgets what has been kept long enough. */
export interface Retention {
  /** Does so once an hour, however often it is asked. */
  forget(): Promise<void>;
}

/** How often it is looked for what is to be forgotten, in milliseconds. */
const FORGET_MS = 3_600_000;

/** When the first one ended that is one too many, counted from the newest by birth. */
const ENDED_BEYOND = "select ended_at as at from runs where status = :status order by id desc limit 1 offset :most";
const EVENT_BEYOND =
  "select at from events where seq <= (select max(seq) from events) - :most order by seq desc limit 1";

/** Throws INPUT_INVALID for a number that is not a whole one of at least 1, or a bad duration. */
export function createRetention({ runs, db, clock, log, options }: RetentionParams): Retention {
  const { done = "7d", failed = "90d", events = "7d" } = options;
  const { maxDone = 200_000, maxFailed = 50_000, maxEvents = 1_000_000 } = options;
  for (const [name, most] of Object.entries({ maxDone, maxFailed, maxEvents })) requireMost(name, most);
  const doneMs = toMs(done);
  const failedMs = toMs(failed);
  const eventsMs = toMs(events);
  let nextAt = 0;

  async function forgetRuns(status: "done" | "failed" | "canceled", keptMs: number, most: number): Promise<number> {
    const old = await runs.forget({ endedBefore: clock.now() - keptMs, status });
    const row = await db.get(ENDED_BEYOND, { status, most });
    const beyond = row === undefined ? null : numberOrNull(row, "at");
    return beyond === null ? old : old + (await runs.forget({ endedBefore: beyond + 1, status }));
  }

  async function forgetEvents(): Promise<number> {
    const now = clock.now();
    const row = await db.get(EVENT_BEYOND, { most: maxEvents });
    const beyond = row === undefined ? null : numberOrNull(row, "at");
    return runs.forgetEvents({ before: Math.max(now - eventsMs, beyond === null ? 0 : beyond + 1), now });
  }

  return {
    async forget() {
      if (clock.monotonic() < nextAt) return;
      nextAt = clock.monotonic() + FORGET_MS;
      const forgotten = {
        done: await forgetRuns("done", doneMs, maxDone),
        failed: await forgetRuns("failed", failedMs, maxFailed),
        canceled: await forgetRuns("canceled", failedMs, maxFailed),
        events: await forgetEvents(),
      };
      if (Object.values(forgotten).some((count) => count > 0))
        log.info(forgotten, "ended runs and old events were forgotten");
    },
  };
}

function requireMost(name: string, most: number): void {
  if (Number.isSafeInteger(most) && most >= 1) return;
  throw new MillraceError("INPUT_INVALID", `retention.${name} must be a whole number of at least 1, not ${most}.`);
}
