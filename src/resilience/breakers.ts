import { type Breaker, type BreakerOptions, type BreakerState, createBreaker } from "./breaker.ts";

/** One breaker for each key, for instance for each provider, model and API key. */
export interface Breakers {
  /** The breaker of a key; a closed one for a key that is new. */
  get(key: string): Breaker;
  /** All that are kept, for a dashboard or to share them. */
  states(): ReadonlyMap<string, BreakerState>;
}

export interface BreakersOptions extends Omit<BreakerOptions, "onChange"> {
  /** How many are kept, at most. Beyond it goes the one that was asked for longest ago, closed ones first. Default 1 000. */
  readonly size?: number;
  /** Hears of every change of a status. It must not throw. */
  readonly onChange?: (key: string, state: BreakerState, previous: BreakerState) => void;
}

/** Creates the registry. Throws RangeError for a size that is not a whole number of at least 1. */
export function createBreakers({ size = 1_000, onChange, ...options }: BreakersOptions): Breakers {
  if (!(Number.isInteger(size) && size >= 1)) throw new RangeError(`size must be at least 1, got ${size}`);
  /** In the order in which they were last asked for. */
  const breakers = new Map<string, Breaker>();

  function dropOne(): void {
    let dropped: string | undefined;
    for (const [key, breaker] of breakers) {
      dropped ??= key;
      if (breaker.state().status !== "closed") continue;
      dropped = key;
      break;
    }
    if (dropped !== undefined) breakers.delete(dropped);
  }

  return {
    get(key) {
      const known = breakers.get(key);
      breakers.delete(key);
      if (known === undefined && breakers.size >= size) dropOne();
      const breaker =
        known ??
        createBreaker({
          ...options,
          ...(onChange === undefined ? {} : { onChange: (state, previous) => onChange(key, state, previous) }),
        });
      breakers.set(key, breaker);
      return breaker;
    },
    states: () => new Map([...breakers].map(([key, breaker]) => [key, breaker.state()])),
  };
}
