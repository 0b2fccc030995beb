import type { Clock } from "../core/clock.ts";

export interface CircuitOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. Default 5. */
  readonly threshold?: number;
  /** How long it stays open at first, in milliseconds; doubles with each failed probe. Default 500. */
  readonly openMs?: number;
  /** Default 30 000. */
  readonly longestOpenMs?: number;
}

/** Closed: all may pass. Open: nobody, until a wait is over; then one probe decides. */
export interface Circuit {
  /** Whether one more operation may start. Who was admitted must say how it went. */
  admit(): boolean;
  succeed(): void;
  fail(): void;
  /** The operation was called off and says nothing. */
  forget(): void;
  isOpen(): boolean;
}

export function createCircuit({ clock, threshold = 5, openMs = 500, longestOpenMs = 30_000 }: CircuitOptions): Circuit {
  let failures = 0;
  let waitMs = openMs;
  let openUntil = 0;
  let isProbing = false;

  const isOpen = (): boolean => failures >= threshold;

  return {
    isOpen,
    admit() {
      if (!isOpen()) return true;
      if (isProbing || clock.monotonic() < openUntil) return false;
      isProbing = true;
      return true;
    },
    succeed() {
      failures = 0;
      waitMs = openMs;
      isProbing = false;
    },
    fail() {
      failures += 1;
      if (!isOpen()) return;
      if (isProbing) waitMs = Math.min(waitMs * 2, longestOpenMs);
      isProbing = false;
      openUntil = clock.monotonic() + waitMs;
    },
    forget() {
      isProbing = false;
    },
  };
}
