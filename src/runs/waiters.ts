/** Callers that wait for something about a run, by its id. */
export interface Waiters {
  /** Resolves at the next `tell` of this run; rejects with the signal's reason, or with what `close` was given. */
  next(runId: string, signal?: AbortSignal): Promise<void>;
  tell(runId: string): void;
  tellAll(): void;
  readonly size: number;
  close(reason: Error): void;
}

export function createWaiters(): Waiters {
  const byRun = new Map<string, Set<PromiseWithResolvers<void>>>();

  function settle(runId: string, how: (waiter: PromiseWithResolvers<void>) => void): void {
    const waiters = byRun.get(runId);
    byRun.delete(runId);
    for (const waiter of waiters ?? []) how(waiter);
  }

  return {
    async next(runId, signal) {
      signal?.throwIfAborted();
      const waiter = Promise.withResolvers<void>();
      const waiters = byRun.get(runId) ?? new Set();
      byRun.set(runId, waiters.add(waiter));
      function giveUp(): void {
        waiters.delete(waiter);
        if (waiters.size === 0 && byRun.get(runId) === waiters) byRun.delete(runId);
        waiter.reject(signal?.reason);
      }
      signal?.addEventListener("abort", giveUp, { once: true });
      try {
        await waiter.promise;
      } finally {
        signal?.removeEventListener("abort", giveUp);
      }
    },
    tell: (runId) => settle(runId, ({ resolve }) => resolve()),
    tellAll() {
      for (const runId of byRun.keys()) settle(runId, ({ resolve }) => resolve());
    },
    get size() {
      return byRun.size;
    },
    close(reason) {
      for (const runId of byRun.keys()) settle(runId, ({ reject }) => reject(reason));
    },
  };
}
