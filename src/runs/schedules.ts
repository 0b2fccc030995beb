import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { RunStore, ScheduleRecord } from "../store/store.ts";
import type { CronData, RunEvent } from "./automation.ts";
import type { Planned, Registry } from "./registry.ts";
import { cronEvent } from "./run-event.ts";
import { runKey } from "./run-key.ts";

/** A planned time counts as missed, and is skipped by `catchUp: "none"`, when it is more than this late. */
const LATE_MS = 60_000;
/** How often a process that lives names its schedules, in milliseconds. */
const NAME_MS = 600_000;
/** A schedule that no process named for so long, in milliseconds, while this one looked on, is gone. */
const GONE_AFTER_MS = 3_600_000;
/** `catchUp: "all"` starts so many missed times at most, the latest ones. */
const MOST_MISSED = 1_000;

export interface SchedulesParams {
  readonly store: RunStore;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly onAdmitted: (run: { readonly runId: string; readonly automation: string }) => void;
}

/** Starts runs when clocks strike; used by the owner of the data only. */
export interface Schedules {
  /** Records the schedules, and deals with what was missed. */
  start(): Promise<void>;
  /**
   * Names the schedules again when it is time to, and forgets those of others that nobody names any more: another process of the same
   * database, older or newer, may know what this one does not, and keeps it as long as it lives.
   */
  tend(): Promise<void>;
  /** Starts what is due. A planned time starts one run however often it is asked, and however the clock is set. */
  fireDue(): Promise<void>;
  /** Brings forward what was planned by a clock that was ahead. What has struck since starts nothing again: its key is known. */
  planAnew(): Promise<void>;
  /** When the next one is due; undefined when there is none. */
  nextAt(): number | undefined;
}

export function createSchedules({ store, registry, clock, ids, log, onAdmitted }: SchedulesParams): Schedules {
  const all = registry.all.flatMap(({ planned }) => planned);
  const records = new Map<Planned, ScheduleRecord>();
  /** Of schedules that are not ours: how often they were named, and since when they were not again, on the clock that never jumps. */
  let others: ReadonlyMap<string, { readonly named: number; readonly since: number }> = new Map();
  let tendAt = 0;

  async function start(): Promise<void> {
    const now = clock.now();
    for (const planned of all) await record(planned, now);
    await planAnew();
    await tend();
    await fireDue();
  }

  async function tend(): Promise<void> {
    const now = clock.monotonic();
    if (now < tendAt) return;
    tendAt = now + NAME_MS;
    for (const [planned, record] of records) await name(planned, record);
    const own = new Set(all.map(({ scheduleId }) => scheduleId));
    const found = (await store.schedules()).filter(({ id }) => !own.has(id));
    const seen = found.map(({ id, named }) => {
      const before = others.get(id);
      return { id, named, since: before?.named === named ? before.since : now };
    });
    others = new Map(seen.map(({ id, ...one }) => [id, one]));
    for (const { id, named, since } of seen) {
      if (now - since >= GONE_AFTER_MS) await store.dropSchedule({ id, named });
    }
  }

  /** One that is not stored any more is stored as it was known here: no time of it is lost. */
  async function name(planned: Planned, known: ScheduleRecord): Promise<void> {
    records.set(planned, await store.putSchedule(known));
  }

  /** Planned later than it is due: by a clock that was ahead. */
  function isAhead({ times }: Planned, { nextAt }: ScheduleRecord, now: number): boolean {
    return nextAt > (times.after(now) ?? Infinity);
  }

  async function planAnew(): Promise<void> {
    const now = clock.now();
    for (const [planned, known] of records) {
      if (isAhead(planned, known, now)) await record(planned, now, { isAnew: true });
    }
  }

  /** Anew, a schedule starts from now: that is how missed times are skipped. */
  async function record(planned: Planned, now: number, { isAnew = false } = {}): Promise<void> {
    const { scheduleId: id, automation, expression, timezone: zone } = planned;
    const nextAt = planned.times.after(now);
    if (nextAt === undefined) records.delete(planned);
    else records.set(planned, await store.putSchedule({ id, automation, expression, zone, nextAt, isAnew }));
  }

  async function fireDue(): Promise<void> {
    const now = clock.now();
    for (const [planned, record] of records) {
      if (record.nextAt > now) continue;
      await fireMissed(planned, record, now).catch((error: unknown) => {
        log.error({ error, automation: planned.automation }, "a schedule could not start its run");
      });
    }
  }

  async function fireMissed(planned: Planned, { nextAt: firstAt }: ScheduleRecord, now: number): Promise<void> {
    const { times, catchUp } = planned;
    const latest = Math.max(firstAt, times.latest(now) ?? firstAt);
    if (catchUp === "none" && now - latest > LATE_MS) return skip(planned, now);
    const due = catchUp === "all" ? since(planned, firstAt, latest) : [latest];
    let seenAt = firstAt;
    for (const [index, plannedAt] of due.entries()) {
      const nextAt = due[index + 1] ?? times.after(now) ?? Number.MAX_SAFE_INTEGER;
      if (!(await fire(planned, { seenAt, plannedAt, nextAt }, now))) return;
      seenAt = nextAt;
    }
  }

  /** The planned times from the first to the latest, in order; of too many, the latest. */
  function since({ times, automation }: Planned, firstAt: number, latest: number): readonly number[] {
    const due = [latest];
    for (let at = times.latest(latest - 1_000); at !== undefined && at >= firstAt; at = times.latest(at - 1_000)) {
      if (due.length === MOST_MISSED) {
        log.warn(
          { automation, before: new Date(at).toISOString() },
          "too many times were missed: the earlier ones are skipped",
        );
        break;
      }
      due.push(at);
    }
    return due.toReversed();
  }

  /** Starts one planned time. False: somebody else has moved the schedule on. */
  async function fire(
    planned: Planned,
    { seenAt, plannedAt, nextAt }: { readonly seenAt: number; readonly plannedAt: number; readonly nextAt: number },
    now: number,
  ): Promise<boolean> {
    const { scheduleId, automation } = planned;
    const id = ids.next();
    const { event, text } = cronEvent(plannedAt, { runId: id, now });
    const key = keyOf(planned, event);
    const run = { id, automation, event: text, key, now };
    const admitted = await store.fire({ scheduleId, seenAt, nextAt, run });
    if (admitted === undefined) {
      await reload();
      return false;
    }
    const previous = records.get(planned);
    if (previous !== undefined) records.set(planned, { ...previous, nextAt, lastAt: seenAt });
    if (!admitted.isNew) return true;
    log.info({ run: admitted.runId, automation, plannedAt: event.data.scheduledFor }, "a schedule started a run");
    onAdmitted({ runId: admitted.runId, automation });
    return true;
  }

  /** A key that cannot be made must not stop the clock: the planned time is key enough. */
  function keyOf({ scheduleId, automation }: Planned, event: RunEvent<"cron", CronData>): string {
    const plannedKey = `${scheduleId} @ ${event.data.scheduledFor}`;
    try {
      return runKey(registry.require(automation).automation, event) ?? plannedKey;
    } catch (error) {
      log.error({ error, automation }, "the key of a planned run could not be made");
      return plannedKey;
    }
  }

  async function skip(planned: Planned, now: number): Promise<void> {
    await record(planned, now, { isAnew: true });
    log.info({ automation: planned.automation, expression: planned.expression }, "a missed time was skipped");
  }

  /** Somebody else moved the schedules on, or dropped one: takes over what is stored. */
  async function reload(): Promise<void> {
    const stored = new Map((await store.schedules()).map((record) => [record.id, record]));
    for (const [planned, known] of records) {
      const record = stored.get(planned.scheduleId);
      if (record === undefined) await name(planned, known);
      else records.set(planned, record);
    }
  }

  return {
    start,
    tend,
    fireDue,
    planAnew,
    nextAt: () => (records.size === 0 ? undefined : Math.min(...[...records.values()].map(({ nextAt }) => nextAt))),
  };
}
