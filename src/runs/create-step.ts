import type { Events } from "../core/events.ts";
import type { Clock } from "../core/clock.ts";
import { ERROR_KINDS, type ErrorCode, type ErrorRecord, MillraceError } from "../core/errors.ts";
import { mapParallel } from "../core/parallel.ts";
import type { RetryPolicy } from "./automation.ts";
import type { StepProgress } from "./engine.ts";
import { retryRules } from "./retry.ts";
import { createStepNames, itemId } from "./step-names.ts";
import { duplicateStep, type StepOutcome, type StepRunner } from "./step-runner.ts";
import type { MapOptions, MapResult, Step, StepInfo, StepOptions } from "./step.ts";
import type { Stored } from "./stored.ts";

export interface CreateStepParams {
  readonly runId: string;
  readonly runner: StepRunner;
  /** The automation's policy, the default of its steps. */
  readonly retry: RetryPolicy | undefined;
  readonly events: Events;
  readonly clock: Clock;
}

export interface RunSteps {
  readonly step: Step;
  /** Maps in flight. */
  progress(): readonly StepProgress[];
  /** Whether an error came from a step whose failure is stored: doing the run again would only throw it again. */
  isStepFailure(error: unknown): boolean;
}

/** Makes the `step` of one execution of a run. */
export function createStep({ runId, runner, retry, events, clock }: CreateStepParams): RunSteps {
  const nameStep = createStepNames();
  const failures = new WeakSet<Error>();
  const maps = new Map<string, StepProgress>();

  async function run<T>(
    name: string,
    body: (info: StepInfo) => T | Promise<T>,
    options: StepOptions = {},
  ): Promise<Stored<Awaited<T>>> {
    const id = nameStep(name);
    const rules = retryRules(retry, options.retry);
    const outcome = await runner.run({ id, body, rules, timeoutMs: options.timeoutMs });
    switch (outcome.kind) {
      case "done":
        return outcome.value as Stored<Awaited<T>>;
      case "failed": {
        const error = stepFailure(id, outcome.error, outcome.attempts);
        failures.add(error);
        throw error;
      }
      case "held":
        return never();
    }
  }

  async function map<T, R>(
    name: string,
    items: readonly T[],
    body: (item: T, info: StepInfo) => R | Promise<R>,
    { parallel = 5, key = (_item, index) => String(index), retry: ownRetry, timeoutMs }: MapOptions<T> = {},
  ): Promise<MapResult<T, Stored<Awaited<R>>>> {
    const mapId = nameStep(name);
    const rules = retryRules(retry, ownRetry);
    requireParallel(parallel);
    const ids = itemIds(mapId, items, key);
    const tracked = trackProgress(mapId, ids);
    const settled = await mapParallel(
      items,
      async (item, index) => {
        const id = ids[index] ?? "";
        const wasStored = runner.isStored(id);
        const outcome = await runner.run({ id, body: (info) => body(item, info), rules, timeoutMs });
        if (!wasStored) tracked(outcome);
        return outcome;
      },
      { parallel },
    );
    const outcomes = settled.map(valueOf);
    if (outcomes.some(({ kind }) => kind === "held")) return never();
    maps.delete(mapId);
    return toMapResult<T, Stored<Awaited<R>>>(items, outcomes);
  }

  /** Says how far a map has come, at once for what is stored already and then item by item. */
  function trackProgress(step: string, ids: readonly string[]): (outcome: StepOutcome) => void {
    let done = ids.filter((id) => runner.isStored(id)).length;
    let failed = 0;
    function tell(): void {
      const progress: StepProgress = { step, done, failed, total: ids.length };
      maps.set(step, progress);
      events.emit("step-progress", { runId, ...progress, at: clock.now() });
    }
    tell();
    return ({ kind }) => {
      if (kind === "held") return;
      if (kind === "done") done += 1;
      else failed += 1;
      tell();
    };
  }

  return {
    step: { run: quietly(run), map: quietly(map) },
    progress: () => [...maps.values()],
    isStepFailure: (error) => comesFrom(error, failures),
  };
}

function requireParallel(parallel: number): void {
  if (Number.isInteger(parallel) && parallel >= 1) return;
  throw new MillraceError("INPUT_INVALID", `parallel must be a whole number of at least 1, not ${parallel}.`);
}

function itemIds<T>(mapId: string, items: readonly T[], key: (item: T, index: number) => string): string[] {
  const ids = items.map((item, index) => itemId(mapId, key(item, index)));
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw duplicateStep(id);
    seen.add(id);
  }
  return ids;
}

function toMapResult<T, R>(items: readonly T[], outcomes: readonly StepOutcome[]): MapResult<T, R> {
  const done: R[] = [];
  const failed: { item: T; index: number; error: ErrorRecord }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === "done") done.push(outcome.value as R);
    if (outcome.kind === "failed") failed.push({ item: items[index] as T, index, error: outcome.error });
  }
  return { done, failed };
}

function valueOf(settled: PromiseSettledResult<StepOutcome>): StepOutcome {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

/**
 * The same error at the first run and after a crash: it is made of what was stored. It keeps a code of ours, for callers to branch on;
 * STEP_FAILED stands for what the step's own code threw.
 */
function stepFailure(id: string, error: ErrorRecord, attempts: number): MillraceError {
  const tries = attempts === 1 ? "" : ` after ${attempts} attempts`;
  const code = Object.hasOwn(ERROR_KINDS, error.code) ? (error.code as ErrorCode) : "STEP_FAILED";
  return new MillraceError(code, `Step "${id}" failed${tries}: ${error.message}`, {
    facts: { step: id, attempts, code: error.code },
    isRetryable: false,
    ...(error.advice === undefined ? {} : { advice: error.advice }),
  });
}

/** Looks for one of the errors in an error, its causes, and the errors it gathers. */
function comesFrom(error: unknown, errors: WeakSet<Error>, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 16) return false;
  if (errors.has(error) || comesFrom(error.cause, errors, depth + 1)) return true;
  return error instanceof AggregateError && error.errors.some((one: unknown) => comesFrom(one, errors, depth + 1));
}

/** A step that nobody awaits may fail without ending the process: that it failed is stored. */
function quietly<F extends (...args: never[]) => Promise<unknown>>(call: F): F {
  const quiet = (...args: Parameters<F>): Promise<unknown> => {
    const promise = call(...args);
    promise.catch(() => undefined);
    return promise;
  };
  return quiet as F;
}

/** A promise that never settles: throwing instead would run the user's `catch` and `finally`. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
