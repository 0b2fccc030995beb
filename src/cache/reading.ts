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
  /** Something was stored or removed under the key: a read that is under way would bring what is older, so it begins anew. */
  outdate(key: string): void;
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
    const verdict = invalidations.judge(entry.key, entry.meta);
    if (verdict === "evicted") return undefined;
    const meta = verdict === "expired" ? expireNow(entry.meta, now) : entry.meta;
    return now < meta.deadAt ? meta : undefined;
  }

  /** Keys that are being read. */
  const underWay = new Map<string, { readers: number; writes: number }>();

  /** The first entry that may live, as of a moment when nothing was being written under the key. */
  async function readLatest(key: string, policy: ResolvedPolicy, signal?: AbortSignal): Promise<Found | undefined> {
    const state = underWay.get(key) ?? { readers: 0, writes: 0 };
    underWay.set(key, state);
    state.readers++;
    try {
      for (;;) {
        const { writes } = state;
        const found = await lower.read(key, policy, accept, signal);
        if (state.writes === writes) return found;
      }
    } finally {
      state.readers--;
      if (state.readers === 0) underWay.delete(key);
    }
  }

  return {
    async read(key, policy, signal) {
      if (lower.isEmpty) return undefined;
      const found = await readLatest(key, policy, signal);
      if (found === undefined) return undefined;
      upper.keep(key, found, policy);
      if (found.level !== first)
        lower.write({ key, meta: found.meta, payload: found.payload }, policy, clock.now(), found.level);
      return found;
    },
    look: (key, policy) => lower.read(key, policy, accept),
    outdate(key) {
      const state = underWay.get(key);
      if (state !== undefined) state.writes++;
    },
  };
}
