import type { Clock, Timer } from "../core/clock.ts";
import { type ErrorRecord, MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { Ending, GivenUp, RunRecord, RunStore, StepRecord } from "../store/store.ts";
import type { AnyAutomation } from "./automation.ts";
import { createStep, type RunSteps, type Undo } from "./create-step.ts";
import type { CpuPool } from "./cpu-pool.ts";
import type { StepProgress } from "./engine.ts";
import { storedError } from "./error-record.ts";
import type { AnyEventType } from "./event-type.ts";
import { createFlight } from "./flight.ts";
import { retryDelayMs, retryRules } from "./retry.ts";
import { eventOf } from "./run-event.ts";
import { isStoreTrouble, persist } from "./persist.ts";
import { createStepRunner, type Phase, type StepRunner } from "./step-runner.ts";
import type { StepInfo } from "./step.ts";
import { toStoredText } from "./stored-text.ts";
import { createWaitSteps, type Wakes } from "./wait-steps.ts";

/** What is to be written about a run once its execution here is over. */
export type Outcome =
  | { readonly kind: "ended"; readonly ending: Ending }
  | {
      readonly kind: "parked";
      readonly status: "queued" | "waiting";
      readonly availableAt: number;
      readonly attempt: number;
      readonly error: ErrorRecord | null;
    }
  /** Nothing: the run belongs to somebody else, or was canceled. */
  | { readonly kind: "lost" };

/** Made once: without a reason each end would make one, with a stack. */
const OVER = new Error("The execution is over.");

/** How often an execution that the store spoiled is tried again, whatever the automation's own policy. */
const STORE_RULES = retryRules({ attempts: 10, maxBackoffMs: 30_000 });

export type ServicesOf = (run: {
  readonly id: string;
  readonly automation: string;
  readonly signal: AbortSignal;
}) => object;

/** What leads from one run to events and to other runs. */
export interface RunLinks {
  readonly wakes: Wakes;
  /** Emits an event once for its id. Throws INPUT_INVALID. */
  readonly emit: (type: AnyEventType, data: unknown, id: string) => Promise<void>;
  /** Admits a run for another one, once for its key; one that failed before is tried again. */
  readonly startCalled: (params: {
    readonly automation: string;
    readonly input: unknown;
    readonly key: string;
    readonly parent: string;
  }) => Promise<string>;
}

export interface ExecutionParams {
  readonly run: RunRecord;
  readonly automation: AnyAutomation;
  readonly store: Pick<RunStore, "steps" | "put" | "undo" | "events" | "get">;
  readonly links: RunLinks;
  /** How long a `step.wait` without a timeout lasts, in milliseconds. */
  readonly longestWaitMs: number;
  readonly cpu: CpuPool;
  readonly services: ServicesOf;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  /** True: it was never claimed before, so no step of it is stored. Default false. */
  readonly isFresh?: boolean;
}

/** One execution of a run under one claim. */
export interface Execution {
  readonly run: RunRecord;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  progress(): readonly StepProgress[];
  /** Starts no further step; once those in flight have ended, the run is given back. */
  drain(): void;
  /** Fires the signal and leaves the body alone: whatever it still does is not stored. */
  abandon(reason: Error, outcome: Outcome): void;
}

/** What became of the automation's function: it ended, or will not go on in this execution. */
type BodyEnd =
  | { readonly kind: "done"; readonly output: string }
  | { readonly kind: "thrown"; readonly error: unknown }
  | { readonly kind: "late" }
  | { readonly kind: "still" };

export function startExecution(params: ExecutionParams): Execution {
  const { run, automation, store, links, services, clock, random, events } = params;
  const { options } = automation;
  const log = params.log.child({ run: run.id, automation: run.automation });
  const abort = new AbortController();
  /** For the automation's function and its steps: fires also when its time is up. */
  const bodyAbort = new AbortController();
  const over = new AbortController();
  const concluded = Promise.withResolvers<Outcome>();
  const stopped = Promise.withResolvers<BodyEnd>();
  const deadline = options.timeoutMs === undefined ? Infinity : (run.startedAt ?? clock.now()) + options.timeoutMs;
  let phase: Phase = run.undoing === null ? "going" : "replaying";
  let steps: RunSteps | undefined;
  const flight = createFlight(({ until, isWaiting }) => {
    // Nothing further is known of what is to be undone.
    if (phase === "replaying") stopped.resolve({ kind: "still" });
    else conclude(parked(isWaiting ? "waiting" : "queued", until));
  });

  function parked(status: "queued" | "waiting", availableAt: number): Outcome {
    return {
      kind: "parked",
      status,
      availableAt: Math.min(availableAt, deadline),
      attempt: run.attempt,
      error: run.error,
    };
  }

  function conclude(outcome: Outcome): void {
    if (phase === "over") return;
    phase = "over";
    over.abort(OVER);
    timer?.cancel();
    concluded.resolve(outcome);
  }

  function abandon(reason: Error, outcome: Outcome): void {
    if (phase === "over") return;
    conclude(outcome);
    bodyAbort.abort(reason);
    abort.abort(reason);
  }

  /** Set anew where it came too soon: timers have a longest wait, and clocks are set back. */
  let timer: Timer | undefined;
  function watchDeadline(): void {
    timer = clock.after(Math.max(1, deadline - clock.now()), () => {
      if (clock.now() >= deadline) stopped.resolve({ kind: "late" });
      else if (phase !== "over") watchDeadline();
    });
  }
  if (deadline !== Infinity && run.undoing === null) watchDeadline();

  /** What follows from an error outside of steps: another attempt, or the end. */
  function afterError(error: unknown): Outcome | GivenUp {
    const attempt = run.attempt + 1;
    const again = steps?.isStepFailure(error) === true ? undefined : retryAgain(error, attempt);
    if (again === undefined) return { status: "failed", error: storedError(error) };
    log.warn({ attempt, error, retryInMs: again }, "a run failed outside of its steps and is tried again");
    return { kind: "parked", status: "queued", availableAt: clock.now() + again, attempt, error: storedError(error) };
  }

  /** What follows when the store failed: it is no fault of the run, whatever its own policy says. */
  function afterStoreError(error: unknown): Outcome {
    const attempt = run.attempt + 1;
    const again = retryDelayMs({ error: undefined, attempt, rules: STORE_RULES, random });
    if (again === undefined) return { kind: "ended", ending: { status: "failed", error: storedError(error) } };
    log.error({ attempt, error, retryInMs: again }, "the store failed while a run was executed");
    return { kind: "parked", status: "queued", availableAt: clock.now() + again, attempt, error: storedError(error) };
  }

  function retryAgain(error: unknown, attempt: number): number | undefined {
    return retryDelayMs({ error, attempt, rules: retryRules(options.retry), random });
  }

  function createRunner(memo: ReadonlyMap<string, StepRecord>): StepRunner {
    return createStepRunner({
      runId: run.id,
      epoch: run.epoch,
      hasCrashed: run.crashes > 0,
      memo,
      store,
      clock,
      random,
      events,
      log,
      flight,
      signal: abort.signal,
      bodySignal: bodyAbort.signal,
      phase: () => phase,
      onFenced: () => abandon(new Error("Another worker owns the run now."), { kind: "lost" }),
      onBroken: (error) => abandon(new Error("The store could not write."), afterStoreError(error)),
    });
  }

  /** What the store cannot do now, it is asked for again: that is no fault of the run. */
  function patiently<T>(write: () => Promise<T>): Promise<T> {
    return persist({
      write,
      again(error, retryInMs) {
        if (isStoreTrouble(error)) log.error({ error, retryInMs }, "the store could not do what a step asked");
        return isStoreTrouble(error);
      },
      clock,
      signal: abort.signal,
    });
  }

  async function runBody(memo: ReadonlyMap<string, StepRecord>, runner: StepRunner): Promise<BodyEnd> {
    const waits = createWaitSteps({
      run,
      memo,
      runner,
      flight,
      store: {
        events: (asked) => patiently(() => store.events(asked)),
        get: (runId) => patiently(() => store.get(runId)),
      },
      wakes: links.wakes,
      longestWaitMs: params.longestWaitMs,
      clock,
      over: over.signal,
      startCalled: (called) => patiently(() => links.startCalled({ ...called, parent: run.id })),
    });
    steps = createStep({
      runId: run.id,
      runner,
      waits,
      cpu: params.cpu,
      emit: (type, data, id) => patiently(() => links.emit(type, data, id)),
      retry: options.retry,
      events,
      clock,
    });
    try {
      const result: unknown = await automation.run({
        ...services({ id: run.id, automation: automation.name, signal: bodyAbort.signal }),
        event: eventOf(run),
        step: steps.step,
        signal: bodyAbort.signal,
        log,
        run: { id: run.id, attempt: run.attempt + 1 },
      });
      return { kind: "done", output: toStoredText(result, "What the automation returned") };
    } catch (error) {
      return { kind: "thrown", error };
    }
  }

  async function execute(stored: readonly StepRecord[]): Promise<Outcome> {
    const memo = new Map(stored.map((step) => [step.id, step]));
    const runner = createRunner(memo);
    const isLate = clock.now() >= deadline;
    if (isLate) phase = "replaying";
    const body = runBody(memo, runner);
    const end = await Promise.race([body, stopped.promise]);
    // The body may have ended beside steps it did not wait for: what they work on is stored, too.
    if (end.kind === "done" || end.kind === "thrown") await flight.landed();
    const given = run.undoing ?? (isLate ? timedOut() : whatFollows(end));
    return "kind" in given ? given : giveUp(given, runner);
  }

  function whatFollows(end: BodyEnd): Outcome | GivenUp {
    if (end.kind === "late" || end.kind === "still") return timedOut();
    if (end.kind === "done") return { kind: "ended", ending: { status: "done", output: end.output } };
    return afterError(end.error);
  }

  function timedOut(): GivenUp {
    const message = `The run took longer than ${options.timeoutMs} ms.`;
    return { status: "failed", error: storedError(new MillraceError("RUN_TIMEOUT", message)) };
  }

  /** Undoes what is done, calls `onFailure`, and gives how the run ends after that. */
  async function giveUp(ending: GivenUp, runner: StepRunner): Promise<Outcome> {
    const undos = steps?.undos() ?? [];
    const { onFailure } = options;
    const isInDoubt = runner.isInDoubt();
    if (undos.length === 0 && !isInDoubt && (onFailure === undefined || ending.status === "canceled"))
      return { kind: "ended", ending };
    if (phase === "over") return { kind: "lost" };
    flight.clear();
    if (phase === "going" || phase === "replaying") phase = "undoing";
    bodyAbort.abort(new MillraceError("CALL_ABORTED", "The run has failed, and is being undone."));
    if (run.undoing === null && !(await isSettled(ending))) return { kind: "lost" };
    // Only the next claim can tell what is stored: nothing is written under this one from there on.
    if (isInDoubt) return parked("queued", clock.now());
    const failed: string[] = [];
    for (const undo of undos) {
      if (!(await isUndone(undo, runner))) failed.push(undo.stepId);
    }
    if (ending.status === "failed" && onFailure !== undefined) await tellFailure(ending.error, runner);
    return {
      kind: "ended",
      ending: failed.length === 0 ? ending : { status: "failed", error: undoFailed(failed, ending) },
    };
  }

  /** Stores how the run will end, before anything is undone. */
  function isSettled(ending: GivenUp): Promise<boolean> {
    let isUncertain = false;
    return persist({
      write: async () =>
        (await store.undo({ runId: run.id, epoch: run.epoch, ending })) || (isUncertain && (await isHeldUndoing())),
      again(error, retryInMs) {
        isUncertain = true;
        log.error({ error, retryInMs }, "that a run is to be undone could not be written");
        return true;
      },
      clock,
      signal: abort.signal,
    }).catch(() => false);
  }

  /** Whether it was settled by a write of which only the answer was lost. */
  async function isHeldUndoing(): Promise<boolean> {
    const record = await store.get(run.id);
    return record?.status === "running" && record.epoch === run.epoch && record.undoing !== null;
  }

  async function isUndone({ stepId, undo }: Undo, runner: StepRunner): Promise<boolean> {
    const rules = retryRules(options.retry);
    const outcome = await runner.run({
      id: `#undo:${stepId}`,
      body: async (info) => void (await undo(info)),
      rules,
      timeoutMs: undefined,
    });
    return outcome.kind === "held" ? new Promise(() => undefined) : outcome.kind === "done";
  }

  async function tellFailure(error: ErrorRecord, runner: StepRunner): Promise<void> {
    const body = async ({ signal, idempotencyKey }: StepInfo): Promise<void> => {
      await options.onFailure?.({
        event: eventOf(run),
        error,
        run: { id: run.id },
        signal,
        idempotencyKey,
        log,
      });
    };
    const outcome = await runner.run({ id: "#failure", body, rules: retryRules(options.retry), timeoutMs: undefined });
    if (outcome.kind === "held") await new Promise(() => undefined);
    if (outcome.kind === "failed") log.error({ error: outcome.error }, "onFailure failed");
  }

  async function main(): Promise<void> {
    const stored = params.isFresh === true ? Promise.resolve([]) : store.steps(run.id);
    conclude(await stored.then((steps) => execute(steps).catch(afterStoreError), afterStoreError));
  }

  void main();
  return {
    run,
    outcome: concluded.promise,
    progress: () => (phase === "over" ? [] : (steps?.progress() ?? [])),
    drain() {
      if (phase !== "over") phase = "draining";
    },
    abandon,
  };
}

function undoFailed(failed: readonly string[], ending: GivenUp): ErrorRecord {
  const why = ending.status === "failed" ? `It failed (${ending.error.message}), and` : "It was canceled, and";
  return storedError(new MillraceError("UNDO_FAILED", `${why} these steps could not be undone: ${failed.join(", ")}.`));
}
