import type { Clock } from "../core/clock.ts";
import { toCached, type Answer } from "./answer.ts";
import type { Cached, CacheOptions, Factory } from "./cache.ts";
import type { MemoryRecord } from "./entry.ts";
import type { Flying } from "./flying.ts";
import type { Invalidations } from "./invalidation.ts";
import type { Policies, ResolvedPolicy } from "./policies.ts";
import type { Telemetry } from "./telemetry.ts";
import type { UpperLevel } from "./upper-level.ts";

export interface FetchingOptions {
  readonly policies: Policies;
  readonly upper: UpperLevel;
  readonly flying: Flying;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

export type Fetch = <V>(key: string, factory: Factory<V>, options?: CacheOptions) => Promise<Cached<V>>;

/** What memory has, else what is in flight, else a flight of one's own. */
export function createFetch({ policies, upper, flying, invalidations, telemetry, clock }: FetchingOptions): Fetch {
  function isWithin(meta: { readonly staleAt: number }, { staleWhileRevalidateMs }: ResolvedPolicy): boolean {
    return clock.now() < meta.staleAt + staleWhileRevalidateMs;
  }

  function tell<V>(key: string, answer: Answer, isJoined: boolean): Cached<V> {
    if (answer.source === "stale") telemetry.of(key).staleServed++;
    else if (answer.source !== "fresh") telemetry.hit(key, answer.source, false);
    return toCached<V>(answer, clock, isJoined);
  }

  return async <V>(key: string, factory: Factory<V>, given?: CacheOptions): Promise<Cached<V>> => {
    const signal = given?.signal;
    signal?.throwIfAborted();
    const policy = policies.resolve(given);
    const isVerified = !policy.isStrict || (await invalidations.sync(signal));
    const askedAt = invalidations.moment();
    for (;;) {
      const now = clock.now();
      const record = isVerified ? upper.find(key, now) : undefined;
      if (record !== undefined && now < record.freshUntil) {
        telemetry.memoryHit(record);
        return hitOf<V>(record, clock);
      }
      const running = isVerified ? flying.current(key) : undefined;
      const params = { factory, policy, tags: given?.tags ?? [], candidate: record, isForced: !isVerified };
      if (record !== undefined && !record.meta.isError && isWithin(record.meta, policy)) {
        if (running === undefined && now >= record.retryAt) flying.start(key, { ...params, isKept: true });
        telemetry.hit(key, "memory", true);
        return toCached<V>(answerOf(record, "stale"), clock);
      }
      const flight = running ?? flying.start(key, { ...params, isKept: false });
      const answer = await flying.join(flight, { signal, accepts: ({ meta }) => isWithin(meta, policy) });
      if (running === undefined) return tell<V>(key, answer, false);
      telemetry.of(key).joined++;
      // Invalidated after the flight began and before this caller asked: not for this caller.
      if (!invalidations.isOutdated(key, answer.meta.tags, flight.moment, askedAt)) return tell<V>(key, answer, true);
    }
  };
}

/** Throws the error that was kept in place of a value. */
function hitOf<V>(record: MemoryRecord, clock: Clock): Cached<V> {
  if (record.meta.isError) throw record.value as Error;
  return toCached<V>(answerOf(record, "memory"), clock);
}

function answerOf({ value, meta, mutation }: MemoryRecord, source: "memory" | "stale"): Answer {
  return { value, meta, source, mutation };
}
