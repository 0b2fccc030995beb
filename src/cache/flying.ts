import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Answer } from "./answer.ts";
import type { Factory } from "./cache.ts";
import type { Leases } from "./contract.ts";
import type { MemoryRecord } from "./entry.ts";
import type { Invalidations, Moment } from "./invalidation.ts";
import type { Found, LowerLevels } from "./lower-levels.ts";
import type { Make } from "./making.ts";
import type { ResolvedPolicy } from "./policies.ts";
import type { Reading } from "./reading.ts";
import { ALONE, flyShared, type HeldLease } from "./shared-flight.ts";
import { createFlights, type Flight, type JoinOptions } from "./single-flight.ts";
import type { Telemetry } from "./telemetry.ts";
import { runFor, waitFor, type Waiting } from "./waits.ts";

interface FlightExtra extends Pick<Waiting, "waitsFor"> {
  readonly moment: Moment;
  readonly tags: Set<string>;
  /** A newer value was stored meanwhile: what the flight brings is older. */
  isSuperseded: boolean;
  /** What is on the levels will not do: not for who asked first, or for one who joined. */
  isForced: boolean;
}
export type CacheFlight = Flight<Answer> & FlightExtra;

export interface FlyParams {
  readonly factory: Factory<unknown>;
  readonly policy: ResolvedPolicy;
  readonly tags: readonly string[];
  /** What memory has and is stale. */
  readonly candidate: MemoryRecord | undefined;
  readonly isForced: boolean;
  /** It goes on although nobody waits. */
  readonly isKept: boolean;
}

/** Values on their way: looked for below, made if need be, once for all who ask. */
export interface Flying {
  /** The flight of a key, unless something was invalidated since it began: later callers must not get what it brings. */
  current(key: string): CacheFlight | undefined;
  /** Starts one; one that may no longer be joined goes on for those who wait. */
  start(key: string, params: FlyParams): CacheFlight;
  /** Throws CACHE_CYCLE when the factory that asks would wait for itself. */
  join(flight: CacheFlight, options: JoinOptions<Answer>): Promise<Answer>;
  /** What is in flight under the key is older than what was just set: it will not be stored, nor joined. */
  supersede(key: string): void;
  /** Ends all; resolves when none is left. */
  close(reason: Error): Promise<void>;
}

export interface FlyingOptions {
  readonly reading: Reading;
  readonly lower: LowerLevels;
  readonly make: Make;
  readonly invalidations: Invalidations;
  /** Undefined: there is nothing that processes share. */
  readonly leases: Leases | undefined;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
}

export function createFlying(options: FlyingOptions): Flying {
  const { reading, lower, make, invalidations, leases, telemetry, clock, random } = options;
  const flights = createFlights<Answer, FlightExtra>();

  /** What began before `by`, or all when there is none, is older than what is stored now. */
  function supersede(key: string, by?: CacheFlight): void {
    for (const flight of flights.unended(key)) {
      if (flight === by) return;
      flight.isSuperseded = true;
      flights.forget(flight);
    }
  }

  function mayStore(flight: CacheFlight): boolean {
    if (flight.isSuperseded) return false;
    supersede(flight.key, flight);
    return true;
  }

  async function work(flight: CacheFlight, params: FlyParams): Promise<Answer> {
    const { factory, policy, isForced, isKept } = params;
    const { key, signal, tags, moment } = flight;
    const startedAt = clock.now();
    let stale = staleOf(params.candidate, policy);

    const find = async (): Promise<Answer | undefined> => {
      const found = await reading.read(key, policy, signal);
      if (found === undefined) return undefined;
      const isFresh = clock.now() < found.meta.staleAt;
      if (isFresh && (!flight.isForced || found.meta.createdAt > startedAt)) return freshOf(found, policy);
      stale = staleOf(found, policy) ?? stale;
      return undefined;
    };
    const run = (lease: HeldLease): Promise<Answer> => {
      const fenced: Factory<unknown> = async (context) => {
        const value = await factory(context);
        await lease.confirm();
        return value;
      };
      return runFor(flight, () =>
        make({
          key,
          factory: lease === ALONE ? factory : fenced,
          policy,
          signal,
          tags,
          moment,
          stale: () => stale,
          mayStore: () => !lease.isOvertaken() && mayStore(flight),
        }),
      );
    };

    if (!isForced && !lower.isEmpty) {
      const found = await find();
      if (found !== undefined) return found;
      if (stale !== undefined && clock.now() < stale.meta.staleAt + policy.staleWhileRevalidateMs) flight.offer(stale);
    }
    if (!isKept && stale === undefined) telemetry.miss(key);
    if (!policy.isShared || leases === undefined) return await run(ALONE);
    return await flyShared({
      key,
      leases,
      clock,
      random,
      signal,
      leaseMs: policy.leaseMs,
      find,
      run,
      settle: () => lower.drain(),
      onError: (error) => telemetry.failed("lease", error, key),
    });
  }

  return {
    current(key) {
      const flight = flights.get(key);
      if (flight === undefined) return undefined;
      const { tags, moment, isSuperseded } = flight;
      if (!isSuperseded && !invalidations.isOutdated(key, tags, moment, invalidations.moment())) return flight;
      flights.forget(flight);
      return undefined;
    },
    start(key, params) {
      const left = flights.get(key);
      if (left !== undefined) flights.forget(left);
      const { tags } = params;
      const extra = {
        moment: invalidations.moment(),
        tags: new Set(tags),
        isSuperseded: false,
        isForced: params.isForced,
        waitsFor: new Set<never>(),
      };
      return flights.start(key, extra, (flight) => work(flight, params), params.isKept);
    },
    join(flight, joining) {
      // Who takes what is offered waits for nobody.
      if (flight.offered !== undefined && joining.accepts?.(flight.offered) === true)
        return flights.join(flight, joining);
      return waitFor(flight, () => flights.join(flight, joining));
    },
    supersede: (key) => supersede(key),
    async close(reason) {
      flights.abort(reason);
      await flights.settled();
    },
  };
}

/** Undefined: there is nothing, or an error, which nobody wants once it is old. */
function staleOf(entry: MemoryRecord | Found | undefined, { mutation }: ResolvedPolicy): Answer | undefined {
  if (entry === undefined || entry.meta.isError) return undefined;
  return { value: entry.value, meta: entry.meta, source: "stale", mutation };
}

/** Throws the error that was kept in place of a value. */
function freshOf({ value, meta, level }: Found, { mutation }: ResolvedPolicy): Answer {
  if (meta.isError) throw value as Error;
  return { value, meta, source: level, mutation };
}
