import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { Ending, RunRecord, RunStore } from "../store/store.ts";
import { createCpuPool } from "./cpu-pool.ts";
import type { StepProgress } from "./engine.ts";
import { type Execution, type Outcome, type RunLinks, type ServicesOf, startExecution } from "./execution.ts";
import { FIRST_REPAIR_MS, persist } from "./persist.ts";
import type { Registry } from "./registry.ts";
import { tellEnd } from "./tell-end.ts";
import { otherVersion } from "./versions.ts";

/** How long steps in flight may go on after a close, in milliseconds. */
const GRACE_MS = 10_000;

/** What is written. */
type Told = Exclude<Outcome, { readonly kind: "lost" }>;

export interface WorkerParams {
  readonly store: RunStore;
  readonly registry: Registry;
  readonly services: ServicesOf;
  readonly links: RunLinks;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  readonly workerId: string;
  /** How many runs are executed at once. */
  readonly slots: number;
  readonly onEnded: (runId: string) => void;
}

/** Claims runs as slots are free, and executes them. */
export interface Worker {
  /** Looks for runs to claim, now. Called before the worker was opened, it does nothing. */
  kick(): void;
  /** Begins to claim. */
  open(): void;
  /** When the next queued run is due that was not at the last look; undefined when there is none. */
  dueAt(): number | undefined;
  /** Stops a run that is executed here and was canceled. */
  cancel(runId: string): void;
  /** Leaves the runs alone whose claims no longer hold. */
  dropLost(): Promise<void>;
  progress(runId: string): readonly StepProgress[];
  /** Claims no more, gives steps in flight 10 s, aborts the rest, and gives back to the queue what has not ended. */
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
      const limit = slots - active.size;
      if (limit <= 0) return;
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
    const execution = execute(run);
    events.emit("run-start", { runId: run.id, automation: run.automation, epoch: run.epoch, at: clock.now() });
    const settled = settle(execution).finally(() => {
      settling.delete(settled);
      free(run);
    });
    settling.add(settled);
  }

  function execute(run: RunRecord): Execution {
    const { automation } = registry.require(run.automation);
    const execution = otherVersion(run, automation, clock.now()) ?? startExecution({ ...params, cpu, run, automation });
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
        execution = execute(run);
        continue;
      }
      if (written === "written" && outcome.kind === "ended") ended(run, outcome.ending);
      return;
    }
  }

  /** Writes what became of a run, as often as the store needs. `lost`: the claim no longer held, or the worker closed before. */
  function write(run: RunRecord, outcome: Told): Promise<"written" | "unseen" | "lost"> {
    return persist({
      write: () => writeOnce(run, outcome),
      again(error, retryInMs) {
        log.error({ run: run.id, error, retryInMs }, "the end of a run could not be written");
        return true;
      },
      clock,
      signal: stopRepairs.signal,
    }).catch(() => "lost" as const);
  }

  async function writeOnce(run: RunRecord, outcome: Told): Promise<"written" | "unseen" | "lost"> {
    const { id: runId, epoch, concurrencyKey, parent } = run;
    const claim = { runId, epoch, isAlone: concurrencyKey === null && parent === null };
    if (outcome.kind === "ended") {
      const isWritten = await store.finish({ ...claim, ending: outcome.ending, now: clock.now() });
      return isWritten ? "written" : "lost";
    }
    const { status, availableAt, attempt, error } = outcome;
    const parked = await store.park({ ...claim, status, availableAt, attempt, error });
    return parked === "parked" ? "written" : parked === "unseen" ? "unseen" : "lost";
  }

  function ended(run: RunRecord, ending: Ending): void {
    const error = ending.status === "failed" ? { error: ending.error } : {};
    tellEnd(events, run, { status: ending.status, ...error, at: clock.now() });
    params.onEnded(run.id);
  }

  async function dropLost(): Promise<void> {
    if (active.size === 0) return;
    const claims = [...active.values()].map(({ run }) => ({ runId: run.id, epoch: run.epoch }));
    for (const runId of await store.lostClaims(claims)) {
      const execution = active.get(runId);
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

  async function close(): Promise<void> {
    phase = "closing";
    await claiming;
    for (const execution of active.values()) execution.drain();
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
    cancel: (runId) => active.get(runId)?.abandon(cancelReason(runId), { kind: "lost" }),
    dropLost,
    progress: (runId) => active.get(runId)?.progress() ?? [],
    close,
  };
}

function givenBack(run: RunRecord, availableAt: number): Outcome {
  return { kind: "parked", status: "queued", availableAt, attempt: run.attempt, error: run.error };
}

function cancelReason(runId: string): MillraceError {
  return new MillraceError("RUN_CANCELED", `Run ${runId} was canceled.`);
}

function lostReason(record: RunRecord | undefined): MillraceError {
  if (record?.status === "canceled") return cancelReason(record.id);
  return new MillraceError("RUN_FENCED", "Another worker owns the run now.");
}

function stopReason(): MillraceError {
  return new MillraceError("CALL_ABORTED", "Millrace is stopping; the run goes on at the next start.");
}
