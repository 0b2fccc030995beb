import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { Ending, RunRecord, RunStore } from "../store/store.ts";
import { createCpuPool } from "./cpu-pool.ts";
import type { Engine, StepProgress } from "./engine.ts";
import { type Execution, type Outcome, type RunLinks, type ServicesOf, startExecution } from "./execution.ts";
import { FIRST_REPAIR_MS, persist } from "./persist.ts";
import type { Registry } from "./registry.ts";
import { tellEnd } from "./tell-end.ts";
import { otherVersion } from "./versions.ts";

/** How long steps in flight may go on after a close, in milliseconds. */
const GRACE_MS = 10_000;

export type EndedRun = Awaited<ReturnType<Engine["ended"]>>;

/** What is written. */
type Told = Exclude<Outcome, { readonly kind: "lost" }>;

export interface WorkerParams {
  readonly store: RunStore;
  readonly registry: Registry;
  readonly services: ServicesOf;
  readonly links: RunLinks;
  /** How long a `step.wait` without a timeout lasts, in milliseconds. */
  readonly longestWaitMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  readonly workerId: string;
  /** How many runs are executed at once. */
  readonly slots: number;
  /** Hears the run as it is stored now, where that is known. */
  readonly onEnded: (runId: string, run?: EndedRun) => void;
}

/** Claims runs as slots are free, and executes them. */
export interface Worker {
  /** Looks for runs to claim, now. Called before the worker was opened, it does nothing. */
  kick(): void;
  /** Begins to claim. */
  open(): void;
  /** When the next queued run is due that was not at the last look; undefined when there is none. */
  dueAt(): number | undefined;
  /** Stops what is executed here of a canceled run under an epoch before this one. */
  cancel(runId: string, epoch: number): void;
  /** Leaves the runs alone whose claims no longer hold. */
  dropLost(): Promise<void>;
  progress(runId: string): readonly StepProgress[];
  /** Claims no more, and starts no further step. */
  drain(): void;
  /** Drains, gives steps in flight 10 s, aborts the rest, and gives back to the queue what has not ended. */
  close(): Promise<void>;
}

export function createWorker(params: WorkerParams): Worker {
  const { store, registry, clock, events, log, slots, workerId } = params;
  const gates = registry.all.flatMap(({ automation: { name, options } }) =>
    options.concurrency === undefined ? [] : [{ automation: name, limit: options.concurrency.limit }],
  );
  const cpu = createCpuPool({ clock });
  const active = new Map<string, Execution>();
  const settling = new Set<Promise<void>>();
  const stopRepairs = new AbortController();
  let phase: "new" | "open" | "closing" = "new";
  let claiming: Promise<void> | undefined;
  let kickedAgain = false;
  let dueAt: number | undefined;
  /** Of the active ones, those that have come to their end, which is being written: the next claim goes along with it. */
  let leaving = 0;

  function kick(): void {
    if (phase !== "open") return;
    if (claiming !== undefined) {
      kickedAgain = true;
      return;
    }
    claiming = claimAll()
      .catch((error: unknown) => {
        log.error({ error }, "runs could not be claimed");
        dueAt = clock.now() + FIRST_REPAIR_MS;
      })
      .finally(() => {
        claiming = undefined;
        // A kick between the loop's last look and this line would be lost.
        if (kickedAgain) kick();
      });
  }

  async function claimAll(): Promise<void> {
    do {
      kickedAgain = false;
      // What ends together is replaced by one claim.
      await nextTurn();
      const limit = slots - active.size + leaving;
      if (limit <= 0 || phase !== "open") return;
      const now = clock.now();
      const runs = await store.claim({ workerId, automations: registry.names, gates, limit, now });
      for (const run of runs) start(run);
      if (runs.length < limit) dueAt = await store.nextDueAt({ now });
    } while (isWanted());
  }

  function isWanted(): boolean {
    return kickedAgain && phase === "open";
  }

  function start(run: RunRecord): void {
    // Steps are stored under a claim, and each claim raises the epoch.
    const execution = execute(run, run.epoch === 1);
    events.emit("run-start", { runId: run.id, automation: run.automation, epoch: run.epoch, at: clock.now() });
    const settled = settle(execution).finally(() => {
      settling.delete(settled);
      free(run);
    });
    settling.add(settled);
  }

  function execute(run: RunRecord, isFresh: boolean): Execution {
    const { automation } = registry.require(run.automation);
    // Canceled and claimed again, before whoever canceled could tell the execution before.
    if (active.get(run.id)?.run.epoch !== run.epoch) active.get(run.id)?.abandon(lostReason(run), { kind: "lost" });
    const execution =
      otherVersion(run, automation, clock.now()) ?? startExecution({ ...params, cpu, run, automation, isFresh });
    active.set(run.id, execution);
    if (phase === "closing") execution.drain();
    return execution;
  }

  /** Gives the slot to the next run; a canceled run may have been claimed again by now. */
  function free({ id, epoch }: RunRecord): void {
    if (active.get(id)?.run.epoch === epoch) active.delete(id);
    kick();
  }

  async function settle(first: Execution): Promise<void> {
    for (let execution = first; ;) {
      const { run } = execution;
      const outcome = await execution.outcome;
      if (outcome.kind === "lost") return;
      const written = await write(run, outcome);
      // What it would wait for is there: it goes on at once, under the same claim.
      if (written === "unseen" && active.get(run.id) === execution) {
        execution = execute(run, false);
        continue;
      }
      return;
    }
  }

  /** Writes what became of a run, as often as the store needs. `lost`: the claim no longer held, or the worker closed before. */
  function write(run: RunRecord, outcome: Told): Promise<"written" | "unseen" | "lost"> {
    let isLeaving = true;
    let isUncertain = false;
    leaving += 1;
    function stay(): void {
      if (isLeaving) leaving -= 1;
      isLeaving = false;
    }
    const written = persist({
      write: () => writeOnce(run, outcome, isUncertain),
      again(error, retryInMs) {
        isUncertain = true;
        stay();
        log.error({ run: run.id, error, retryInMs }, "the end of a run could not be written");
        return true;
      },
      clock,
      signal: stopRepairs.signal,
    });
    kick();
    return written.catch(() => "lost" as const).finally(stay);
  }

  async function writeOnce(
    run: RunRecord,
    outcome: Told,
    isUncertain: boolean,
  ): Promise<"written" | "unseen" | "lost"> {
    const { id: runId, epoch, concurrencyKey, parent } = run;
    const claim = { runId, epoch, isAlone: concurrencyKey === null && parent === null };
    if (outcome.kind === "ended") {
      const now = clock.now();
      const isFinished = await store.finish({ ...claim, ending: outcome.ending, now });
      // A connection that is lost in the commit leaves open whether it was done.
      if (!isFinished && !(isUncertain && (await hasEnded(run)))) return "lost";
      ended(run, outcome.ending, now);
      return "written";
    }
    const { status, availableAt, attempt, error } = outcome;
    const parked = await store.park({ ...claim, status, availableAt, attempt, error });
    return parked === "parked" ? "written" : parked === "unseen" ? "unseen" : "lost";
  }

  /** Whether it ended under the claim that is held here. */
  async function hasEnded({ id, epoch }: RunRecord): Promise<boolean> {
    const record = await store.get(id);
    return record !== undefined && record.epoch === epoch && record.endedAt !== null;
  }

  function ended(run: RunRecord, ending: Ending, endedAt: number): void {
    const error = ending.status === "failed" ? { error: ending.error } : {};
    tellEnd(events, run, { status: ending.status, ...error, at: clock.now() });
    // Whether its crashes were forgiven is known to the store alone.
    params.onEnded(run.id, run.crashes === 0 ? asEnded(run, ending, endedAt) : undefined);
  }

  async function dropLost(): Promise<void> {
    if (active.size === 0) return;
    // Those of this moment: a run may be claimed again here while the store is asked.
    const held = new Map(active);
    const claims = [...held.values()].map(({ run }) => ({ runId: run.id, epoch: run.epoch }));
    for (const runId of await store.lostClaims(claims)) {
      const execution = held.get(runId);
      if (execution === undefined) continue;
      const record = await store.get(runId);
      if (record?.status === "canceled") canceled(execution.run);
      execution.abandon(lostReason(record), { kind: "lost" });
    }
  }

  function canceled(run: RunRecord): void {
    tellEnd(events, run, { status: "canceled", at: clock.now() });
    params.onEnded(run.id);
  }

  function drain(): void {
    phase = "closing";
    for (const execution of active.values()) execution.drain();
  }

  async function close(): Promise<void> {
    drain();
    await claiming;
    await withinGrace(Promise.allSettled(settling));
    stopRepairs.abort();
    for (const execution of active.values()) execution.abandon(stopReason(), givenBack(execution.run, clock.now()));
    await Promise.allSettled(settling);
    await cpu.close();
  }

  async function withinGrace(settled: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const grace = clock.sleep(GRACE_MS, done.signal).catch(() => undefined);
    await Promise.race([settled, grace]);
    done.abort();
  }

  return {
    kick,
    open() {
      if (phase === "new") phase = "open";
      kick();
    },
    dueAt: () => dueAt,
    cancel(runId, epoch) {
      const execution = active.get(runId);
      if (execution !== undefined && execution.run.epoch < epoch)
        execution.abandon(cancelReason(runId), { kind: "lost" });
    },
    dropLost,
    progress: (runId) => active.get(runId)?.progress() ?? [],
    drain,
    close,
  };
}

function asEnded(run: RunRecord, ending: Ending, endedAt: number): EndedRun {
  const output = ending.status === "done" ? ending.output : null;
  const error = ending.status === "failed" ? ending.error : null;
  return { ...run, status: ending.status, lane: null, output, error, undoing: null, endedAt };
}

/** Once nothing is left to do of what goes on now. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function givenBack(run: RunRecord, availableAt: number): Outcome {
  return { kind: "parked", status: "queued", availableAt, attempt: run.attempt, error: run.error };
}

function cancelReason(runId: string): MillraceError {
  return new MillraceError("RUN_CANCELED", `Run ${runId} was canceled.`);
}

function lostReason(record: RunRecord | undefined): MillraceError {
  if (record?.status === "canceled" || record?.undoing?.status === "canceled") return cancelReason(record.id);
  return new MillraceError("RUN_FENCED", "Another worker owns the run now.");
}

function stopReason(): MillraceError {
  return new MillraceError("CALL_ABORTED", "Millrace is stopping; the run goes on at the next start.");
}
