import { type RecordOptions, unrecorded } from "../core/audit.ts";
import type { Clock, Timer } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import { text } from "../store/row.ts";
import type { AdmitParams, RunRecord, Store } from "../store/store.ts";
import type { AnyAutomation, BatchRules, RunEvent } from "./automation.ts";
import type { AutomationInfo, Emitted, Engine, StartedRun } from "./engine.ts";
import { type AnyEventType, eventData } from "./event-type.ts";
import type { RunLinks, ServicesOf } from "./execution.ts";
import { explain } from "./explain.ts";
import { flowOf } from "./flow-rules.ts";
import { type Arrival, createArrivals } from "./arrivals.ts";
import { createRegistry, type Registered } from "./registry.ts";
import { emittedEvent, manualEvent, type NewEvent } from "./run-event.ts";
import { createRetention, longestWaitMs, type RetentionOptions } from "./retention.ts";
import { runKey } from "./run-key.ts";
import { createSchedules } from "./schedules.ts";
import { tellEnd } from "./tell-end.ts";
import { createWaiters } from "./waiters.ts";
import { createWorker, type EndedRun } from "./worker.ts";

export interface EngineOptions {
  readonly store: Pick<Store, "runs" | "db" | "own" | "hasOutsideChanges">;
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
  /** How long and how many ended runs and events are kept. */
  readonly retention?: RetentionOptions;
}

/** A run that crashed its process so often, without a step stored in between, fails with RUN_CRASHED. */
const CRASH_LIMIT = 5;
/** How often changes by other processes are looked for, in milliseconds. */
const LOOK_MS = 100;
/** How often a guest tries to become the owner, in milliseconds. */
const OWN_MS = 1_000;

const RUN_OF_KEY = "select run from keys where automation = :automation and key = :key";

interface AdmissionOf {
  readonly id: string;
  readonly now: number;
  /** Given by whoever asks; it goes before the automation's own. */
  readonly key: string | undefined;
  readonly batch: BatchRules | undefined;
}

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
  const retention = createRetention({ runs, db: store.db, clock, log, options: options.retention ?? {} });
  const registry = createRegistry({ automations, timezone, now: clock.now() });
  const waiters = createWaiters<EndedRun>();
  const eventWaiters = createWaiters();
  const workerId = ids.next();
  const arrivals = createArrivals({ registry, db: store.db, admit: admitArrival, clock, ids, log });
  const worker = createWorker({
    ...options,
    services: (run) => ({ ...options.services(run), files: arrivals.filesOf(run.automation) }),
    store: runs,
    registry,
    slots,
    workerId,
    longestWaitMs: longestWaitMs(options.retention ?? {}),
    links: { wakes: { events: eventWaiters, runs: waiters }, emit: emitOnce, startCalled },
    onEnded: (runId, run) => waiters.tell(runId, run),
  });
  const schedules = createSchedules({ store: runs, registry, clock, ids, log, onAdmitted: announce });
  const closed = new AbortController();
  let role: "owner" | "guest" | undefined;
  let starting: Promise<"owner" | "guest"> | undefined;
  let watching: Promise<void> | undefined;
  let wakeUp: Timer | undefined;
  let ownAt = 0;
  /** By the clock that may be set. */
  let lookedAt = 0;
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
    await arrivals.start();
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
      eventWaiters.tellAll();
      worker.kick();
    }
    if (role === "guest" && clock.monotonic() >= ownAt && (await becomeOwner())) log.info({}, "this process took over");
    if (role !== "owner") return;
    await doDue();
    await schedules.tend();
    await retention.forget();
  }

  async function doDue(): Promise<void> {
    const now = clock.now();
    if (now < lookedAt) await schedules.planAnew();
    lookedAt = now;
    if ((schedules.nextAt() ?? Infinity) <= now) {
      await schedules.fireDue();
      // Also when only the answer of the store was lost.
      worker.kick();
    }
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

  async function trigger(
    name: string,
    input?: unknown,
    { key, join = false }: { readonly key?: string; readonly join?: boolean } = {},
  ): Promise<StartedRun> {
    const registered = registry.require(name);
    const now = clock.now();
    const id = ids.next();
    const made = await manualEvent(registered, input, { runId: id, now });
    const run = admission(registered, made, { id, now, key, batch: registered.manual?.batch });
    return join ? joinOrAdmit(run) : admit(run);
  }

  async function deliver(
    name: string,
    { type, data }: { readonly type: string; readonly data: unknown },
    { key }: { readonly key?: string } = {},
  ): Promise<StartedRun> {
    const id = ids.next();
    const now = clock.now();
    const event: RunEvent = { type, id, at: new Date(now).toISOString(), data };
    return admit(admission(registry.require(name), emittedEvent(event), { id, now, key, batch: undefined }));
  }

  function admitArrival(registered: Registered, { type, data, key, batch }: Arrival): Promise<StartedRun> {
    const id = ids.next();
    const now = clock.now();
    const event: RunEvent = { type, id, at: new Date(now).toISOString(), data };
    return admit(admission(registered, emittedEvent(event), { id, now, key, batch }));
  }

  /** What the store is asked for one event of an automation. Throws INPUT_INVALID when a function of its options fails. */
  function admission(
    { automation }: Registered,
    { event, text }: NewEvent<RunEvent>,
    { id, now, key, batch }: AdmissionOf,
  ): AdmitParams {
    // Of a batch, the options' functions see a batch of one.
    const seen = batch === undefined ? event : { ...event, data: [event.data] };
    const ownKey = key ?? runKey(automation, seen);
    return {
      id,
      automation: automation.name,
      event: text,
      now,
      ...flowOf(automation, seen, batch === undefined ? undefined : { batch, event }),
      ...(ownKey === undefined ? {} : { key: ownKey }),
    };
  }

  async function emit(
    type: AnyEventType,
    data: unknown,
    { id = ids.next() }: { readonly id?: string } = {},
  ): Promise<Emitted> {
    const now = clock.now();
    const { data: stored, text, match } = await eventData(type, data);
    const event: RunEvent = { type: type.name, id, at: new Date(now).toISOString(), data: stored };
    const admissions = registry.all.flatMap((registered) =>
      registered.onEvents
        .filter(({ name }) => name === type.name)
        .map(({ batch }) => admission(registered, emittedEvent(event), { id: ids.next(), now, key: undefined, batch })),
    );
    const { isNew, admitted } = await runs.emit({ id, name: type.name, match, data: text, now, runs: admissions });
    for (const [index, one] of admitted.entries()) {
      const automation = admissions[index]?.automation;
      if (one.isNew && automation !== undefined) announce({ runId: one.runId, automation });
    }
    eventWaiters.tell(type.name);
    // Also for a known id: of the emission before perhaps only the answer was lost.
    worker.kick();
    const started = admitted.filter(({ isDropped }) => !isDropped);
    return { id, isNew, runs: started.map(({ runId, isNew: isStarted }) => ({ runId, isNew: isStarted })) };
  }

  async function emitOnce(type: AnyEventType, data: unknown, id: string): Promise<void> {
    await emit(type, data, { id });
  }

  async function emitNamed(name: string, data: unknown, how?: { readonly id?: string }): Promise<Emitted> {
    const types = new Map<string, AnyEventType>(
      registry.all.flatMap(({ automation, onEvents }) => [
        ...(automation.options.waits ?? []).map((waited): [string, AnyEventType] => [waited.name, waited]),
        ...onEvents.map((trigger): [string, AnyEventType] => [trigger.name, trigger.event]),
      ]),
    );
    const type = types.get(name);
    if (type !== undefined) return emit(type, data, how);
    const known = [...types.keys()].toSorted();
    throw new MillraceError(
      "NOT_FOUND",
      `No automation is started by an event "${name}", or says that it waits for one.`,
      {
        facts: { name, known },
        advice:
          known.length === 0
            ? "Give an automation an on.event trigger, or name the event in its `waits`."
            : `Known are: ${known.join(", ")}.`,
      },
    );
  }

  async function startCalled({
    automation,
    input,
    key,
    parent,
  }: Parameters<RunLinks["startCalled"]>[0]): Promise<string> {
    const registered = registry.require(automation);
    const id = ids.next();
    const now = clock.now();
    const made = await manualEvent(registered, input, { runId: id, now });
    const { runId, isNew } = await admit({
      ...admission(registered, made, { id, now, key, batch: undefined }),
      parent,
    });
    // Called before, by an earlier attempt of a run that is tried again: what failed is tried again with it.
    if (!isNew && (await runs.retry({ runId, now: clock.now() }))) announce({ runId, automation });
    else worker.kick();
    return runId;
  }

  /** One after the other: two that join at once must not both find nothing. */
  function joinOrAdmit(run: AdmitParams): Promise<StartedRun> {
    const joined = joining.then(async () => {
      const unfinished = await runs.findUnfinished({ automation: run.automation, event: run.event });
      return unfinished === undefined ? admit(run) : { runId: unfinished.id, isNew: false };
    });
    joining = joined.catch(() => undefined);
    return joined;
  }

  async function admit(run: AdmitParams): Promise<StartedRun> {
    const admitted = await runs.admit(run);
    if (admitted.isDropped) {
      throw new MillraceError("RATE_LIMITED", `${run.automation} is started more often than its rate allows.`);
    }
    const { runId, isNew } = admitted;
    if (isNew) announce({ runId, automation: run.automation });
    // Of the admission before perhaps only the answer was lost.
    else worker.kick();
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
        const told = await changed;
        if (told !== undefined) return told;
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

  async function cancel(runId: string, { record = unrecorded }: RecordOptions = {}): Promise<void> {
    await requireRun(runId);
    const isCanceled = await record((beside) => runs.cancel({ runId, now: clock.now(), beside }));
    if (!isCanceled) throw await wrongState(runId, "cannot be canceled");
    const canceled = await requireRun(runId);
    worker.cancel(runId, canceled.epoch);
    if (canceled.status === "canceled") tellEnd(events, canceled, { status: "canceled", at: clock.now() });
    waiters.tell(runId);
    // A run that has something to undo goes on with that; others may have waited for its place.
    worker.kick();
  }

  async function retry(
    runId: string,
    { from, record = unrecorded }: RecordOptions & { readonly from?: string } = {},
  ): Promise<void> {
    const { automation } = await requireRun(runId);
    if (from !== undefined) await requireStep(runId, from);
    const version = registry.find(automation)?.automation.options.version ?? 1;
    const how = { runId, now: clock.now(), version, ...(from === undefined ? {} : { from }) };
    if (!(await record((beside) => runs.retry({ ...how, beside }))))
      throw await wrongState(runId, "cannot be tried again");
    announce({ runId, automation });
  }

  async function requireStep(runId: string, from: string): Promise<void> {
    const known = (await runs.steps(runId)).map(({ id }) => id);
    if (known.some((id) => id === from || id.startsWith(`${from}:`))) return;
    throw new MillraceError("INPUT_INVALID", `Run ${runId} has no step "${from}".`, {
      facts: { known },
      advice: known.length === 0 ? "It has stored none." : `It has stored: ${known.slice(0, 50).join(", ")}.`,
    });
  }

  async function runOf(automation: string, key: string): Promise<string> {
    const row = await store.db.get(RUN_OF_KEY, { automation, key });
    if (row !== undefined) return text(row, "run");
    throw new MillraceError("RUN_UNKNOWN", `There is no run of ${automation} under the key "${key}".`, {
      facts: { automation, key },
    });
  }

  async function wrongState(runId: string, what: string): Promise<MillraceError> {
    const { status } = await requireRun(runId);
    return new MillraceError("RUN_STATE", `Run ${runId} is ${status} and ${what}.`, { facts: { runId, status } });
  }

  async function automationInfos(): Promise<readonly AutomationInfo[]> {
    const stored = new Map((await runs.schedules()).map((record) => [record.id, record]));
    return registry.all.map(({ automation, manual, planned, onEvents, onFiles, onWebhooks }) => ({
      name: automation.name,
      description: automation.options.description ?? "",
      triggers: [
        ...planned.map(({ scheduleId, expression, timezone, times }) => {
          const nextAt = stored.get(scheduleId)?.nextAt ?? times.after(clock.now()) ?? null;
          return { kind: "cron" as const, expression, timezone, nextAt };
        }),
        ...(manual === undefined ? [] : [{ kind: "manual" as const }]),
        ...onEvents.map(({ name }) => ({ kind: "event" as const, name })),
        ...onFiles.map(({ glob }) => ({ kind: "file" as const, glob })),
        ...onWebhooks.map(({ path, signature }) => ({
          kind: "webhook" as const,
          path,
          isSigned: signature !== undefined,
        })),
      ],
    }));
  }

  async function close(): Promise<void> {
    closed.abort();
    wakeUp?.cancel();
    worker.drain();
    await watching;
    await arrivals.close();
    await worker.close();
    waiters.close(stopping());
    eventWaiters.close(stopping());
  }

  return {
    start: startOnce,
    trigger,
    deliver,
    emit,
    emitNamed,
    ended,
    cancel,
    retry,
    runOf,
    explain: async (runId) =>
      explain({
        run: await requireRun(runId),
        store: runs,
        automation: (name) => registry.find(name)?.automation,
        now: clock.now(),
      }),
    progress: (runId) => worker.progress(runId),
    automations: automationInfos,
    webhooks: arrivals.webhooks,
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
