/**
 * What is in flight in one run. A step that must wait long is *held*: its promise never settles, so no code of the user runs because of it.
 * Once nothing is in flight and something is held, the run is *still*, and may be given back to the queue without losing anybody's work.
 */
export interface Flight {
  /** A step's body starts, or waits in place for its next try. */
  begin(): void;
  /** It has come to its end. */
  end(): void;
  /** A step will not go on before `until` (milliseconds since the epoch). */
  hold(until: number): void;
  /** Resolves once nothing is in flight. */
  landed(): Promise<void>;
}

/** `onStill` hears the earliest time at which a held step may go on. */
export function createFlight(onStill: (until: number) => void): Flight {
  let inFlight = 0;
  let heldUntil: number | undefined;
  let waiting: (() => void)[] = [];

  // What awaited a step may start the next one, some turns of the microtask queue later: look after all of them.
  function lookSoon(): void {
    if (inFlight > 0 || heldUntil === undefined) return;
    setImmediate(() => {
      if (inFlight === 0 && heldUntil !== undefined) onStill(heldUntil);
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
    hold(until) {
      heldUntil = Math.min(heldUntil ?? until, until);
      lookSoon();
    },
    landed() {
      return inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
