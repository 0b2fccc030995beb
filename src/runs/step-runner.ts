import { AsyncLocalStorage } from "node:async_hooks";

import type { Clock } from "../core/clock.ts";
import { type ErrorRecord, MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { PutResult, RunStore, StepRecord } from "../store/store.ts";
import { storedError } from "./error-record.ts";
import type { Flight } from "./flight.ts";
import { persist } from "./persist.ts";
import { retryDelayMs, type RetryRules } from "./retry.ts";
import type { StepInfo } from "./step.ts";
import { toStoredText } from "./stored-text.ts";
import { withTimeout } from "./timeout.ts";

/** How a step came out. `held`: it will not go on in this execution; whoever awaits it waits for ever. */
export type StepOutcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ErrorRecord; readonly attempts: number }
  | { readonly kind: "held" };

export interface StepCall {
  readonly id: string;
  readonly body: (info: StepInfo) => unknown;
  readonly rules: RetryRules;
  readonly timeoutMs: number | undefined;
}

export interface StepRunnerParams {
  readonly runId: string;
  readonly epoch: number;
  readonly memo: ReadonlyMap<string, StepRecord>;
  readonly store: Pick<RunStore, "put">;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  readonly flight: Flight;
  readonly signal: AbortSignal;
  /** `going`; `draining`: steps in flight go on, none is started; `over`: whatever still runs is left alone. */
  readonly phase: () => "going" | "draining" | "over";
  /** The store refused a write, because this claim no longer holds. */
  readonly onFenced: () => void;
  /** The store could not write. */
  readonly onBroken: (error: unknown) => void;
}

export interface StepRunner {
  /** Gives the stored outcome, or runs the body until there is one. Throws STEP_DUPLICATE and STEP_NESTED only. */
  run(call: StepCall): Promise<StepOutcome>;
  /** Whether a step's result is stored. */
  isStored(id: string): boolean;
}

/** A failed try whose next one is at most this far away is waited for in place; a longer wait gives the slot to other runs. */
const LONGEST_WAIT_IN_PLACE_MS = 1_000;

/** What a step with a body has not. */
const BODY = { kind: "run", event: null, match: null, cursor: null, isUndoable: false } as const;

const HELD: StepOutcome = { kind: "held" };

/** The runner whose step is being executed, so that a step inside of a step is noticed. */
const within = new AsyncLocalStorage<{ readonly runner: object; readonly id: string }>();

export function createStepRunner(params: StepRunnerParams): StepRunner {
  const { runId, epoch, memo, store, clock, random, events, flight, signal, phase } = params;
  const inFlight = new Set<string>();
  const runner: StepRunner = { run, isStored };

  function isStored(id: string): boolean {
    return memo.get(id)?.state === "done";
  }

  async function run(call: StepCall): Promise<StepOutcome> {
    requireOutside(runner, call.id);
    const known = memo.get(call.id);
    if (known?.state === "done") return { kind: "done", value: JSON.parse(known.output ?? "null") };
    if (known?.state === "failed") return failed(known);
    if (inFlight.has(call.id)) throw duplicateStep(call.id);
    if (phase() === "over") return HELD;
    if (phase() === "draining") return hold(clock.now());
    inFlight.add(call.id);
    flight.begin();
    try {
      return await attempts(call, known);
    } finally {
      inFlight.delete(call.id);
      flight.end();
    }
  }

  function hold(until: number): StepOutcome {
    flight.hold(until);
    return HELD;
  }

  async function attempts(call: StepCall, known: StepRecord | undefined): Promise<StepOutcome> {
    const startedAt = known?.startedAt ?? clock.now();
    let dueAt = known?.endedAt ?? 0;
    for (let attempt = (known?.attempt ?? 0) + 1; ; attempt++) {
      if (!(await isDue(dueAt))) return hold(dueAt);
      if (phase() === "over") return HELD;
      if (phase() === "draining") return hold(clock.now());
      const record = await tryOnce(call, attempt, startedAt);
      if (record === undefined || !(await isPut(call.id, record))) return HELD;
      if (record.state === "open") {
        dueAt = record.endedAt ?? 0;
        continue;
      }
      const ms = Math.max(0, clock.now() - startedAt);
      const why = record.error === null ? {} : { error: record.error };
      events.emit("step-end", { runId, step: call.id, state: record.state, ms, ...why, at: clock.now() });
      return record.state === "failed" ? failed(record) : { kind: "done", value: JSON.parse(record.output ?? "null") };
    }
  }

  /** Waits for a time that is near. False: it is too far away to wait in place, or the run is over. */
  async function isDue(dueAt: number): Promise<boolean> {
    const wait = dueAt - clock.now();
    if (wait <= 0) return true;
    if (wait > LONGEST_WAIT_IN_PLACE_MS || phase() !== "going") return false;
    return clock.sleep(wait, signal).then(
      () => true,
      () => false,
    );
  }

  /** Runs the body once. Undefined: the run is over, so nobody asks how it came out. */
  async function tryOnce(call: StepCall, attempt: number, startedAt: number): Promise<StepRecord | undefined> {
    const { id } = call;
    events.emit("step-start", { runId, step: id, attempt, at: clock.now() });
    try {
      const value = await within.run({ runner, id }, () => execute(call, attempt));
      if (phase() === "over") return undefined;
      const output = toStoredText(value, `What step "${id}" returned`);
      return { ...BODY, id, state: "done", output, error: null, attempt, startedAt, endedAt: clock.now() };
    } catch (thrown) {
      if (phase() === "over") return undefined;
      const delayMs = retryDelayMs({ error: thrown, attempt, rules: call.rules, random });
      // The last failure is an outcome: it is stored and told by step-end.
      if (delayMs !== undefined) {
        params.log.warn({ step: id, attempt, error: thrown, retryInMs: delayMs }, "a step's attempt failed");
      }
      const error = storedError(thrown);
      const state = delayMs === undefined ? "failed" : "open";
      return { ...BODY, id, state, output: null, error, attempt, startedAt, endedAt: clock.now() + (delayMs ?? 0) };
    }
  }

  function execute({ id, body, timeoutMs }: StepCall, attempt: number): Promise<unknown> {
    return withTimeout({ what: `Step "${id}"`, timeoutMs, clock, signal }, async (signal) =>
      body({
        signal,
        attempt,
        idempotencyKey: `${runId}:${id}`,
        // Most steps log nothing, and a log of their own is not free.
        get log() {
          return params.log.child({ step: id });
        },
      }),
    );
  }

  /** Stores an outcome, as often as the store needs: the answer is not asked for again. False: the run is over for this execution. */
  async function isPut(id: string, step: StepRecord): Promise<boolean> {
    let result: PutResult;
    try {
      result = await persist({
        write: () => store.put({ runId, epoch, step }),
        again: isWorthAnother(id),
        clock,
        signal,
      });
    } catch (error) {
      params.onBroken(error);
      return false;
    }
    if (result === "kept") throw duplicateStep(id);
    if (result === "fenced") params.onFenced();
    return result === "stored" && phase() !== "over";
  }

  function isWorthAnother(step: string): (error: unknown, retryInMs: number) => boolean {
    return (error, retryInMs) => {
      if (!(error instanceof MillraceError) || !error.isRetryable) return false;
      params.log.error({ step, error, retryInMs }, "the outcome of a step could not be written");
      return true;
    };
  }

  return runner;
}

function failed({ error, attempt }: StepRecord): StepOutcome {
  return {
    kind: "failed",
    error: error ?? { code: "STEP_FAILED", message: "no reason was stored" },
    attempts: attempt,
  };
}

function requireOutside(runner: object, id: string): void {
  const outer = within.getStore();
  if (outer?.runner !== runner) return;
  throw new MillraceError("STEP_NESTED", `Step "${id}" was started inside of step "${outer.id}".`, {
    isRetryable: false,
  });
}

export function duplicateStep(id: string): MillraceError {
  return new MillraceError("STEP_DUPLICATE", `The step id "${id}" is used twice at once.`, {
    facts: { step: id },
    isRetryable: false,
  });
}
