import type { Clock } from "../core/clock.ts";
import type { EntryMeta, StoredEntry } from "./contract.ts";
import { expireNow } from "./entry.ts";
import type { Invalidations } from "./invalidation.ts";
import type { Found, LowerLevels } from "./lower-levels.ts";
import type { ResolvedPolicy } from "./policies.ts";
import type { UpperLevel } from "./upper-level.ts";

/** Reads the levels below memory. */
export interface Reading {
  /** What may be served, stale or an error included. Fills the levels above with what is left of its life. */
  read(key: string, policy: ResolvedPolicy, signal?: AbortSignal): Promise<Found | undefined>;
  /** The same without filling anything. */
  look(key: string, policy: ResolvedPolicy): Promise<Found | undefined>;
}

export interface ReadingOptions {
  readonly upper: UpperLevel;
  readonly lower: LowerLevels;
  /** Which level below memory is asked first. */
  readonly first: string | undefined;
  readonly invalidations: Invalidations;
  readonly clock: Clock;
}

export function createReading({ upper, lower, first, invalidations, clock }: ReadingOptions): Reading {
  /** The meta data as they stand now; undefined: it is dead. */
  function accept(entry: StoredEntry): EntryMeta | undefined {
    const now = clock.now();
    if (now >= entry.meta.deadAt) return undefined;
    const verdict = invalidations.judge(entry.key, entry.meta);
    if (verdict === "evicted") return undefined;
    const meta = verdict === "expired" ? expireNow(entry.meta, now) : entry.meta;
    return now < meta.deadAt ? meta : undefined;
  }

  return {
    async read(key, policy, signal) {
      if (lower.isEmpty) return undefined;
      const found = await lower.read(key, policy, accept, signal);
      if (found === undefined) return undefined;
      upper.keep(key, found, policy);
      if (found.level !== first)
        lower.write({ key, meta: found.meta, payload: found.payload }, policy, clock.now(), found.level);
      return found;
    },
    look: (key, policy) => lower.read(key, policy, accept),
  };
}
