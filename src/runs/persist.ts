import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";

/** Waits between tries of a write that the store could not do, in milliseconds: the first, and the longest. */
export const FIRST_REPAIR_MS = 1_000;
const LONGEST_REPAIR_MS = 30_000;

export interface PersistParams<T> {
  readonly write: () => Promise<T>;
  /** Whether to try again after this error; hears in how many milliseconds that would be. */
  readonly again: (error: unknown, retryInMs: number) => boolean;
  readonly clock: Clock;
  /** Ends the tries. */
  readonly signal: AbortSignal;
}

/** Whether the store could not do what it was asked, and may later: no fault of who asked. */
export function isStoreTrouble(error: unknown): boolean {
  return error instanceof MillraceError && error.isRetryable && error.code.startsWith("STORE_");
}

/** Writes what must not be lost, as often as the store needs. Throws the error that is not tried again, or the last one before the signal. */
export async function persist<T>({ write, again, clock, signal }: PersistParams<T>): Promise<T> {
  for (let wait = FIRST_REPAIR_MS; ; wait = Math.min(2 * wait, LONGEST_REPAIR_MS)) {
    try {
      return await write();
    } catch (error) {
      if (signal.aborted || !again(error, wait)) throw error;
      await clock.sleep(wait, signal).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
