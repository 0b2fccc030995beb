/** One piece of work that many wait for. */
export interface Flight<T> {
  readonly key: string;
  readonly signal: AbortSignal;
  /** Gives those who accept it something at once, while the work goes on. */
  offer(early: T): void;
  /** What was offered. */
  readonly offered?: T;
}

export interface JoinOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Whether something offered early will do. Default: no. */
  readonly accepts?: (early: T) => boolean;
}

/** Work in flight by key. A flight lives here until it ends, never in what can be evicted, and nothing of it stays. */
export interface Flights<T, Extra> {
  get(key: string): (Flight<T> & Extra) | undefined;
  /**
   * Starts work; the key must be free. `isKept`: it goes on although nobody waits. Otherwise the abort of its last waiter
   * aborts it.
   */
  start(key: string, extra: Extra, work: (flight: Flight<T> & Extra) => Promise<T>, isKept: boolean): Flight<T> & Extra;
  /** Waits for a flight; rejects with its error, or with the signal's reason for this waiter alone. */
  join(flight: Flight<T> & Extra, options?: JoinOptions<T>): Promise<T>;
  /** Lets nobody join it any more; those who wait still get what it brings. */
  forget(flight: Flight<T> & Extra): void;
  /** All of a key that have not ended, forgotten ones included, oldest first. */
  unended(key: string): readonly (Flight<T> & Extra)[];
  size(): number;
  /** Resolves when all that are in flight now have ended, however they end. */
  settled(): Promise<void>;
  /** Aborts all. */
  abort(reason: Error): void;
}

interface State<T> {
  readonly controller: AbortController;
  readonly final: Promise<T>;
  readonly early: Promise<T>;
  waiters: number;
  isKept: boolean;
}

export function createFlights<T, Extra extends object>(): Flights<T, Extra> {
  type Started = Flight<T> & Extra;
  const byKey = new Map<string, Started>();
  const states = new Map<Started, State<T>>();
  const unended = new Map<string, Set<Started>>();

  function forget(flight: Started): void {
    if (byKey.get(flight.key) === flight) byKey.delete(flight.key);
  }

  function leave(flight: Started, state: State<T>, reason: unknown): void {
    state.waiters--;
    if (state.waiters > 0 || state.isKept) return;
    forget(flight);
    state.controller.abort(reason);
  }

  return {
    get: (key) => byKey.get(key),
    start(key, extra, work, isKept) {
      const controller = new AbortController();
      const final = Promise.withResolvers<T>();
      const early = Promise.withResolvers<T>();
      const state: State<T> = { controller, final: final.promise, early: early.promise, waiters: 0, isKept };
      const flight: Started & { offered?: T } = {
        ...extra,
        key,
        signal: controller.signal,
        offer(value) {
          // Whoever takes it is gone, and the work is wanted all the same.
          state.isKept = true;
          flight.offered = value;
          early.resolve(value);
        },
      };
      byKey.set(key, flight);
      states.set(flight, state);
      const others = unended.get(key);
      if (others === undefined) unended.set(key, new Set([flight]));
      else others.add(flight);
      // A flight that nobody waits for may fail without a listener.
      final.promise.catch(() => undefined);
      early.promise.catch(() => undefined);
      work(flight)
        .then(final.resolve, final.reject)
        .finally(() => {
          early.resolve(final.promise);
          forget(flight);
          states.delete(flight);
          const left = unended.get(key);
          left?.delete(flight);
          if (left?.size === 0) unended.delete(key);
        });
      return flight;
    },
    async join(flight, { signal, accepts } = {}) {
      signal?.throwIfAborted();
      const state = states.get(flight);
      if (state === undefined) throw new Error("A flight that has ended cannot be joined.");
      const answer = accepts === undefined ? state.final : firstOf(state, accepts);
      state.waiters++;
      if (signal === undefined) return answer;
      return await new Promise<T>((resolve, reject) => {
        const onAbort = (): void => {
          reject(signal.reason as Error);
          leave(flight, state, signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
      });
    },
    forget,
    unended: (key) => [...(unended.get(key) ?? [])],
    size: () => states.size,
    async settled() {
      await Promise.allSettled([...states.values()].map(({ final }) => final));
    },
    abort(reason) {
      for (const { controller } of states.values()) controller.abort(reason);
    },
  };
}

async function firstOf<T>({ early, final }: State<T>, accepts: (early: T) => boolean): Promise<T> {
  const value = await early;
  return accepts(value) ? value : final;
}
