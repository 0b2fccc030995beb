import { DatabaseSync } from "node:sqlite";
import { MillraceError } from "../../core/errors.ts";
import { isBusy } from "./sqlite-error.ts";

/** A lock that the kernel frees when its process dies, however it dies. */
export interface Ownership {
  /** Tries to take the lock, or says that it is held already. Never waits. */
  take(): boolean;
  /** Gives the lock up for good. */
  release(): void;
}

/** The lock is an exclusive transaction on a side file that is never written: no process ids, nothing to clean up. */
export function createOwnership(path: string): Ownership {
  let lock: DatabaseSync | undefined;
  let isHeld = false;
  let isClosed = false;

  return {
    take() {
      if (isHeld) return true;
      if (isClosed) throw new MillraceError("STORE_FAILED", "The store is closed.", { isRetryable: false });
      lock ??= new DatabaseSync(path, { timeout: 0 });
      try {
        lock.exec("begin exclusive");
        isHeld = true;
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      return isHeld;
    },
    release() {
      lock?.close();
      lock = undefined;
      isHeld = false;
      isClosed = true;
    },
  };
}
