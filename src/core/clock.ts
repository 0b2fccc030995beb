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
   * What `now` was when this turn of the event loop first asked, or at most RECENT_USES asks ago, at a small part of its price: so it is no
   * older than the turn, also after the machine slept or its clock was set. For those who have room for error.
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

/** For how many asks a reading of `recent` serves: a turn may be long. */
const RECENT_USES = 256;
let lastReading = 0;
let usesLeft = 0;
let isToEnd = false;

function endReading(): void {
  usesLeft = 0;
  isToEnd = false;
}

/* oxlint-disable no-restricted-globals, no-restricted-properties -- the one home of the machine's time */
export const systemClock: Clock = {
  now: () => Date.now(),
  recent() {
    if (usesLeft === 0) {
      usesLeft = RECENT_USES;
      lastReading = Date.now();
      // Ticks run before the loop goes on, and so before it can sleep; a timer would still count after the machine woke up.
      if (!isToEnd) process.nextTick(endReading);
      isToEnd = true;
    }
    usesLeft--;
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
