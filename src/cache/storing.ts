import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Codec, EntryMeta } from "./contract.ts";
import { expireNow, lifeOf } from "./entry.ts";
import type { Invalidations, Moment } from "./invalidation.ts";
import type { LowerLevels } from "./lower-levels.ts";
import type { ResolvedPolicy } from "./policies.ts";
import type { Reading } from "./reading.ts";
import type { Telemetry } from "./telemetry.ts";
import type { UpperLevel } from "./upper-level.ts";

/** A value that was made, and how it is to be kept. */
export interface StoreParams {
  readonly value: unknown;
  readonly policy: ResolvedPolicy;
  readonly tags: Iterable<string>;
  /** Taken before it was made. */
  readonly moment: Moment;
  /** Instead of the policy's, where its factory said so. */
  readonly ttlMs?: number | undefined;
  readonly isError: boolean;
  /** False: it is given to who waits, and not kept. */
  readonly isStored: boolean;
  /** True: throws INPUT_INVALID for a value that cannot be written down. Otherwise memory alone keeps it. */
  readonly mustEncode: boolean;
}

export interface StoringOptions {
  readonly upper: UpperLevel;
  readonly lower: LowerLevels;
  readonly reading: Reading;
  readonly codec: Codec;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
}

/** Stores on every level, unless an invalidation came meanwhile. Gives the meta data that the value has, stored or not. */
export type Store = (key: string, params: StoreParams) => EntryMeta;

export function createStore({
  upper,
  lower,
  reading,
  codec,
  invalidations,
  telemetry,
  clock,
  random,
}: StoringOptions): Store {
  function metaOf(now: number, { policy, tags, moment, ttlMs, isError }: StoreParams): EntryMeta {
    const life = lifeOf({
      now,
      ttlMs: isError ? policy.negativeTtlMs : (ttlMs ?? policy.ttlMs),
      graceMs: isError ? 0 : Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs),
      chance: policy.jitter === 0 ? 0 : random.next(),
      jitter: policy.jitter,
    });
    return { createdAt: now, ...life, tags: [...tags], position: moment.position, isError };
  }

  function remove(key: string): void {
    upper.delete(key);
    lower.remove({ kind: "key", key });
  }

  /** Undefined: there is no level that needs it, or it cannot be written down and the caller can do without. */
  function encode(key: string, value: unknown, isRequired: boolean): Uint8Array | undefined {
    if (lower.isEmpty) return undefined;
    try {
      return codec.encode(value);
    } catch (error) {
      if (isRequired) throw error;
      telemetry.failed("codec", error, key);
      lower.remove({ kind: "key", key });
      return undefined;
    }
  }

  return (key, params) => {
    const { value, policy, isStored, mustEncode } = params;
    const now = clock.now();
    const made = metaOf(now, params);
    const verdict = invalidations.judge(key, made);
    if (!isStored || verdict === "evicted") return made;
    const meta = verdict === "expired" ? expireNow(made, now) : made;
    reading.outdate(key);
    if (meta.deadAt <= now) {
      // A TTL of 0 is one: what was there is older than this, so it goes.
      remove(key);
      return meta;
    }
    const payload = encode(key, value, mustEncode);
    const inMemory = upper.keep(key, { value, meta }, policy);
    const bytes = payload?.byteLength ?? inMemory;
    if (payload !== undefined) lower.write({ key, meta, payload }, policy, now);
    telemetry.stored(key, bytes, now);
    return meta;
  };
}
