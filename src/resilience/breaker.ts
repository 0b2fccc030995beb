import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

/** Where a breaker stands, as data: for a dashboard, and to share it between processes. Instants are milliseconds since the epoch, UTC. */
export type BreakerState =
  /** Everything passes. `failures`: those in a row so far. */
  | { readonly status: "closed"; readonly changedAt: number; readonly failures: number }
  /** Nothing passes until `probeAt`. */
  | {
      readonly status: "open";
      readonly changedAt: number;
      readonly probeAt: number;
      readonly failedProbes: number;
    }
  /** One probe is out; if nothing is heard of it until `probeUntil`, another one goes. */
  | {
      readonly status: "half-open";
      readonly changedAt: number;
      readonly probeUntil: number;
      readonly failedProbes: number;
    };

/**
 * What an outcome says about the other side: it works; it does not; or nothing, as when the caller gave up. What was refused for a fault
 * of the request, or for a rate limit, shows a side that works.
 */
export type Health = "working" | "failing" | "unknown";

export type Admission =
  /** Say how it went, once; a second time does nothing. */
  | { readonly isGranted: true; end(health: Health): void }
  /** `retryAfterMs`: until somebody may pass again, in milliseconds. */
  | { readonly isGranted: false; readonly retryAfterMs: number };

/** Keeps calls away from what fails, and finds out when it works again. */
export interface Breaker {
  /** Runs the work, or rejects with BREAKER_OPEN (`facts.retryAfterMs`) without starting it. Otherwise rejects as the work does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Asks whether one more may start, for work whose outcome is known elsewhere, such as a stream. */
  admit(): Admission;
  state(): BreakerState;
  /**
   * Takes over what another process knows, where that is newer. States merge in any order, any number of times, to the same one: the
   * latest change wins, of two at the same instant the one that lets less through.
   */
  merge(other: BreakerState): void;
}

export interface BreakerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number;
  /** The longest it stays open before the next probe, in milliseconds, however many failed. Default 60 000. */
  readonly openMs?: number;
  /** When the first probe goes, in milliseconds after it opened; doubles with each failed probe up to `openMs`. Default 5 000. */
  readonly firstProbeMs?: number;
  /** What a failure says. Default: "failing", but for an AbortError, which says nothing. */
  readonly judge?: (error: unknown) => Health;
  /** Hears of every change of the status, after it happened. It must not throw. */
  readonly onChange?: (state: BreakerState, previous: BreakerState) => void;
}

/** By how much of it a wait may be shortened, so that processes do not probe in step. */
const JITTER = 0.2;

/** Creates a closed breaker. Throws RangeError for bounds that make no sense. */
export function createBreaker({
  clock,
  random,
  failures = 5,
  openMs = 60_000,
  firstProbeMs = Math.min(5_000, openMs),
  judge = judgeByName,
  onChange,
}: BreakerOptions): Breaker {
  if (!(Number.isInteger(failures) && failures >= 1)) {
    throw new RangeError(`failures must be a whole number of at least 1, got ${failures}`);
  }
  if (!(firstProbeMs > 0 && openMs >= firstProbeMs && Number.isFinite(openMs))) {
    throw new RangeError(`0 < firstProbeMs <= openMs is needed, got ${firstProbeMs} and ${openMs}`);
  }

  let state: BreakerState = { status: "closed", changedAt: 0, failures: 0 };
  /** When the state lets somebody pass, on the clock that never jumps; of no meaning while closed. */
  let passAt = 0;
  /** Outcomes of what was admitted before the status changed say nothing about the present one. */
  let epoch = 0;

  function change(next: BreakerState, waitMs: number): void {
    const previous = state;
    state = next;
    passAt = clock.monotonic() + waitMs;
    epoch += 1;
    onChange?.(next, previous);
  }
  /** Later than the change before, also when the machine's clock was set back. */
  const changedAt = (): number => Math.max(clock.now(), state.changedAt + 1);

  function open(failedProbes: number): void {
    const ms = Math.min(openMs, firstProbeMs * 2 ** failedProbes) * (1 - JITTER * random.next());
    change({ status: "open", changedAt: changedAt(), probeAt: clock.now() + ms, failedProbes }, ms);
  }
  function end(health: Health): void {
    switch (state.status) {
      case "closed":
        if (health === "working" && state.failures > 0) state = { ...state, failures: 0 };
        if (health !== "failing") return;
        if (state.failures + 1 >= failures) open(0);
        else state = { ...state, failures: state.failures + 1 };
        return;
      case "half-open":
        if (health === "failing") open(state.failedProbes + 1);
        else if (health === "working") change({ status: "closed", changedAt: changedAt(), failures: 0 }, 0);
        // The probe was called off: the next one may go at once.
        else change({ ...state, status: "open", changedAt: changedAt(), probeAt: clock.now() }, 0);
        return;
      case "open":
    }
  }
  function grant(): Admission {
    const mine = epoch;
    let isOver = false;
    return {
      isGranted: true,
      end(health) {
        if (isOver || mine !== epoch) return;
        isOver = true;
        end(health);
      },
    };
  }
  function admit(): Admission {
    if (state.status === "closed") return grant();
    const retryAfterMs = passAt - clock.monotonic();
    if (retryAfterMs > 0) return { isGranted: false, retryAfterMs };
    const { failedProbes } = state;
    change({ status: "half-open", changedAt: changedAt(), probeUntil: clock.now() + openMs, failedProbes }, openMs);
    return grant();
  }

  return {
    admit,
    async run(work) {
      const admission = admit();
      if (!admission.isGranted) throw openError(admission.retryAfterMs);
      let health: Health = "working";
      try {
        return await work();
      } catch (error) {
        health = judge(error);
        throw error;
      } finally {
        admission.end(health);
      }
    },
    state: () => state,
    merge(other) {
      if (!isNewer(other, state)) return;
      if (other.status === "closed") change(other, 0);
      else {
        // Clocks of two machines differ: never wait longer than we should ourselves.
        change(other, Math.min(openMs, Math.max(0, untilOf(other) - clock.now())));
      }
    },
  };
}

function judgeByName(error: unknown): Health {
  return error instanceof Error && error.name === "AbortError" ? "unknown" : "failing";
}

const STRICTNESS = { closed: 0, "half-open": 1, open: 2 } as const;

/** A total order, so that merging is the greater of two. */
function isNewer(a: BreakerState, b: BreakerState): boolean {
  if (a.changedAt !== b.changedAt) return a.changedAt > b.changedAt;
  if (a.status !== b.status) return STRICTNESS[a.status] > STRICTNESS[b.status];
  if (a.status === "closed" || b.status === "closed") return failuresOf(a) > failuresOf(b);
  const [until, other] = [untilOf(a), untilOf(b)];
  return until === other ? a.failedProbes > b.failedProbes : until > other;
}

function failuresOf(state: BreakerState): number {
  return state.status === "closed" ? state.failures : 0;
}

/** Until when it keeps others away. */
function untilOf(state: Exclude<BreakerState, { readonly status: "closed" }>): number {
  return state.status === "open" ? state.probeAt : state.probeUntil;
}

function openError(retryAfterMs: number): MillraceError {
  const ms = Math.ceil(retryAfterMs);
  return new MillraceError("BREAKER_OPEN", `The breaker is open after failures; the next probe goes in ${ms} ms.`, {
    facts: { retryAfterMs: ms },
  });
}
