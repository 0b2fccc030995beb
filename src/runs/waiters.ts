/** Callers that wait for something about a run, by its id. */
export interface Waiters<News = void> {
  /** Resolves at the next `tell` of this run, with what is told; rejects with the signal's reason, or with what `close` was given. */
  next(runId: string, signal?: AbortSignal): Promise<News | undefined>;
  tell(runId: string, news?: News): void;
  tellAll(): void;
  readonly size: number;
  close(reason: Error): void;
}

export function createWaiters<News = void>(): Waiters<News> {
  type Waiter = PromiseWithResolvers<News | undefined>;
  const byRun = new Map<string, Set<Waiter>>();

  function settle(runId: string, how: (waiter: Waiter) => void): void {
    const waiters = byRun.get(runId);
    byRun.delete(runId);
    for (const waiter of waiters ?? []) how(waiter);
  }

  return {
    async next(runId, signal) {
      signal?.throwIfAborted();
      const waiter: Waiter = Promise.withResolvers();
      const waiters = byRun.get(runId) ?? new Set();
      byRun.set(runId, waiters.add(waiter));
      function giveUp(): void {
        waiters.delete(waiter);
        if (waiters.size === 0 && byRun.get(runId) === waiters) byRun.delete(runId);
        waiter.reject(signal?.reason);
      }
      signal?.addEventListener("abort", giveUp, { once: true });
      try {
        return await waiter.promise;
      } finally {
        signal?.removeEventListener("abort", giveUp);
      }
    },
    tell: (runId, news) => settle(runId, ({ resolve }) => resolve(news)),
    tellAll() {
      for (const runId of byRun.keys()) settle(runId, ({ resolve }) => resolve(undefined));
    },
    get size() {
      return byRun.size;
    },
    close(reason) {
      for (const runId of byRun.keys()) settle(runId, ({ reject }) => reject(reason));
    },
  };
}
