import { AsyncLocalStorage } from "node:async_hooks";

import type { Clock } from "../core/clock.ts";
import { type ErrorRecord, isErrorCode, MillraceError } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { Log } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { PutResult, RunStore, Statement, StepKind, StepRecord } from "../store/store.ts";
import { storedError } from "./error-record.ts";
import type { Flight } from "./flight.ts";
import { persist } from "./persist.ts";
import { retryDelayMs, type RetryRules } from "./retry.ts";
import type { StepInfo, Transaction } from "./step.ts";
import { toStoredText } from "./stored-text.ts";
import { withTimeout } from "./timeout.ts";

/** How a step came out. `held`: it will not go on in this execution; whoever awaits it waits for ever. */
export type StepOutcome =
  | { readonly kind: "done"; readonly value: unknown; readonly at: number }
  | { readonly kind: "failed"; readonly error: ErrorRecord; readonly attempts: number }
  | { readonly kind: "held" };

export interface StepCall {
  readonly id: string;
  readonly body: (info: StepInfo) => unknown;
  readonly rules: RetryRules;
  readonly timeoutMs: number | undefined;
  /** Whether it is to be undone when the run fails. Default false. */
  readonly isUndoable?: boolean;
  /** True: the body gives a `Transaction`. Default false. */
  readonly isTransaction?: boolean;
}

/**
 * `going`; `draining`: steps in flight go on, none is started; `replaying`: what is known is given, none is started, so that it is seen what
 * is to be undone; `undoing`: only what undoes is started (its ids begin with #); `over`: whatever still runs is left alone.
 */
export type Phase = "going" | "draining" | "replaying" | "undoing" | "over";

export interface StepRunnerParams {
  readonly runId: string;
  readonly epoch: number;
  /** Whether the run has crashed since a step of it was stored. */
  readonly hasCrashed: boolean;
  readonly memo: ReadonlyMap<string, StepRecord>;
  readonly store: Pick<RunStore, "put">;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly log: Log;
  readonly flight: Flight;
  /** Fires when the execution is over. */
  readonly signal: AbortSignal;
  /** Fires then, and when the run's time is up. */
  readonly bodySignal: AbortSignal;
  readonly phase: () => Phase;
  /** The store refused a write, because this claim no longer holds. */
  readonly onFenced: () => void;
  /** The store could not write. */
  readonly onBroken: (error: unknown) => void;
}

export interface StepRunner {
  /** Gives the stored outcome, or runs the body until there is one. Throws STEP_DUPLICATE, STEP_NESTED and STEP_MISMATCH only. */
  run(call: StepCall): Promise<StepOutcome>;
  /** The same for a step without a body: `work` hears what is stored of it, and sees to its own writes. */
  await(
    id: string,
    kind: StepKind,
    work: (known: StepRecord | undefined) => Promise<StepOutcome>,
  ): Promise<StepOutcome>;
  /** Stores a step; the run cannot be given back meanwhile. False: the execution is over. */
  put(record: StepRecord): Promise<boolean>;
  /** Whether a step's result is stored. */
  isStored(id: string): boolean;
  /** Whether the store was asked to keep a step that is to be undone when the run fails, and has not said by now whether it did. */
  isInDoubt(): boolean;
}

/** A failed try whose next one is at most this far away is waited for in place; a longer wait gives the slot to other runs. */
const LONGEST_WAIT_IN_PLACE_MS = 1_000;

/** What a step with a body has not. */
const BODY = { kind: "run", event: null, match: null, cursor: null, isUndoable: false } as const;

interface Tried {
  readonly record: StepRecord;
  readonly beside: readonly Statement[];
}

const HELD: StepOutcome = { kind: "held" };

/** The runner whose step is being executed, so that a step inside of a step is noticed. */
const within = new AsyncLocalStorage<{ readonly runner: object; readonly id: string }>();

export function createStepRunner(params: StepRunnerParams): StepRunner {
  const { runId, epoch, memo, store, clock, random, events, flight, signal, phase } = params;
  const inFlight = new Set<string>();
  let inDoubt = 0;
  const runner: StepRunner = { run, await: awaitStep, put, isStored, isInDoubt: () => inDoubt > 0 };

  function isStored(id: string): boolean {
    return memo.get(id)?.state === "done";
  }

  function run(call: StepCall): Promise<StepOutcome> {
    return start(call.id, "run", async (known) => {
      flight.begin();
      try {
        return await attempts(call, known);
      } finally {
        flight.end();
      }
    });
  }

  function awaitStep(id: string, kind: StepKind, work: (known: StepRecord | undefined) => Promise<StepOutcome>) {
    return start(id, kind, work);
  }

  /** Gives what is stored, or lets the work begin when the time is right for it. */
  async function start(
    id: string,
    kind: StepKind,
    work: (known: StepRecord | undefined) => Promise<StepOutcome>,
  ): Promise<StepOutcome> {
    requireOutside(runner, id);
    const known = memo.get(id);
    if (known !== undefined && known.kind !== kind) throw mismatch(id, known.kind, kind);
    if (known?.state === "done") return done(known);
    if (known?.state === "failed") return failed(known);
    if (inFlight.has(id)) throw duplicateStep(id);
    if (isOver(id)) return HELD;
    if (phase() === "draining" || phase() === "replaying") return hold(clock.now());
    inFlight.add(id);
    try {
      return await work(known);
    } finally {
      inFlight.delete(id);
    }
  }

  /** Whether nobody asks any more how this step comes out. */
  function isOver(id: string): boolean {
    return phase() === "over" || (phase() === "undoing" && !undoes(id));
  }

  async function put(record: StepRecord): Promise<boolean> {
    flight.begin();
    try {
      return (await isPut(record)) === "stored";
    } finally {
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
    let waitsUntil = steadily(dueAt);
    for (let attempt = (known?.attempt ?? 0) + 1; ; attempt++) {
      if (!(await isDue(call.id, waitsUntil))) return hold(dueAt);
      if (isOver(call.id)) return HELD;
      if (phase() === "draining") return hold(clock.now());
      const tried = await tryOnce(call, attempt, startedAt);
      if (tried === undefined) return HELD;
      let { record } = tried;
      waitsUntil = steadily(record.endedAt ?? 0);
      let put = await isPut(record, tried.beside);
      if (put === "refused") {
        record = failedTry(call, attempt, startedAt, refused(call.id));
        waitsUntil = steadily(record.endedAt ?? 0);
        put = await isPut(record);
      }
      if (put !== "stored") return HELD;
      if (record.state === "open") {
        dueAt = record.endedAt ?? 0;
        continue;
      }
      const ms = Math.max(0, clock.now() - startedAt);
      const why = record.error === null ? {} : { error: record.error };
      events.emit("step-end", { runId, step: call.id, state: record.state, ms, ...why, at: clock.now() });
      return record.state === "failed" ? failed(record) : done(record);
    }
  }

  /** An instant on the clock that never jumps: a short backoff is not made an hour longer when the other one is set back. */
  function steadily(at: number): number {
    return clock.monotonic() + at - clock.now();
  }

  /** Waits for a time that is near. False: it is too far away to wait in place, or the run is over. */
  async function isDue(id: string, until: number): Promise<boolean> {
    const wait = until - clock.monotonic();
    if (wait <= 0) return true;
    if (wait > LONGEST_WAIT_IN_PLACE_MS || phase() === "draining" || isOver(id)) return false;
    return clock.sleep(wait, signal).then(
      () => true,
      () => false,
    );
  }

  /** Runs the body once. Undefined: the run is over, so nobody asks how it came out. */
  async function tryOnce(call: StepCall, attempt: number, startedAt: number): Promise<Tried | undefined> {
    const { id, isUndoable = false } = call;
    events.emit("step-start", { runId, step: id, attempt, at: clock.now() });
    try {
      const given = await within.run({ runner, id }, () => execute(call, attempt));
      if (isOver(id)) return undefined;
      const { write: beside, result: value } =
        call.isTransaction === true ? (given as Transaction<unknown>) : { write: [], result: given };
      const output = toStoredText(value, `What step "${id}" returned`);
      const ends = { output, error: null, attempt, startedAt, endedAt: clock.now() };
      return { record: { ...BODY, id, state: "done", ...ends, isUndoable }, beside };
    } catch (thrown) {
      if (isOver(id)) return undefined;
      return { record: failedTry(call, attempt, startedAt, thrown), beside: [] };
    }
  }

  function failedTry({ id, rules }: StepCall, attempt: number, startedAt: number, thrown: unknown): StepRecord {
    const delayMs = retryDelayMs({ error: thrown, attempt, rules, random });
    // The last failure is an outcome: it is stored and told by step-end.
    if (delayMs !== undefined) {
      params.log.warn({ step: id, attempt, error: thrown, retryInMs: delayMs }, "a step's attempt failed");
    }
    const error = storedError(thrown);
    const state = delayMs === undefined ? "failed" : "open";
    return { ...BODY, id, state, output: null, error, attempt, startedAt, endedAt: clock.now() + (delayMs ?? 0) };
  }

  function execute({ id, body, timeoutMs }: StepCall, attempt: number): Promise<unknown> {
    return withTimeout({ what: `Step "${id}"`, timeoutMs, clock, signal: signalOf(id) }, async (limited) =>
      body({
        signal: limited,
        attempt,
        idempotencyKey: `${runId}:${id}`,
        // Most steps log nothing, and a log of their own is not free.
        get log() {
          return params.log.child({ step: id });
        },
      }),
    );
  }

  /** What undoes goes on when the body's time is up. */
  function signalOf(id: string): AbortSignal {
    return undoes(id) ? signal : params.bodySignal;
  }

  /** Stores an outcome, as often as the store needs: the answer is not asked for again. `over`: the execution is. */
  async function isPut(step: StepRecord, beside: readonly Statement[] = []): Promise<"stored" | "refused" | "over"> {
    const { id } = step;
    let result: PutResult;
    let isUncertain = false;
    const isWorthAnother = again(id);
    inDoubt += step.isUndoable ? 1 : 0;
    try {
      result = await persist({
        write: () =>
          store.put({ runId, epoch, step, isCalm: !params.hasCrashed, ...(beside.length === 0 ? {} : { beside }) }),
        again(error, retryInMs) {
          isUncertain = true;
          return isWorthAnother(error, retryInMs);
        },
        clock,
        signal,
      });
    } catch (error) {
      // What the step itself asked to be written may be at fault, and is no reason to give the run back.
      if (beside.length > 0 && isErrorCode(error, "STORE_FAILED") && !error.isRetryable) throw error;
      params.onBroken(error);
      return "over";
    } finally {
      inDoubt -= step.isUndoable ? 1 : 0;
    }
    // A connection that is lost in the commit leaves open whether it was done; under this claim nobody else writes it.
    if (result === "kept" && isUncertain) result = "stored";
    if (result === "kept") throw duplicateStep(id);
    if (result === "fenced") params.onFenced();
    if (result === "refused") return "refused";
    return result === "stored" && !isOver(id) ? "stored" : "over";
  }

  function again(step: string): (error: unknown, retryInMs: number) => boolean {
    return (error, retryInMs) => {
      if (!(error instanceof MillraceError) || !error.isRetryable) return false;
      params.log.error({ step, error, retryInMs }, "the outcome of a step could not be written");
      return true;
    };
  }

  return runner;
}

function done({ output, endedAt }: StepRecord): StepOutcome {
  return { kind: "done", value: JSON.parse(output ?? "null"), at: endedAt ?? 0 };
}

/** Whether a step belongs to what is done after a failure: compensations, and what is called at the end. */
export function undoes(id: string): boolean {
  return id.startsWith("#");
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

function refused(id: string): MillraceError {
  const message = `A statement of step "${id}" changed fewer rows than it must.`;
  return new MillraceError("STEP_REFUSED", message, { isRetryable: false });
}

function mismatch(id: string, stored: StepKind, asked: StepKind): MillraceError {
  return new MillraceError(
    "STEP_MISMATCH",
    `Step "${id}" is stored as a ${stored}, and the code asks for a ${asked}.`,
    {
      facts: { step: id, stored, asked },
      isRetryable: false,
    },
  );
}

export function duplicateStep(id: string): MillraceError {
  return new MillraceError("STEP_DUPLICATE", `The step id "${id}" is used twice at once.`, {
    facts: { step: id },
    isRetryable: false,
  });
}
