/**
 * What is in flight in one run. A step that must wait long is *held*: its promise never settles, so no code of the user runs because of it.
 * Once nothing is in flight and something is held, the run is *still*, and may be given back to the queue without losing anybody's work.
 */
export interface Flight {
  /** A step's body starts, or waits in place for its next try. */
  begin(): void;
  /** It has come to its end. */
  end(): void;
  /** A step will not go on before `until` (milliseconds since the epoch); or it waits for something, at most until then. */
  hold(until: number, why?: "retry" | "wait"): Hold;
  /** Forgets the steps that are held: they will not go on whatever comes. */
  clear(): void;
  /** Resolves once nothing is in flight. */
  landed(): Promise<void>;
}

/** A step that is held. */
export interface Hold {
  /** It goes on after all, as the run was not given back by now. */
  release(): void;
}

export interface Still {
  /** The earliest time at which a held step may go on. */
  readonly until: number;
  /** Whether something may come that wakes it earlier. */
  readonly isWaiting: boolean;
}

interface Held {
  readonly until: number;
  readonly why: "retry" | "wait";
}

export function createFlight(onStill: (still: Still) => void): Flight {
  let inFlight = 0;
  const held = new Set<Held>();
  let waiting: (() => void)[] = [];

  // What awaited a step may start the next one, some turns of the microtask queue later: look after all of them.
  function lookSoon(): void {
    if (inFlight > 0 || held.size === 0) return;
    setImmediate(() => {
      if (inFlight > 0 || held.size === 0) return;
      const all = [...held];
      onStill({
        until: Math.min(...all.map(({ until }) => until)),
        isWaiting: all.some(({ why }) => why === "wait"),
      });
    });
  }

  return {
    begin() {
      inFlight += 1;
    },
    end() {
      inFlight -= 1;
      lookSoon();
      if (inFlight > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    hold(until, why = "retry") {
      const one: Held = { until, why };
      held.add(one);
      lookSoon();
      return { release: () => void held.delete(one) };
    },
    clear: () => held.clear(),
    landed() {
      return inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
