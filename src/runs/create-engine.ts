import type { Clock, Timer } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { AdmitParams, RunRecord, Store } from "../store/store.ts";
import type { AnyAutomation } from "./automation.ts";
import type { AutomationInfo, Engine, StartedRun } from "./engine.ts";
import type { ServicesOf } from "./execution.ts";
import { createRegistry } from "./registry.ts";
import { manualEvent } from "./run-event.ts";
import { runKey } from "./run-key.ts";
import { createSchedules } from "./schedules.ts";
import { tellEnd } from "./tell-end.ts";
import { createWaiters } from "./waiters.ts";
import { createWorker } from "./worker.ts";

export interface EngineOptions {
  readonly store: Pick<Store, "runs" | "own" | "hasOutsideChanges">;
  readonly automations: readonly AnyAutomation[];
  /** What is spread into the context of each run, such as `ai`. */
  readonly services: ServicesOf;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly events: Events;
  readonly log: Log;
  /** IANA name: the zone of cron triggers that name none. */
  readonly timezone: string;
  /** How many runs are executed at once. Default 32. */
  readonly slots?: number;
}

/** A run that crashed its process so often, without a step stored in between, fails with RUN_CRASHED. */
const CRASH_LIMIT = 5;
/** How often changes by other processes are looked for, in milliseconds. */
const LOOK_MS = 100;
/** How often a guest tries to become the owner, in milliseconds. */
const OWN_MS = 1_000;
/** Runs are forgotten this long after their end, in milliseconds: 30 days. */
const RETENTION_MS = 30 * 86_400_000;
/** How often ended runs are looked for that are to be forgotten, in milliseconds. */
const FORGET_MS = 3_600_000;

type EndedRun = Awaited<ReturnType<Engine["ended"]>>;

/**
 * Creates the engine that executes automations on a store. Throws AUTOMATION_DUPLICATE, SCHEDULE_INVALID, TIMEZONE_INVALID, and
 * INPUT_INVALID for a bad retry policy or number of slots, before anything is written.
 */
export function createEngine(options: EngineOptions): Engine {
  const { store, automations, clock, ids, events, log, timezone, slots = 32 } = options;
  if (!Number.isInteger(slots) || slots < 1) {
    throw new MillraceError("INPUT_INVALID", `slots must be a whole number of at least 1, not ${slots}.`);
  }
  const { runs } = store;
  const registry = createRegistry({ automations, timezone, now: clock.now() });
  const waiters = createWaiters();
  const workerId = ids.next();
  const worker = createWorker({
    ...options,
    store: runs,
    registry,
    slots,
    workerId,
    onEnded: (runId) => waiters.tell(runId),
  });
  const schedules = createSchedules({ store: runs, registry, clock, ids, log, onAdmitted: announce });
  const closed = new AbortController();
  let role: "owner" | "guest" | undefined;
  let starting: Promise<"owner" | "guest"> | undefined;
  let watching: Promise<void> | undefined;
  let wakeUp: Timer | undefined;
  let ownAt = 0;
  let forgetAt = 0;
  let joining: Promise<unknown> = Promise.resolve();

  async function start(): Promise<"owner" | "guest"> {
    role = (await becomeOwner()) ? "owner" : "guest";
    watch();
    return role;
  }

  /** Recovering twice would take this process's own runs for those of a dead one. */
  function startOnce(): Promise<"owner" | "guest"> {
    starting ??= start();
    return starting;
  }

  async function becomeOwner(): Promise<boolean> {
    ownAt = clock.monotonic() + OWN_MS;
    if (!(await store.own())) return false;
    await recover();
    await schedules.start();
    role = "owner";
    worker.open();
    waiters.tellAll();
    setWakeUp();
    return true;
  }

  async function recover(): Promise<void> {
    const { queued, failed } = await runs.recover({ now: clock.now(), crashLimit: CRASH_LIMIT });
    for (const run of failed) {
      log.error({ run: run.id, automation: run.automation, ...run.error }, "a run was given up");
      tellEnd(events, run, { status: "failed", ...(run.error && { error: run.error }), at: clock.now() });
    }
    if (queued > 0) log.info({ runs: queued }, "runs of a process that died were queued again");
  }

  /** Other processes, and clocks that were set, are noticed by looking. */
  function watch(): void {
    watching ??= watchUntilClosed();
  }

  async function watchUntilClosed(): Promise<void> {
    while (await isOpenAfter(LOOK_MS)) {
      await look().catch((error: unknown) => log.error({ error }, "the store could not be looked at"));
    }
  }

  function isOpenAfter(ms: number): Promise<boolean> {
    return clock.sleep(ms, closed.signal).then(
      () => true,
      () => false,
    );
  }

  async function look(): Promise<void> {
    if (store.hasOutsideChanges()) {
      await worker.dropLost();
      waiters.tellAll();
      worker.kick();
    }
    if (role === "guest" && clock.monotonic() >= ownAt && (await becomeOwner())) log.info({}, "this process took over");
    if (role !== "owner") return;
    await doDue();
    if (clock.monotonic() >= forgetAt) await forget();
  }

  async function doDue(): Promise<void> {
    const now = clock.now();
    if ((schedules.nextAt() ?? Infinity) <= now) await schedules.fireDue();
    if ((worker.dueAt() ?? Infinity) <= now) worker.kick();
    setWakeUp();
  }

  /** A timer for the next thing that is due before the next look. */
  function setWakeUp(): void {
    const wait = Math.min(schedules.nextAt() ?? Infinity, worker.dueAt() ?? Infinity) - clock.now();
    wakeUp?.cancel();
    wakeUp = undefined;
    if (wait <= 0 || wait >= LOOK_MS || closed.signal.aborted) return;
    wakeUp = clock.after(wait, () => {
      doDue().catch((error: unknown) => log.error({ error }, "what was due could not be started"));
    });
  }

  async function forget(): Promise<void> {
    forgetAt = clock.monotonic() + FORGET_MS;
    const endedBefore = clock.now() - RETENTION_MS;
    const forgotten = await runs.forget({ endedBefore });
    if (forgotten > 0) log.info({ runs: forgotten }, "ended runs were forgotten");
  }

  async function trigger(
    name: string,
    input?: unknown,
    { key, join = false }: { readonly key?: string; readonly join?: boolean } = {},
  ): Promise<StartedRun> {
    const registered = registry.require(name);
    const now = clock.now();
    const id = ids.next();
    const { event, text } = await manualEvent(registered, input, { runId: id, now });
    const ownKey = key ?? runKey(registered.automation, event);
    const run: AdmitParams = { id, automation: name, event: text, now };
    return join ? joinOrAdmit(run, ownKey) : admit(run, ownKey);
  }

  /** One after the other: two that join at once must not both find nothing. */
  function joinOrAdmit(run: AdmitParams, key: string | undefined): Promise<StartedRun> {
    const joined = joining.then(async () => {
      const unfinished = await runs.findUnfinished({ automation: run.automation, event: run.event });
      return unfinished === undefined ? admit(run, key) : { runId: unfinished.id, isNew: false };
    });
    joining = joined.catch(() => undefined);
    return joined;
  }

  async function admit(run: AdmitParams, key: string | undefined): Promise<StartedRun> {
    const admitted = await runs.admit(key === undefined ? run : { ...run, key });
    if (admitted.isDropped) {
      throw new MillraceError("RATE_LIMITED", `${run.automation} is started more often than its rate allows.`);
    }
    const { runId, isNew } = admitted;
    if (isNew) announce({ runId, automation: run.automation });
    return { runId, isNew };
  }

  function announce({ runId, automation }: { readonly runId: string; readonly automation: string }): void {
    events.emit("run-queued", { runId, automation, at: clock.now() });
    worker.kick();
  }

  async function ended(runId: string, signal?: AbortSignal): Promise<EndedRun> {
    watch();
    for (;;) {
      if (closed.signal.aborted) throw stopping();
      // Registered before the look, so that an end in between is not missed.
      const changed = waiters.next(runId, signal);
      changed.catch(() => undefined);
      const run = await runs.get(runId);
      if (run !== undefined && !isEnded(run)) {
        await changed;
        continue;
      }
      waiters.tell(runId);
      if (run === undefined) throw unknownRun(runId);
      return run;
    }
  }

  async function requireRun(runId: string): Promise<RunRecord> {
    const run = await runs.get(runId);
    if (run === undefined) throw unknownRun(runId);
    return run;
  }

  async function cancel(runId: string): Promise<void> {
    const run = await requireRun(runId);
    if (!(await runs.cancel({ runId, now: clock.now() }))) throw await wrongState(runId, "cannot be canceled");
    worker.cancel(runId);
    tellEnd(events, run, { status: "canceled", at: clock.now() });
    waiters.tell(runId);
  }

  async function retry(runId: string): Promise<void> {
    const { automation } = await requireRun(runId);
    if (!(await runs.retry({ runId, now: clock.now() }))) throw await wrongState(runId, "cannot be tried again");
    announce({ runId, automation });
  }

  async function wrongState(runId: string, what: string): Promise<MillraceError> {
    const { status } = await requireRun(runId);
    return new MillraceError("RUN_STATE", `Run ${runId} is ${status} and ${what}.`, { facts: { runId, status } });
  }

  async function automationInfos(): Promise<readonly AutomationInfo[]> {
    const stored = new Map((await runs.schedules()).map((record) => [record.id, record]));
    return registry.all.map(({ automation, manual, planned }) => ({
      name: automation.name,
      description: automation.options.description ?? "",
      triggers: [
        ...planned.map(({ scheduleId, expression, timezone, times }) => {
          const nextAt = stored.get(scheduleId)?.nextAt ?? times.after(clock.now()) ?? null;
          return { kind: "cron" as const, expression, timezone, nextAt };
        }),
        ...(manual === undefined ? [] : [{ kind: "manual" as const }]),
      ],
    }));
  }

  async function close(): Promise<void> {
    closed.abort();
    wakeUp?.cancel();
    await watching;
    await worker.close();
    waiters.close(stopping());
  }

  return {
    start: startOnce,
    trigger,
    ended,
    cancel,
    retry,
    progress: (runId) => worker.progress(runId),
    automations: automationInfos,
    close,
  };
}

function isEnded(run: RunRecord): run is EndedRun {
  return run.status === "done" || run.status === "failed" || run.status === "canceled";
}

function unknownRun(runId: string): MillraceError {
  return new MillraceError("RUN_UNKNOWN", `There is no run "${runId}".`, { facts: { runId } });
}

function stopping(): MillraceError {
  return new MillraceError("CALL_ABORTED", "Millrace is stopping; the run goes on at the next start.");
}
