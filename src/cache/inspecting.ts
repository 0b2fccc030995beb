import type { Clock } from "../core/clock.ts";
import { mapParallel } from "../core/parallel.ts";
import type { EntryMeta } from "./contract.ts";
import { firstAfter } from "./key-order.ts";
import type { LowerLevels } from "./lower-levels.ts";
import { parsePattern } from "./pattern.ts";
import type { LevelName, ResolvedPolicy } from "./policies.ts";
import type { Reading } from "./reading.ts";
import type { UpperLevel } from "./upper-level.ts";

/** An entry as it stands, for people who look after a cache. */
export interface CacheEntry {
  readonly key: string;
  /** Where it is, uppermost first. */
  readonly levels: readonly LevelName[];
  readonly meta: EntryMeta;
  /** Encoded size, or an estimate. */
  readonly bytes: number;
  /** What was kept: with `meta.isError`, the error. Not to be changed. */
  readonly value: unknown;
}

export interface CacheEntries {
  /** In order of their keys. */
  readonly entries: readonly CacheEntry[];
  /** Give it as `after` for those that follow; undefined at the end. */
  readonly next: string | undefined;
}

export interface ListEntriesOptions {
  /** Default: from the first on. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Looks at entries without counting a hit or bringing them into memory. */
export interface Inspecting {
  entry(key: string): Promise<CacheEntry | undefined>;
  list(pattern: string, options: ListEntriesOptions): Promise<CacheEntries>;
}

export interface InspectingOptions {
  readonly upper: UpperLevel;
  readonly lower: LowerLevels;
  readonly reading: Reading;
  /** To look on every level, whatever a policy says. */
  readonly policy: ResolvedPolicy;
  readonly clock: Clock;
}

const PARALLEL = 20;

export function createInspecting({ upper, lower, reading, policy, clock }: InspectingOptions): Inspecting {
  async function entry(key: string): Promise<CacheEntry | undefined> {
    const above = upper.find(key, clock.now());
    const below = await reading.look(key, { ...policy, levels: {} });
    const best = above ?? below;
    if (best === undefined) return undefined;
    const levels: LevelName[] = above === undefined ? [] : ["memory"];
    if (below !== undefined) {
      levels.push(below.level);
      const further = await reading.look(key, { ...policy, levels: { [below.level]: false } });
      if (further !== undefined) levels.push(further.level);
    }
    return { key, levels, meta: best.meta, bytes: below?.bytes ?? best.bytes, value: best.value };
  }

  /** Of each level the first ones, so the first ones of all are among them. */
  async function keysAfter(pattern: string, after: string, limit: number): Promise<readonly string[]> {
    const wanted = parsePattern(pattern);
    const above = upper.keys().filter((key) => wanted.matches(key));
    return firstAfter(new Set([...above, ...(await lower.keys(pattern, limit, after))]), after, limit);
  }

  return {
    entry,
    async list(pattern, { after = "", limit }) {
      const entries: CacheEntry[] = [];
      // One more than wanted tells whether there is a next page; what is dead is passed over.
      for (let from = after; entries.length <= limit;) {
        const keys = await keysAfter(pattern, from, limit + 1);
        const outcomes = await mapParallel(keys, entry, { parallel: PARALLEL });
        entries.push(...outcomes.flatMap((each) => (each.status === "fulfilled" ? (each.value ?? []) : [])));
        const last = keys.at(-1);
        if (keys.length <= limit || last === undefined) break;
        from = last;
      }
      const page = entries.slice(0, limit);
      return { entries: page, next: entries.length > limit ? page.at(-1)?.key : undefined };
    },
  };
}
