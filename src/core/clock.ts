import { setTimeout as delay } from "node:timers/promises";

/** A timer that was set and may be called off. */
export interface Timer {
  cancel(): void;
}

/** Time as an argument: whatever waits or looks at the time takes one of these. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. May jump when the machine's clock is set. */
  now(): number;
  /**
   * What `now` was up to RECENT_MS ago, at a small part of its price; older only while the event loop stands still. For those who have room
   * for error.
   */
  recent(): number;
  /** Milliseconds from an arbitrary start, with fractions; never goes back. For durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `listener` once after `ms` milliseconds. A timer does not keep the process alive. */
  after(ms: number, listener: () => void): Timer;
}

/** setTimeout fires at once beyond this many milliseconds (2^31 - 1), so longer waits are cut. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** How old a reading of `recent` may be, in milliseconds. */
const RECENT_MS = 250;
let lastReading = 0;
let isRecent = false;

/* oxlint-disable no-restricted-globals, no-restricted-properties -- the one home of the machine's time */
export const systemClock: Clock = {
  now: () => Date.now(),
  recent() {
    if (!isRecent) {
      isRecent = true;
      lastReading = Date.now();
      // Nobody asks, no timer runs.
      setTimeout(() => (isRecent = false), RECENT_MS).unref();
    }
    return lastReading;
  },
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    let left = ms;
    do {
      const wait = Math.min(left, LONGEST_TIMEOUT_MS);
      await delay(wait, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        throw signal?.aborted === true ? signal.reason : error;
      });
      left -= wait;
    } while (left > 0);
  },
  after(ms, listener) {
    const timeout = setTimeout(listener, Math.min(ms, LONGEST_TIMEOUT_MS));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
/* oxlint-enable no-restricted-globals, no-restricted-properties */
