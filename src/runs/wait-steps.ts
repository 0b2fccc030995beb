import type { Clock } from "../core/clock.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { EventRecord, RunRecord, RunStore, StepRecord } from "../store/store.ts";
import { storedError } from "./error-record.ts";
import type { Flight } from "./flight.ts";
import type { StepOutcome, StepRunner } from "./step-runner.ts";
import type { WaitOptions } from "./step.ts";
import type { Waiters } from "./waiters.ts";

/** The latest instant that a Date can hold: for what waits for ever. */
export const FOR_EVER = 8_640_000_000_000_000;
/** A sleep that is over so soon is waited for in place; the run is not given back. */
const SHORT_MS = 1_000;
/** Events that are looked at in one read. */
const PAGE = 100;
/** A timer's longest wait. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** What a run can wait for: told by the engine, for runs that cannot be given back yet because something else is in flight. */
export interface Wakes {
  /** By the name of the event. */
  readonly events: Waiters<unknown>;
  /** By the id of the run that ends. */
  readonly runs: Waiters<unknown>;
}

export interface WaitStepsParams {
  readonly run: RunRecord;
  readonly memo: ReadonlyMap<string, StepRecord>;
  readonly runner: StepRunner;
  readonly flight: Flight;
  readonly store: Pick<RunStore, "events" | "get">;
  readonly wakes: Wakes;
  readonly clock: Clock;
  /** How long a wait lasts that does not say so itself, in milliseconds. */
  readonly longestWaitMs: number;
  /** Fires when the execution is over, however that came about. */
  readonly over: AbortSignal;
  /** Admits the run that a step calls, once for its key, and gives its id. */
  readonly startCalled: (params: {
    readonly automation: string;
    readonly input: unknown;
    readonly key: string;
  }) => Promise<string>;
}

/** Steps without a body: they hold no slot while they last, and survive restarts. */
export interface WaitSteps {
  sleep(id: string, until: Duration | Date): Promise<StepOutcome>;
  wait<Data>(id: string, options: WaitOptions<Data>): Promise<StepOutcome>;
  call(id: string, automation: string, input: unknown): Promise<StepOutcome>;
}

const HELD: StepOutcome = { kind: "held" };

export function createWaitSteps(params: WaitStepsParams): WaitSteps {
  const { run, memo, runner, flight, store, wakes, clock, over, longestWaitMs } = params;
  /** Events that a wait of this run has had: none satisfies two. */
  const consumed = new Set<number>();
  for (const { kind, state, output, cursor } of memo.values()) {
    if (kind === "wait" && state === "done" && output !== "null" && cursor !== null) consumed.add(cursor);
  }

  function opened(id: string, facts: Partial<StepRecord> & Pick<StepRecord, "kind">): StepRecord {
    return {
      id,
      state: "open",
      output: null,
      error: null,
      attempt: 1,
      startedAt: clock.now(),
      endedAt: null,
      event: null,
      match: null,
      cursor: null,
      isUndoable: false,
      ...facts,
    };
  }

  /** Stores how a step came out, and gives it. */
  async function settle(open: StepRecord, output: string, facts: Partial<StepRecord> = {}): Promise<StepOutcome> {
    const record: StepRecord = { ...open, ...facts, state: "done", output, endedAt: clock.now() };
    if (!(await runner.put(record))) return HELD;
    return { kind: "done", value: JSON.parse(output), at: clock.now() };
  }

  async function fail(open: StepRecord, error: unknown): Promise<StepOutcome> {
    const record: StepRecord = { ...open, state: "failed", error: storedError(error), endedAt: clock.now() };
    if (!(await runner.put(record))) return HELD;
    return { kind: "failed", error: storedError(error), attempts: 1 };
  }

  /** Reads under way keep the run with its worker: what they find would be lost otherwise. */
  async function inFlight<T>(work: () => Promise<T>): Promise<T> {
    flight.begin();
    try {
      return await work();
    } finally {
      flight.end();
    }
  }

  /** Waits as long as the run is not given back: until a time, or until it is told. False: the execution is over. */
  async function rest(until: number, told: (signal: AbortSignal) => Promise<unknown> = never): Promise<boolean> {
    if (over.aborted) return false;
    const hold = flight.hold(until, "wait");
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    over.addEventListener("abort", stop, { once: true });
    const wait = Math.min(Math.max(0, until - clock.now()), LONGEST_TIMER_MS);
    await Promise.race([
      clock.sleep(wait, enough.signal).catch(() => undefined),
      told(enough.signal).catch(() => undefined),
    ]);
    enough.abort();
    over.removeEventListener("abort", stop);
    if (over.aborted) return false;
    hold.release();
    return true;
  }

  return {
    sleep: (id, until) =>
      runner.await(id, "sleep", async (known) => {
        const open = known ?? opened(id, { kind: "sleep", endedAt: instantOf(until, clock.now()) });
        const dueAt = open.endedAt ?? 0;
        if (dueAt - clock.now() <= SHORT_MS) {
          if (!(await isSlept(dueAt))) return HELD;
          return settle(open, "null");
        }
        if (known === undefined && !(await runner.put(open))) return HELD;
        while (clock.now() < dueAt) if (!(await rest(dueAt))) return HELD;
        return settle(open, "null");
      }),

    wait: (id, { for: type, match = null, where, timeout }) =>
      runner.await(id, "wait", async (known) => {
        let open =
          known ??
          opened(id, {
            kind: "wait",
            event: type.name,
            match,
            cursor: run.seen,
            endedAt: Math.min(FOR_EVER, clock.now() + (timeout === undefined ? longestWaitMs : toMs(timeout))),
          });
        let isKept = known !== undefined;
        const deadline = open.endedAt ?? FOR_EVER;
        for (;;) {
          // Registered before the look, so that what comes in between is not missed.
          const listening = new AbortController();
          const told = wakes.events.next(type.name, listening.signal);
          told.catch(() => undefined);
          try {
            const isLate = clock.now() >= deadline;
            const looked = await inFlight(() => look(open, where as ((data: unknown) => boolean) | undefined));
            if (looked.kind === "broken") return await fail(open, looked.error);
            if (looked.kind === "found") return await settle(open, looked.event.data, { cursor: looked.event.seq });
            if (isLate) return await settle(open, "null", { cursor: looked.cursor });
            if (!isKept || looked.cursor !== open.cursor) {
              open = movedOn(open, looked.cursor);
              isKept = true;
              if (!(await runner.put(open))) return HELD;
            }
            if (!(await rest(deadline, () => told))) return HELD;
          } finally {
            listening.abort(new Error("No longer of interest."));
          }
        }
      }),

    call: (id, automation, input) =>
      runner.await(id, "call", async (known) => {
        let open = known;
        if (open === undefined) {
          const key = `call ${run.id}:${id}`;
          const called = await inFlight(() => params.startCalled({ automation, input, key }).then(toOk, toFailure));
          if (over.aborted) return HELD;
          if (!called.ok) return fail(opened(id, { kind: "call" }), called.error);
          open = opened(id, { kind: "call", match: called.value, endedAt: FOR_EVER });
          if (!(await runner.put(open))) return HELD;
        }
        const calledId = open.match ?? "";
        for (;;) {
          const listening = new AbortController();
          const told = wakes.runs.next(calledId, listening.signal);
          told.catch(() => undefined);
          try {
            const called = await inFlight(() => store.get(calledId));
            if (called?.status === "done") return await settle(open, called.output ?? "null");
            if (called === undefined || called.endedAt !== null)
              return await fail(open, calledFailed(calledId, called));
            if (!(await rest(FOR_EVER, () => told))) return HELD;
          } finally {
            listening.abort(new Error("No longer of interest."));
          }
        }
      }),
  };

  /** Waits in place for a time that is near, no longer when the clock is set back meanwhile. False: the execution is over. */
  async function isSlept(dueAt: number): Promise<boolean> {
    const endsAt = clock.monotonic() + dueAt - clock.now();
    return inFlight(async () => {
      while (clock.now() < dueAt && clock.monotonic() < endsAt) {
        const left = Math.min(dueAt - clock.now(), endsAt - clock.monotonic());
        const isOver = await clock.sleep(left, over).then(
          () => false,
          () => true,
        );
        if (isOver) return false;
      }
      return true;
    });
  }

  /** Looks at the events that this wait has not seen, and takes the first that fits. */
  async function look(
    { event, match, cursor }: StepRecord,
    where: ((data: unknown) => boolean) | undefined,
  ): Promise<Looked> {
    let after = cursor ?? run.seen;
    for (;;) {
      const page = await store.events({ name: event ?? "", match, after, limit: PAGE });
      for (const found of page) {
        after = found.seq;
        if (consumed.has(found.seq)) continue;
        try {
          if (where !== undefined && !where(JSON.parse(found.data))) continue;
        } catch (error) {
          return { kind: "broken", error };
        }
        consumed.add(found.seq);
        return { kind: "found", event: found };
      }
      if (page.length < PAGE) return { kind: "none", cursor: after };
    }
  }
}

type Looked =
  | { readonly kind: "found"; readonly event: EventRecord }
  | { readonly kind: "none"; readonly cursor: number }
  | { readonly kind: "broken"; readonly error: unknown };

type Tried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function toOk<T>(value: T): Tried<T> {
  return { ok: true, value };
}

function toFailure(error: unknown): Tried<never> {
  return { ok: false, error };
}

function movedOn(open: StepRecord, cursor: number): StepRecord {
  return { ...open, cursor };
}

function never(): Promise<void> {
  return new Promise(() => undefined);
}

/** Throws INPUT_INVALID for what is neither a duration nor a date. */
function instantOf(until: Duration | Date, now: number): number {
  if (!(until instanceof Date)) return Math.min(FOR_EVER, now + Math.ceil(toMs(until)));
  if (!Number.isNaN(until.getTime())) return until.getTime();
  throw new MillraceError("INPUT_INVALID", "A sleep cannot last until an invalid date.");
}

function calledFailed(runId: string, called: RunRecord | undefined): MillraceError {
  const how = called === undefined ? "is no longer kept" : called.status === "canceled" ? "was canceled" : "failed";
  const why = called?.error == null ? "." : `: ${called.error.message}`;
  return new MillraceError("CALLED_FAILED", `The run ${runId} that it called ${how}${why}`, {
    facts: { runId },
    isRetryable: false,
  });
}
