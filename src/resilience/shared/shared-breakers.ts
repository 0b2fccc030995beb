import type { Clock } from "../../core/clock.ts";
import type { Breaker, BreakerState } from "../breaker.ts";
import type { SharedState } from "./shared-state.ts";

export interface SharedBreakersOptions {
  readonly state: SharedState;
  readonly clock: Clock;
  /** How often states are exchanged, in milliseconds. Default 500. */
  readonly everyMs?: number;
}

/** Lets breakers of several processes know of each other. */
export interface SharedBreakers {
  /** From now on it hears what the breakers of that name in other processes know, and they hear of it. */
  join(name: string, breaker: Breaker): void;
  /** Exchanges now. */
  exchange(): Promise<void>;
  close(): Promise<void>;
}

/**
 * KEYS[1]: a hash of states. ARGV[1]: for how long, in milliseconds; then for each breaker its name, the instant of its last change, and its
 * state. The latest change is kept; answers with the state of each, in their order.
 */
const EXCHANGE = `
local answer = {}
if redis.call('HLEN', KEYS[1]) > 10000 then redis.call('DEL', KEYS[1]) end
for index = 2, #ARGV, 3 do
  local stored = redis.call('HGET', KEYS[1], ARGV[index])
  local at = tonumber(ARGV[index + 1])
  if at > (stored and cjson.decode(stored).changedAt or 0) then
    redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 2])
    stored = ARGV[index + 2]
  end
  answer[#answer + 1] = stored or ''
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return answer`;

/** A state that nobody exchanged for so long is forgotten, in milliseconds. */
const KEEP_MS = 600_000;
const MOST_NAMES = 1_000;

/** States as `Breaker.merge` takes them travel over a Redis server; a breaker that never changed has nothing to say. */
export function createSharedBreakers({ state, clock, everyMs = 500 }: SharedBreakersOptions): SharedBreakers {
  const breakers = new Map<string, Breaker>();
  const closing = new AbortController();
  let exchanging: Promise<void> | undefined;

  async function exchange(): Promise<void> {
    if (breakers.size === 0 || !state.isUp()) return;
    const all = [...breakers];
    const args = all.flatMap(([name, breaker]) => {
      const own = breaker.state();
      return [name, own.changedAt, JSON.stringify(own)];
    });
    const answer = await state.run(EXCHANGE, ["breakers"], [KEEP_MS, ...args]).catch(() => undefined);
    if (!Array.isArray(answer)) return;
    for (const [index, [, breaker]] of all.entries()) {
      const text = String(answer[index]);
      if (text === "") continue;
      const known = JSON.parse(text) as BreakerState;
      // Failures in a row of another process are no concern of this one, only that the status changed.
      if (known.changedAt > breaker.state().changedAt) breaker.merge(known);
    }
  }

  async function exchangeUntilClosed(): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs, closing.signal).catch(() => undefined);
      if (closing.signal.aborted) return;
      await exchange();
    }
  }

  return {
    join(name, breaker) {
      breakers.delete(name);
      breakers.set(name, breaker);
      const oldest = breakers.size > MOST_NAMES ? breakers.keys().next().value : undefined;
      if (oldest !== undefined) breakers.delete(oldest);
      exchanging ??= exchangeUntilClosed();
    },
    exchange,
    async close() {
      closing.abort();
      await exchanging;
    },
  };
}
