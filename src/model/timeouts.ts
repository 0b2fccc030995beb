import type { Clock, Timer } from "../core/clock.ts";

/** How long one request may take, part by part, in milliseconds. What is left out keeps the transport's default. */
export interface Timeouts {
  /** Until a socket carries the request: the wait for a free one, DNS, TCP and TLS. Default 10 000. */
  readonly connectMs?: number;
  /** From there until the first byte of the body; for a stream, until the first part of its content. Default 600 000. */
  readonly firstByteMs?: number;
  /** Between two pieces of the body. Default 120 000. */
  readonly betweenBytesMs?: number;
  /** For all of it. Default: no end. */
  readonly totalMs?: number;
}

export const DEFAULT_TIMEOUTS: Required<Timeouts> = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  betweenBytesMs: 120_000,
  totalMs: Number.POSITIVE_INFINITY,
};

/** What a request waits for. */
export type Phase = "connect" | "firstByte" | "betweenBytes";

/** Codes which the HTTP client has for the same, so that whoever looks at codes need not know us. */
const CODES: Readonly<Record<Phase | "total", string>> = {
  connect: "UND_ERR_CONNECT_TIMEOUT",
  firstByte: "UND_ERR_HEADERS_TIMEOUT",
  betweenBytes: "UND_ERR_BODY_TIMEOUT",
  total: "UND_ERR_BODY_TIMEOUT",
};

const WORDS: Readonly<Record<Phase | "total", string>> = {
  connect: "no connection",
  firstByte: "no first byte",
  betweenBytes: "no further byte",
  total: "no end of the answer",
};

function timeoutError(phase: Phase | "total", ms: number): Error {
  return Object.assign(new Error(`${WORDS[phase]} within ${ms / 1_000} s`), { code: CODES[phase] });
}

/**
 * Watches over one request: calls `onTimeout` once when a phase, or all of it, takes too long. One timer serves all phases, and
 * progress within a phase costs no timer: the one that is set looks at the time when it fires.
 */
export class Watch {
  readonly #clock: Clock;
  readonly #timeouts: Required<Timeouts>;
  readonly #onTimeout: (error: Error) => void;
  readonly #startedAt: number;
  #phase: Phase = "connect";
  #limitMs: number;
  #since: number;
  #isHeld = false;
  #timer: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, timeouts: Required<Timeouts>, onTimeout: (error: Error) => void) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#onTimeout = onTimeout;
    this.#startedAt = clock.monotonic();
    this.#since = this.#startedAt;
    this.#limitMs = timeouts.connectMs;
    this.#arm();
  }

  /** Waits for something else from now on, for as long as the timeouts say or for `limitMs`. */
  enter(phase: Phase, limitMs = this.#timeouts[`${phase}Ms`]): void {
    this.#phase = phase;
    this.#limitMs = limitMs;
    this.touch();
    this.#arm();
  }

  /** Something came: the phase begins anew. */
  touch(): void {
    this.#since = this.#clock.monotonic();
  }

  /** The other side waits for us: only the total counts until this is called with false. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.touch();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#isHeld = true;
    this.#limitMs = Number.POSITIVE_INFINITY;
  }

  #dueNext(): number {
    const total = this.#startedAt + this.#timeouts.totalMs;
    return this.#isHeld ? total : Math.min(total, this.#since + this.#limitMs);
  }

  /** Sets the timer, unless one is set that fires early enough. */
  #arm(): void {
    const dueAt = this.#dueNext();
    if (dueAt === Number.POSITIVE_INFINITY || this.#dueAt <= dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = dueAt;
    this.#timer = this.#clock.after(dueAt - this.#clock.monotonic(), () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    // A timer may fire a fraction of a millisecond early.
    if (this.#dueNext() - this.#clock.monotonic() >= 1) {
      this.#arm();
      return;
    }
    const isTotal = this.#clock.monotonic() + 1 >= this.#startedAt + this.#timeouts.totalMs;
    this.#onTimeout(isTotal ? timeoutError("total", this.#timeouts.totalMs) : timeoutError(this.#phase, this.#limitMs));
  }
}
