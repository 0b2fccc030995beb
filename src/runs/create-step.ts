import type { Events } from "../core/events.ts";
import type { Clock } from "../core/clock.ts";
import type { Duration } from "../core/duration.ts";
import { ERROR_KINDS, type ErrorCode, type ErrorRecord, MillraceError } from "../core/errors.ts";
import { mapParallel } from "../core/parallel.ts";
import type { AnyAutomation, RetryPolicy } from "./automation.ts";
import type { StepProgress } from "./engine.ts";
import type { CpuPool } from "./cpu-pool.ts";
import type { AnyEventType } from "./event-type.ts";
import { retryRules } from "./retry.ts";
import { createStepNames, itemId } from "./step-names.ts";
import { duplicateStep, type StepOutcome, type StepRunner } from "./step-runner.ts";
import type {
  CpuOptions,
  MapOptions,
  MapResult,
  RunOptions,
  Step,
  StepInfo,
  Transaction,
  WaitOptions,
} from "./step.ts";
import type { Stored } from "./stored.ts";
import type { WaitSteps } from "./wait-steps.ts";

export interface CreateStepParams {
  readonly runId: string;
  readonly runner: StepRunner;
  readonly waits: WaitSteps;
  readonly cpu: CpuPool;
  /** Emits an event once for its id. */
  readonly emit: (type: AnyEventType, data: unknown, id: string) => Promise<void>;
  /** The automation's policy, the default of its steps. */
  readonly retry: RetryPolicy | undefined;
  readonly events: Events;
  readonly clock: Clock;
}

/** What undoes a step that is done. */
export interface Undo {
  readonly stepId: string;
  readonly undo: (info: StepInfo) => unknown;
  /** When the step was done. */
  readonly at: number;
}

export interface RunSteps {
  readonly step: Step;
  /** Of the steps that are done, the latest first. */
  undos(): readonly Undo[];
  /** Maps in flight. */
  progress(): readonly StepProgress[];
  /** Whether an error came from a step whose failure is stored: doing the run again would only throw it again. */
  isStepFailure(error: unknown): boolean;
}

/** Makes the `step` of one execution of a run. */
export function createStep({
  runId,
  runner,
  waits,
  cpu: pool,
  emit,
  retry,
  events,
  clock,
}: CreateStepParams): RunSteps {
  const nameStep = createStepNames();
  const failures = new WeakSet<Error>();
  const maps = new Map<string, StepProgress>();

  const undos: Undo[] = [];

  /** What a step gave, as whoever awaits it sees it. */
  function settled(id: string, outcome: StepOutcome): unknown {
    switch (outcome.kind) {
      case "done":
        return outcome.value;
      case "failed": {
        const error = stepFailure(id, outcome.error, outcome.attempts);
        failures.add(error);
        throw error;
      }
      case "held":
        return never();
    }
  }

  async function execute<T>(
    name: string,
    body: (info: StepInfo) => unknown,
    { retry: ownRetry, timeoutMs, compensate }: RunOptions<T>,
    isTransaction: boolean,
  ): Promise<T> {
    const id = nameStep(name);
    const rules = retryRules(retry, ownRetry);
    const isUndoable = compensate !== undefined;
    const outcome = await runner.run({ id, body, rules, timeoutMs, isUndoable, isTransaction });
    if (outcome.kind === "done" && compensate !== undefined) {
      const { value, at } = outcome;
      undos.push({ stepId: id, at, undo: (info) => compensate(value as T, info) });
    }
    return (await settled(id, outcome)) as T;
  }

  function run<T>(
    name: string,
    body: (info: StepInfo) => T | Promise<T>,
    options: RunOptions<Stored<Awaited<T>>> = {},
  ): Promise<Stored<Awaited<T>>> {
    return execute(name, body, options, false);
  }

  function tx<T>(
    name: string,
    body: (info: StepInfo) => Transaction<T> | Promise<Transaction<T>>,
    options: RunOptions<Stored<Awaited<T>>> = {},
  ): Promise<Stored<Awaited<T>>> {
    return execute(name, body, options, true);
  }

  function cpu<T>(
    name: string,
    module: URL,
    input: unknown,
    { transfer = [], ...options }: CpuOptions<T> = {},
  ): Promise<T> {
    const once = transfer.length === 0 ? {} : { retry: { ...options.retry, attempts: 1 } };
    return execute(name, ({ signal }) => pool.run({ module, input, transfer, signal }), { ...options, ...once }, false);
  }

  async function sleep(name: string, until: Duration | Date): Promise<null> {
    const id = nameStep(name);
    return (await settled(id, await waits.sleep(id, until))) as null;
  }

  async function wait<Data>(name: string, options: WaitOptions<Data>): Promise<Data | null> {
    const id = nameStep(name);
    return (await settled(id, await waits.wait(id, options))) as Data | null;
  }

  async function call(name: string, automation: string | AnyAutomation, input?: unknown): Promise<unknown> {
    const id = nameStep(name);
    const called = typeof automation === "string" ? automation : automation.name;
    return settled(id, await waits.call(id, called, input));
  }

  function send(name: string, type: AnyEventType, data: unknown): Promise<{ readonly id: string }> {
    return run(name, async ({ idempotencyKey: id }) => {
      await emit(type, data, id);
      return { id };
    });
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
    step: {
      run: quietly(run),
      map: quietly(map),
      cpu: quietly(cpu),
      sleep: quietly(sleep),
      wait: quietly(wait),
      call: quietly(call) as Step["call"],
      send: quietly(send),
      tx: quietly(tx),
    },
    undos: () => undos.toSorted((a, b) => a.at - b.at).toReversed(),
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
