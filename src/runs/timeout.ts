import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";

export interface TimeoutParams {
  /** What may take so long, for the message. */
  readonly what: string;
  /** Undefined: as long as it likes. */
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Runs work under a signal that fires with the given one, or when the time is up; then STEP_TIMEOUT is thrown at once, also when the work
 * ignores its signal.
 */
export async function withTimeout<T>(
  { what, timeoutMs, clock, signal }: TimeoutParams,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(signal);
  const limited = new AbortController();
  function passOn(): void {
    limited.abort(signal.reason);
  }
  if (signal.aborted) passOn();
  signal.addEventListener("abort", passOn, { once: true });
  const late = Promise.withResolvers<never>();
  const timer = clock.after(timeoutMs, () => {
    const error = new MillraceError("STEP_TIMEOUT", `${what} took longer than ${timeoutMs} ms.`, {
      facts: { timeoutMs },
    });
    late.reject(error);
    limited.abort(error);
  });
  try {
    return await Promise.race([work(limited.signal), late.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", passOn);
  }
}
