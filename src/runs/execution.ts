import type { Clock } from "../core/clock.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { Ending, RunRecord, RunStore, StepRecord } from "../store/store.ts";
import type { AnyAutomation } from "./automation.ts";
import { createStep, type RunSteps } from "./create-step.ts";
import type { StepProgress } from "./engine.ts";
import { storedError } from "./error-record.ts";
import { createFlight } from "./flight.ts";
import { retryDelayMs, retryRules } from "./retry.ts";
import { eventOf } from "./run-event.ts";
import { createStepRunner } from "./step-runner.ts";
import { toStoredText } from "./stored-text.ts";

/** What is to be written about a run once its execution here is over. */
export type Outcome =
  | { readonly kind: "ended"; readonly ending: Ending }
  | {
      readonly kind: "parked";
      readonly availableAt: number;
      readonly attempt: number;
      readonly error: ErrorRecord | null;
    }
  /** Nothing: the run belongs to somebody else, or was canceled. */
  | { readonly kind: "lost" };

/** How often an execution that the store spoiled is tried again, whatever the automation's own policy. */
const STORE_RULES = retryRules({ attempts: 10, maxBackoffMs: 30_000 });

export type ServicesOf = (run: {
  readonly id: string;
  readonly automation: string;
  readonly signal: AbortSignal;
}) => object;

export interface ExecutionParams {
  readonly run: RunRecord;
  readonly automation: AnyAutomation;
  readonly store: Pick<RunStore, "steps" | "put">;
  readonly services: ServicesOf;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
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

export function startExecution(params: ExecutionParams): Execution {
  const { run, automation, store, services, clock, random, events } = params;
  const log = params.log.child({ run: run.id, automation: run.automation });
  const abort = new AbortController();
  const concluded = Promise.withResolvers<Outcome>();
  let phase: "going" | "draining" | "over" = "going";
  let steps: RunSteps | undefined;
  const flight = createFlight((until) =>
    conclude({ kind: "parked", availableAt: until, attempt: run.attempt, error: run.error }),
  );

  function conclude(outcome: Outcome): void {
    if (phase === "over") return;
    phase = "over";
    concluded.resolve(outcome);
  }

  function abandon(reason: Error, outcome: Outcome): void {
    if (phase === "over") return;
    conclude(outcome);
    abort.abort(reason);
  }

  /** What follows from an error outside of steps. */
  function afterError(error: unknown): Outcome {
    const attempt = run.attempt + 1;
    const again = steps?.isStepFailure(error) === true ? undefined : retryAgain(error, attempt);
    if (again === undefined) return { kind: "ended", ending: { status: "failed", error: storedError(error) } };
    log.warn({ attempt, error, retryInMs: again }, "a run failed outside of its steps and is tried again");
    return { kind: "parked", availableAt: clock.now() + again, attempt, error: storedError(error) };
  }

  /** What follows when the store failed: it is no fault of the run, whatever its own policy says. */
  function afterStoreError(error: unknown): Outcome {
    const attempt = run.attempt + 1;
    const again = retryDelayMs({ error: undefined, attempt, rules: STORE_RULES, random });
    if (again === undefined) return { kind: "ended", ending: { status: "failed", error: storedError(error) } };
    log.error({ attempt, error, retryInMs: again }, "the store failed while a run was executed");
    return { kind: "parked", availableAt: clock.now() + again, attempt, error: storedError(error) };
  }

  function retryAgain(error: unknown, attempt: number): number | undefined {
    return retryDelayMs({ error, attempt, rules: retryRules(automation.options.retry), random });
  }

  async function execute(stored: readonly StepRecord[]): Promise<Outcome> {
    const memo = new Map(stored.map((step) => [step.id, step]));
    const runner = createStepRunner({
      runId: run.id,
      epoch: run.epoch,
      memo,
      store,
      clock,
      random,
      events,
      log,
      flight,
      signal: abort.signal,
      phase: () => phase,
      onFenced: () => abandon(new Error("Another worker owns the run now."), { kind: "lost" }),
      onBroken: (error) => abandon(new Error("The store could not write."), afterStoreError(error)),
    });
    steps = createStep({ runId: run.id, runner, retry: automation.options.retry, events, clock });
    const result: unknown = await automation.run({
      ...services({ id: run.id, automation: automation.name, signal: abort.signal }),
      event: eventOf(run),
      step: steps.step,
      signal: abort.signal,
      log,
      run: { id: run.id, attempt: run.attempt + 1 },
    });
    return { kind: "ended", ending: { status: "done", output: toStoredText(result, "What the automation returned") } };
  }

  async function main(): Promise<void> {
    const outcome = await store.steps(run.id).then((stored) => execute(stored).catch(afterError), afterStoreError);
    // The body may have ended beside steps it did not wait for: what they work on is stored, too.
    await flight.landed();
    conclude(outcome);
  }

  void main();
  return {
    run,
    outcome: concluded.promise,
    progress: () => (phase === "over" ? [] : (steps?.progress() ?? [])),
    drain() {
      if (phase === "going") phase = "draining";
    },
    abandon,
  };
}
