import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import { type Bulkhead, createBulkhead } from "../bulkhead.ts";
import type { QueueOptions, WaitOptions } from "../waiting-line.ts";
import type { SharedState } from "./shared-state.ts";

export interface SharedBulkheadOptions extends QueueOptions {
  /** Processes that name it alike share it. */
  readonly name: string;
  readonly state: SharedState;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How many may run at once, in all processes together. */
  readonly parallel: number;
  /** A place whose process does not renew it comes back after so long, in milliseconds. Default 15 000. */
  readonly leaseMs?: number;
}

/** Places by the time at which they end, in milliseconds of the server. ARGV: how many there are, for how long, who asks. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return 1`;
/** ARGV: for how long, and the places, of which one that was given away meanwhile is taken again: its work goes on. */
const RENEW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 2)
return 1`;
const LEAVE = "return redis.call('ZREM', KEYS[1], ARGV[1])";

/** How often somebody looks for a place that another process may have left, in milliseconds. */
const LOOK_MS = 50;

/**
 * A bulkhead whose places stand on a Redis server: what runs in all processes together is bounded. Each process keeps its own fair line. While
 * the server is away each process takes its share of the places, at least one.
 */
export function createSharedBulkhead(options: SharedBulkheadOptions): Bulkhead {
  const { name, state, clock, ids, parallel, leaseMs = 15_000, ...queue } = options;
  if (!(Number.isInteger(parallel) && parallel >= 1)) {
    throw new RangeError(`parallel must be a whole number of at least 1, got ${parallel}`);
  }
  const key = [`slots:${name}`];
  const held = new Set<string>();
  let renewing: Promise<void> | undefined;
  const own = createBulkhead({
    ...queue,
    clock,
    parallel: {
      current: () => (state.isUp() ? parallel : Math.max(1, Math.floor(parallel * state.share()))),
      learn: () => undefined,
    },
  });

  /** Gives the place that it has taken, or undefined while the server is away: then the own bound is the only one. */
  async function takePlace({ signal, deadline }: WaitOptions): Promise<string | undefined> {
    const place = ids.next();
    const signals = [signal, deadline?.signal].filter((each) => each !== undefined);
    const either = AbortSignal.any(signals);
    while (state.isUp()) {
      const taken = await state.run(TAKE, key, [parallel, leaseMs, place]).catch(() => undefined);
      if (taken === undefined) return undefined;
      if (taken === 1) {
        held.add(place);
        renewing ??= renew();
        return place;
      }
      await clock.sleep(LOOK_MS, either);
    }
    return undefined;
  }

  async function renew(): Promise<void> {
    while (held.size > 0) {
      await clock.sleep(leaseMs / 3);
      if (held.size > 0 && state.isUp()) await state.run(RENEW, key, [leaseMs, ...held]).catch(() => undefined);
    }
    renewing = undefined;
  }

  async function leave(place: string): Promise<void> {
    held.delete(place);
    // Where the server does not hear it, the place ends by itself.
    if (state.isUp()) await state.run(LEAVE, key, [place]).catch(() => undefined);
  }

  return {
    run: (work, waiting = {}) =>
      own.run(async () => {
        const place = await takePlace(waiting);
        try {
          return await work();
        } finally {
          if (place !== undefined) await leave(place);
        }
      }, waiting),
    stats: () => own.stats(),
  };
}
